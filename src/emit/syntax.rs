//! How options stand in a server's files, to read them back.

use serde::{Deserialize, Serialize};

/// One way to write options.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Syntax {
    /// `key = value`; `#` and `;` begin a comment, `[…]` a section
    Assignments,
    /// `key value …`, perhaps ending in `;` or `{`; `#` begins a comment, `<…>` a section
    Directives,
    /// `PREFIX_GROUP__KEY=value`, which means `group.key`
    Environment,
    /// `--key value` or `-key value`
    Flags,
    /// The members of one JSON object
    Json,
}

/// An option as it was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// From 1
    pub line: usize,
    /// The option
    pub name: String,
    /// What follows it; empty where nothing does
    pub value: String,
}

impl Syntax {
    /// Reads the options out of a text.
    #[must_use]
    pub fn options(self, text: &str) -> Vec<Found> {
        let lines = text.lines().zip(1..);
        match self {
            Self::Assignments => lines.filter_map(assignment).collect(),
            Self::Directives => lines.filter_map(directive).collect(),
            Self::Environment => lines.filter_map(variable).collect(),
            Self::Flags => lines.flat_map(flags).collect(),
            Self::Json => members(text),
        }
    }
}

fn assignment((line, number): (&str, usize)) -> Option<Found> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', ';', '[']) {
        return None;
    }
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    Some(found(number, name, value))
}

fn directive((line, number): (&str, usize)) -> Option<Found> {
    let line = line.trim().trim_end_matches([';', '{']).trim_end();
    if line.is_empty() || line.starts_with(['#', '<', '}', '.']) {
        return None;
    }
    let (name, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    Some(found(number, name, value))
}

fn variable(line: (&str, usize)) -> Option<Found> {
    let mut found = assignment(line)?;
    let (_prefix, name) = found.name.split_once('_')?;
    found.name = name.replace("__", ".").to_lowercase();
    Some(found)
}

fn flags((line, number): (&str, usize)) -> Vec<Found> {
    if line.trim_start().starts_with('#') {
        return Vec::new();
    }
    let words: Vec<_> = line
        .split_whitespace()
        .filter(|word| *word != "\\")
        .collect();
    let name = |word: &str| {
        let name = word.trim_start_matches('-');
        (word.starts_with('-') && !name.is_empty()).then(|| name.to_owned())
    };
    let next = |index: usize| words.get(index + 1).filter(|word| name(word).is_none());
    let options = words.iter().enumerate().filter_map(|(index, word)| {
        let value = next(index).copied().unwrap_or_default();
        Some(found(number, &name(word)?, value))
    });
    options.collect()
}

fn members(text: &str) -> Vec<Found> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).unwrap_or_default();
    let member = |(name, value): (String, serde_json::Value)| found(1, &name, &value.to_string());
    object.into_iter().map(member).collect()
}

fn found(line: usize, name: &str, value: &str) -> Found {
    Found {
        line,
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        for (syntax, text, expected) in [
            (
                Syntax::Assignments,
                "# c\n[s]\nkey = a=b\nflag\n",
                vec![(3, "key", "a=b"), (4, "flag", "")],
            ),
            (
                Syntax::Directives,
                "server {\n  key a b;\n}\n<x>\n",
                vec![(1, "server", ""), (2, "key", "a b")],
            ),
            (
                Syntax::Environment,
                "APP_GROUP__MY_KEY=1\n",
                vec![(1, "group.my_key", "1")],
            ),
            (
                Syntax::Flags,
                "run --on --key v \\\n# --no\n- -x\n",
                vec![(1, "on", ""), (1, "key", "v"), (3, "x", "")],
            ),
            (Syntax::Json, "{\"a\": 1}", vec![(1, "a", "1")]),
        ] {
            let found = syntax.options(text);
            let found: Vec<_> = found
                .iter()
                .map(|it| (it.line, &*it.name, &*it.value))
                .collect();
            assert_eq!(found, expected, "{syntax:?}");
        }
    }
}
