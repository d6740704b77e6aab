//! Nested keys of one YAML document: what stands below `a:` as `b:` is called `a.b`. Lists are words with commas
//! between, and items as well. Of a key that
//! stands there twice the last counts, with all that is below it.

use std::collections::HashMap;

use super::{Found, Position, found, source::Source};
use crate::emit::yaml::{Node, documents};

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let (mut options, mut twins) = (Vec::new(), Vec::new());
    match documents(source.text().text) {
        Ok(documents) => {
            for document in &documents {
                gather(document, "", &mut options, &mut twins);
            }
        }
        Err(error) => source.blame(at(error.line), "it is no YAML"),
    }
    if source.is_unique() {
        for line in twins {
            source.blame(
                at(line),
                "the key stands there twice, which the server refuses",
            );
        }
    }
    options
}

/// The options below a node of this name; `twins` are the lines of keys that stand there once more.
fn gather(node: &Node, outer: &str, options: &mut Vec<Found>, twins: &mut Vec<usize>) {
    let mut last = HashMap::new();
    for (index, (key, _)) in node.pairs().enumerate() {
        let before = last.insert(key.text(), index);
        twins.extend(before.map(|_| key.line));
    }
    let pairs = node.pairs().enumerate();
    let counts = pairs.filter(|(index, (key, _))| last.get(&key.text()) == Some(index));
    for (_, (key, value)) in counts {
        let name = format!("{outer}{}", key.text().unwrap_or_default());
        if value.pairs().next().is_some() {
            gather(value, &format!("{name}."), options, twins);
            continue;
        }
        let items: Vec<_> = value.items().filter_map(|item| item.text()).collect();
        let value = value.text().map_or(items.join(","), str::to_owned);
        options.push(Found {
            items: items.into_iter().map(str::to_owned).collect(),
            ..found(at(key.line), &name, &value)
        });
    }
}

fn at(line: usize) -> Position {
    Position {
        line,
        ..Position::START
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_joined() {
        let found = |text: &str| -> Vec<_> {
            let options = options(&mut Source::alone(text)).into_iter();
            options
                .map(|it| (it.position.line, it.name, it.value))
                .collect()
        };
        let text = "# c\na: 'x'\nb:\n  c: true # d\n  e: [f, g]\nh:\n- i\nj: ~\n";
        let expected = [
            (2, "a", "x"),
            (4, "b.c", "true"),
            (5, "b.e", "f,g"),
            (6, "h", "i"),
            (8, "j", "~"),
        ];
        let expected = expected.map(|(line, name, value)| (line, name.into(), value.into()));
        assert_eq!(found(text), expected);
        let all = options(&mut Source::alone("a: [f, 'g,h']\nb: x\n"));
        assert_eq!((all[0].items.len(), &*all[0].items[1]), (2, "g,h"));
        assert!(all[1].items.is_empty());
        let twice = found("a:\n  b: x\n  c: y\na:\n  b: z\n");
        assert_eq!(twice, [(5, "a.b".into(), "z".into())]);
        assert_eq!(found("a: [\n"), []);
        assert_eq!(found("?\n"), [(1, String::new(), String::new())]);
    }
}
