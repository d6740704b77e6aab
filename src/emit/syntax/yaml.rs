//! Nested keys of one YAML document: what stands below `a:` as `b:` is called `a.b`. Lists are words with commas
//! between, and items as well. What a value without quotes is, is told as YAML 1.1 has it, by which `yes` and `on` are
//! truths: the libraries of servers do.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::{Found, Position, Shape, Type, found, source::Source};
use crate::emit::yaml::{Node, documents};

/// What becomes of a key that stands twice in one place.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Twins {
    /// The last counts, with all that is below it
    #[default]
    Last,
    /// The server refuses it
    Refused,
    /// What stands below both counts; the server refuses a value that is there twice
    Joined,
}

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let mut gathered = Gathered {
        has_merge_keys: source.terms().merge_keys,
        twins: source.terms().twins,
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
    for line in gathered.refused {
        source.blame(
            at(line),
            "the key stands there twice, which the server refuses",
        );
    }
    gathered.options
}

/// What is found below a node.
#[derive(Default)]
struct Gathered {
    has_merge_keys: bool,
    twins: Twins,
    options: Vec<Found>,
    /// Their names
    names: HashSet<String>,
    /// Lines of keys that stand there once more, where they must not
    refused: Vec<usize>,
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
            let is_refused = before.is_some() && self.twins == Twins::Refused;
            self.refused.extend(is_refused.then_some(key.line));
        }
        let pairs = all.iter().enumerate();
        let all_count = self.twins == Twins::Joined;
        let counts =
            pairs.filter(|(index, (key, _))| all_count || last.get(&key.text()) == Some(index));
        for (_, (key, value)) in counts {
            let name = format!("{outer}{}", key.text().unwrap_or_default());
            match value.pairs().next() {
                Some(_) => self.add(value, &format!("{name}.")),
                None => self.push(option(key, &name, value)),
            }
        }
    }

    fn push(&mut self, option: Found) {
        let is_twin = !self.names.insert(option.name.clone());
        let is_refused = is_twin && self.twins == Twins::Joined;
        self.refused
            .extend(is_refused.then_some(option.position.line));
        self.options.push(option);
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

/// What a value is; of an empty list, and of what may be a truth or not, nothing is said.
fn shape(value: &Node) -> Shape {
    match value.text() {
        None if value.items().next().is_some() => Shape::Is(Type::List),
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
    use std::path::Path;

    use super::*;
    use crate::emit::{
        NoFiles,
        syntax::{Document, Terms},
    };

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
        let terms = Terms {
            twins: Twins::Joined,
            ..Terms::default()
        };
        let document = Document {
            path: Path::new(""),
            text: "a:\n  b: x\nc: 1\na:\n  d: y\n  b: z\n",
            files: &NoFiles,
        };
        let mut source = Source::new(document, terms);
        let names: Vec<_> = options(&mut source).into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["a.b", "c", "a.d", "a.b"]);
        let (_, _, blunders, _) = source.finish();
        let lines: Vec<_> = blunders.iter().map(|it| it.position.line).collect();
        assert_eq!(lines, [6]);
        assert_eq!(found("a: [\n"), []);
        assert_eq!(found("?\n"), [(1, String::new(), String::new())]);
    }
}
