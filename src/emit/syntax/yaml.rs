//! Nested keys of one YAML document: what stands below `a:` as `b:` is called `a.b`. Lists are words with commas
//! between, and items as well. Of a key that stands there twice the last counts, with all that is below it. What a
//! value without quotes is, is told as YAML 1.1 has it, by which `yes` and `on` are truths: the libraries of servers do.

use std::collections::HashMap;

use super::{Found, Position, Shape, Type, found, source::Source};
use crate::emit::yaml::{Node, documents};

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let mut gathered = Gathered {
        has_merge_keys: source.terms().merge_keys,
        ..Gathered::default()
    };
    match documents(source.text().text) {
        Ok(documents) => {
            for document in &documents {
                gathered.add(document, "");
            }
        }
        Err(error) => source.blame(at(error.line), "it is no YAML"),
    }
    if source.terms().unique {
        for line in gathered.twins {
            source.blame(
                at(line),
                "the key stands there twice, which the server refuses",
            );
        }
    }
    gathered.options
}

/// What is found below a node.
#[derive(Default)]
struct Gathered {
    has_merge_keys: bool,
    options: Vec<Found>,
    /// Lines of keys that stand there once more
    twins: Vec<usize>,
}

impl Gathered {
    /// Takes the options below a node of this name.
    fn add(&mut self, node: &Node, outer: &str) {
        let all = match self.has_merge_keys {
            true => node.merged(),
            false => node.pairs().collect(),
        };
        let mut last = HashMap::new();
        for (index, (key, _)) in all.iter().enumerate() {
            let before = last.insert(key.text(), index);
            self.twins.extend(before.map(|_| key.line));
        }
        let pairs = all.iter().enumerate();
        let counts = pairs.filter(|(index, (key, _))| last.get(&key.text()) == Some(index));
        for (_, (key, value)) in counts {
            let name = format!("{outer}{}", key.text().unwrap_or_default());
            match value.pairs().next() {
                Some(_) => self.add(value, &format!("{name}.")),
                None => self.options.push(option(key, &name, value)),
            }
        }
    }
}

fn option(key: &Node, name: &str, value: &Node) -> Found {
    let items: Vec<_> = value.items().filter_map(|item| item.text()).collect();
    let text = value.text().map_or(items.join(","), str::to_owned);
    Found {
        items: items.into_iter().map(str::to_owned).collect(),
        shape: shape(value),
        ..found(at(key.line), name, &text)
    }
}

/// What a text is; of lists, and of what may be a truth or not, nothing is said.
fn shape(value: &Node) -> Shape {
    match value.text() {
        None => Shape::Any,
        Some(text) if value.is_plain() => plain(text),
        Some(_) => Shape::Is(Type::Text),
    }
}

/// What a text without quotes is (YAML 1.1, bool, float, int and null).
fn plain(text: &str) -> Shape {
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    match text.to_ascii_lowercase().as_str() {
        "" | "~" | "null" | "y" | "n" => Shape::Any,
        "true" | "false" | "yes" | "no" | "on" | "off" => Shape::Is(Type::Bool),
        _ if is_digits(bare) => Shape::Is(Type::Number),
        _ if bare.starts_with(|it: char| it == '.' || it.is_ascii_digit()) => {
            // Bases, exponents, dates, and texts that only begin so.
            Shape::Any
        }
        _ => Shape::Is(Type::Text),
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
