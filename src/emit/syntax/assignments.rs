//! `key = value` lines, perhaps below `[…]`. Of some sections all of one name are one.

use serde::Deserialize;

use super::{Found, Merge, Position, Section, Shape, Source, Text, found, is_space, of_words};

/// How sections begin.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headings {
    /// The only ones that are read; any where it says nothing
    #[serde(default)]
    pub names: Vec<String>,
    /// Whether others are passed over, and no mistake
    #[serde(default)]
    passes_over: bool,
    /// What may stand behind the `]`
    #[serde(default)]
    behind: Behind,
}

/// What may stand behind the `]` of a heading.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Behind {
    /// Nothing: it ends the line
    #[default]
    Nothing,
    /// What may stand on a line of its own; the name ends at the first `]`
    Line,
    /// Anything, which is not read
    Anything,
}

impl Headings {
    /// The name in what stands behind `[` and what is still to be read, or why no section begins there.
    fn name<'t>(&self, rest: &'t str) -> Result<(&'t str, &'t str), &'static str> {
        let end = match self.behind {
            Behind::Line => rest.find(']'),
            Behind::Nothing | Behind::Anything => rest.rfind(']'),
        };
        let end = end.ok_or("`[` has no `]` behind it")?;
        let (name, behind) = (&rest[..end], rest[end + 1..].trim_ascii_start());
        let is_open = self.names.is_empty() || self.passes_over;
        if !is_open && self.names.iter().all(|it| it != name) {
            return Err("there is no such section");
        }
        match (self.behind, behind) {
            (Behind::Anything, _) => Ok((name, "")),
            (Behind::Nothing, "") | (Behind::Line, _) => Ok((name, behind)),
            (Behind::Nothing, _) => Err("something stands behind `]`"),
        }
    }
}

/// What begins a comment.
const COMMENTS: [char; 2] = ['#', ';'];

/// What was read, and where the lines that follow belong.
struct Read {
    sections: Vec<Section>,
    place: usize,
}

pub(super) fn sections(source: &mut Source<'_>) -> Vec<Section> {
    let mut all = Read {
        sections: vec![Section::new(Position::START, String::new(), None)],
        place: 0,
    };
    let text = source.text();
    read(source, text, &mut all);
    all.sections[0].has_others = all.sections.len() > 1;
    all.sections
}

fn read(source: &mut Source<'_>, text: Text<'_>, all: &mut Read) {
    for (position, line) in text.lines() {
        read_line(source, position, line.trim_ascii(), all);
    }
}

fn read_line(source: &mut Source<'_>, position: Position, line: &str, all: &mut Read) {
    let mut left = line;
    while let Some(rest) = left.strip_prefix('[') {
        let headings = source.terms().headings;
        match headings.map_or(Err("no section begins in it"), |it| it.name(rest)) {
            Ok((name, behind)) => {
                all.begin(source.terms().merges, position, name);
                left = behind;
            }
            Err(why) => return source.blame(position, why),
        }
    }
    if let Some(option) = assignment(position, left) {
        source.follow(&option, &mut |source, text| read(source, text, all));
        all.sections[all.place].options.push(option);
    }
}

impl Read {
    fn begin(&mut self, merges: &[Merge], position: Position, name: &str) {
        let is_one = merges.iter().any(|merge| merge.holds(name, None));
        let mut before = self.sections.iter();
        let same = before.position(|section| is_one && section.name == name);
        self.place = same.unwrap_or_else(|| {
            // What stands before the first section holds in all of them.
            let section = Section::new(position, name.to_owned(), Some(0));
            self.sections.push(section);
            self.sections.len() - 1
        });
    }
}

pub(super) fn assignment(position: Position, line: &str) -> Option<Found> {
    if line.is_empty() || line.starts_with(COMMENTS) {
        return None;
    }
    // As in `%include FILE`, whatever the file is called.
    let command = line.split_once(is_space);
    if let Some((name, value)) = command.filter(|_| line.starts_with('%')) {
        return Some(found(position, name, value));
    }
    let Some((name, value)) = line.split_once('=') else {
        return Some(of_words(position, line, &[]));
    };
    let mut option = found(position, name, value);
    if option.value.is_empty() {
        option.shape = Shape::Words {
            count: 0,
            comment: false,
        };
    }
    Some(option)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::syntax::{Terms, source::shown};

    #[test]
    fn sections_begin_as_the_server_has_them() {
        let headings = |names: &[&str], behind| {
            let names = names.iter().map(ToString::to_string).collect();
            let passes_over = false;
            Some(Headings {
                names,
                passes_over,
                behind,
            })
        };
        let any = headings(&[], Behind::Nothing);
        let lined = headings(&["a", "b"], Behind::Line);
        let loose = headings(&[], Behind::Anything);
        for (headings, text, expected, blunders) in [
            (&None, "x=1\n", ": x=1", 0),
            (&None, "[a]\nx=1\n", ": x=1", 1),
            (
                &any,
                "[a]\nx=1\n[ b ]\n[]\n[c]]\n",
                ": | a: x=1 |  b : | : | c]:",
                0,
            ),
            (&any, "[a\nx=1\n", ": x=1", 1),
            (&any, "[a] ; b\nx=1\n", ": x=1", 1),
            (&lined, "[a] ; b\nx=1\n[b]# c]\n", ": | a: x=1 | b:", 0),
            (&lined, "[a] [b] x=1\n[a]]\n", ": | a: | b: x=1 | a: ]=", 0),
            (&lined, "[a\n[ a ]\n[c]\n[[a]\n[]\nx=1\n", ": x=1", 5),
            (&loose, "[a] b\n[a]]\n", ": | a: | a]:", 0),
            (&loose, "[a\n", ":", 1),
        ] {
            let terms = Terms {
                headings: headings.as_ref(),
                ..Terms::default()
            };
            let (found, count) = shown(terms, text, sections);
            assert_eq!((&*found, count), (expected, blunders), "{text}");
        }
    }
}
