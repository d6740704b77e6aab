//! `name = value` lines below `[group]`, as MySQL's descendants read them: a program reads several groups as if they
//! were one, `#` begins a comment outside of quotes, and a backslash takes away meaning (`mysys/my_default.c`).

use std::{collections::HashMap, str::Chars};

use serde::Deserialize;

use super::{Found, Position, Section, Shape, Source, Terms, Text, found, is_space};
use crate::emit::version::Version;

/// Groups that are read as if they were one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// What they are together
    pub name: String,
    /// The groups, in whatever case; `*` at the end stands for the version that reads them, as in `10.11`
    pub groups: Vec<String>,
}

/// What was read, and where the lines that follow belong.
#[derive(Default)]
struct Read {
    sections: Vec<Section>,
    known: HashMap<String, usize>,
    /// Where the lines that follow belong; one group may be read by several programs
    places: Vec<usize>,
}

pub(super) fn sections(source: &mut Source<'_>) -> Vec<Section> {
    let mut all = Read::default();
    let text = source.text();
    read(source, text, &mut all);
    all.sections
}

fn read(source: &mut Source<'_>, text: Text<'_>, all: &mut Read) {
    for (position, line) in text.lines() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(command) = line.strip_prefix('!') {
            let (name, path) = command.split_once(is_space).unwrap_or((command, ""));
            let option = found(position, &format!("!{name}"), path);
            // What is included begins without a group.
            let places = std::mem::take(&mut all.places);
            source.follow(&option, &mut |source, text| read(source, text, all));
            all.places = places;
        } else if let Some(rest) = line.strip_prefix('[') {
            let Some((group, _)) = rest.split_once(']') else {
                source.blame(position, "`[` has no `]` behind it");
                continue;
            };
            // Blanks before the name are part of it.
            all.begin(source, position, group.trim_ascii_end());
        } else if all.places.is_empty() {
            source.blame(position, "no group stands above it");
        } else {
            for &place in &all.places {
                all.sections[place].options.push(option(position, line));
            }
        }
    }
}

impl Merge {
    /// Whether a group is among them: where nobody says which version it is, those of all are.
    pub(super) fn holds(&self, group: &str, version: Option<&Version>) -> bool {
        let group = group.to_lowercase();
        let is_version = |text: &str| match version {
            Some(version) => version.is_in_series(text),
            None => text.parse::<Version>().is_ok(),
        };
        let is_group = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => group.strip_prefix(beginning).is_some_and(is_version),
            None => *pattern == group,
        };
        self.groups.iter().any(is_group)
    }

    /// Whether a group is among them whatever the version is.
    fn names(&self, group: &str) -> bool {
        self.groups.iter().any(|it| it.eq_ignore_ascii_case(group))
    }
}

impl Read {
    fn begin(&mut self, source: &mut Source<'_>, position: Position, group: &str) {
        let Terms {
            merges, version, ..
        } = source.terms();
        let holding = merges.iter().filter(|merge| merge.holds(group, version));
        let mut names: Vec<_> = holding.map(|merge| &*merge.name).collect();
        let is_named = merges.iter().any(|merge| merge.names(group));
        if version.is_none() && !names.is_empty() && !is_named {
            source.doubt(position);
        }
        if names.is_empty() {
            names.push(group);
        }
        self.places = (names.into_iter())
            .map(|name| self.place(name, position))
            .collect();
    }

    fn place(&mut self, name: &str, position: Position) -> usize {
        let sections = &mut self.sections;
        *self.known.entry(name.to_owned()).or_insert_with(|| {
            sections.push(Section::of(name.to_owned(), position));
            sections.len() - 1
        })
    }
}

fn option(position: Position, line: &str) -> Found {
    let line = without_comment(line);
    match line.split_once('=') {
        // That is a value, other than where the name stands alone.
        Some((name, value)) if value.trim_ascii().is_empty() => Found {
            shape: Shape::Empty,
            ..found(position, name, "")
        },
        Some((name, value)) => found(position, name, &unquoted(value.trim_ascii())),
        None => found(position, line, ""),
    }
}

/// The line up to a `#` that stands in no quotes.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut escape) = (None, false);
    for (index, character) in line.char_indices() {
        match (character, quote) {
            ('#', None) => return line[..index].trim_ascii_end(),
            ('\'' | '"', _) if escape => {}
            ('\'' | '"', None) => quote = Some(character),
            (_, Some(open)) if open == character => quote = None,
            _ => {}
        }
        escape = quote.is_some() && character == '\\' && !escape;
    }
    line
}

/// The value without the quotes around it, and with what its backslashes stand for.
fn unquoted(value: &str) -> String {
    let quoted = ['"', '\''].iter().find_map(|&quote| {
        let inner = value.strip_prefix(quote)?;
        inner.strip_suffix(quote)
    });
    let mut text = String::new();
    let mut rest = quoted.unwrap_or(value).chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => escaped(&mut rest, &mut text),
            _ => text.push(character),
        }
    }
    text
}

fn escaped(rest: &mut Chars<'_>, text: &mut String) {
    match rest.next() {
        Some('n') => text.push('\n'),
        Some('t') => text.push('\t'),
        Some('r') => text.push('\r'),
        Some('b') => text.push('\u{8}'),
        Some('s') => text.push(' '),
        Some(character @ ('"' | '\'' | '\\')) => text.push(character),
        Some(other) => text.extend(['\\', other]),
        None => text.push('\\'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::syntax::{Terms, source::shown};

    #[test]
    fn groups_are_read_as_one() {
        let merge = |name: &str, groups: &[&str]| Merge {
            name: name.into(),
            groups: groups.iter().map(ToString::to_string).collect(),
        };
        let merges = [
            merge("server", &["a", "b-*", "both"]),
            merge("client", &["both"]),
        ];
        for (text, expected, blunders) in [
            ("", "", 0),
            (
                "[a]\nx=1\n[c]\ny\n[b-1]\nz = 2 # c\n",
                "server: x=1 z=2 | c: y=",
                0,
            ),
            ("x=1\n[a\n[a]\n", "server:", 2),
            ("[ a]\nx=1\n[a ] y\nz=2\n", " a: x=1 | server: z=2", 0),
            (
                "[both]\nx=1\n[a]\ny=2\n",
                "server: x=1 y=2 | client: x=1",
                0,
            ),
            ("[a]\n; c\n# d\nx = 'e # f' # g\n", "server: x=e # f", 0),
            (
                "[a]\nx = \"a\\\"b\\\\c\\sd\"\ny = a\\qb\\\n",
                "server: x=a\"b\\c d y=a\\qb\\",
                0,
            ),
            ("[a]\nx='it''s'\n", "server: x=it''s", 0),
        ] {
            let terms = Terms {
                merges: &merges,
                ..Terms::default()
            };
            let (found, count) = shown(terms, text, sections);
            assert_eq!((&*found, count), (expected, blunders), "{text}");
        }
    }

    #[test]
    fn a_group_is_one_version_s() {
        let merge = Merge {
            name: String::from("server"),
            groups: ["a", "a-*"].map(String::from).to_vec(),
        };
        let version: Version = "10.6.3".parse().expect("it is one");
        for (group, known, unknown) in [
            ("A", true, true),
            ("a-10.6", true, true),
            ("A-10.11", false, true),
            ("a-10", false, true),
            ("a-b", false, false),
            ("a-", false, false),
        ] {
            let holds = [Some(&version), None].map(|version| merge.holds(group, version));
            assert_eq!(holds, [known, unknown], "{group}");
        }
    }
}
