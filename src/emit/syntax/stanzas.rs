//! `name value` lines, of which some begin a stanza: the lines of some others belong to the last such, wherever they
//! stand behind it, and all others are for the whole server (`config__read_file_core` in Mosquitto's `src/conf.c`).

use std::collections::HashMap;

use serde::Deserialize;

use super::{Found, Position, Section, Shape, Source, Text, found};

/// Which lines belong to the last that began so.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stanza {
    /// The name of the line that begins one
    pub begins: String,
    /// The names of the lines that belong to it; `*` at the end stands for anything
    pub options: Vec<String>,
    /// Only where this option was true before
    pub when: Option<String>,
}

/// What was read, and what counts for the lines that follow.
struct Read {
    sections: Vec<Section>,
    /// The last stanza of each kind
    open: HashMap<String, usize>,
    /// Options that were true
    on: Vec<String>,
}

pub(super) fn sections(source: &mut Source<'_>) -> Vec<Section> {
    let mut all = Read {
        sections: vec![Section::new(Position::START, String::new(), None)],
        open: HashMap::new(),
        on: Vec::new(),
    };
    let text = source.text();
    read(source, text, &mut all);
    all.sections[0].has_others = all.sections.len() > 1;
    all.sections
}

fn read(source: &mut Source<'_>, text: Text<'_>, all: &mut Read) {
    for (position, line) in text.lines() {
        let line = line.trim_ascii_end();
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let line = line.trim_start_matches(' ');
        if line.starts_with('#') {
            source.blame(position, "a comment begins at the beginning of a line only");
            continue;
        }
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        if name.contains('\t') {
            source.blame(position, "a tab is a part of a name here: blanks separate");
        }
        let option = Found {
            shape: Shape::Words {
                count: value.split_ascii_whitespace().count(),
                comment: false,
            },
            ..found(position, name, value)
        };
        all.add(source.terms().stanzas, option.clone());
        source.follow(&option, &mut |source, text| read(source, text, all));
    }
}

impl Read {
    /// Puts an option where it belongs.
    fn add(&mut self, stanzas: &[Stanza], mut option: Found) {
        let place = match stanzas.iter().find(|it| it.begins == option.name) {
            Some(stanza) => {
                let words: Vec<_> = option.value.split_ascii_whitespace().collect();
                option.value = words.join(" ");
                self.begin(stanza, &option)
            }
            None => match stanzas.iter().find(|it| self.takes(it, &option.name)) {
                // What stands before the first is for one that nothing begins.
                Some(stanza) => match self.open.get(&stanza.begins) {
                    Some(&place) => place,
                    None => self.begin(stanza, &option),
                },
                None => 0,
            },
        };
        if ["true", "1"].contains(&&*option.value) {
            self.on.push(option.name.clone());
        }
        self.sections[place].options.push(option);
    }

    fn begin(&mut self, stanza: &Stanza, first: &Found) -> usize {
        let name = stanza.begins.clone();
        self.sections
            .push(Section::new(first.position, name.clone(), Some(0)));
        let place = self.sections.len() - 1;
        self.open.insert(name, place);
        place
    }

    /// Whether an option belongs to such a stanza.
    fn takes(&self, stanza: &Stanza, name: &str) -> bool {
        let is_on = |option: &String| self.on.contains(option);
        let is_named = |option: &String| match option.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => option == name,
        };
        stanza.when.as_ref().is_none_or(is_on) && stanza.options.iter().any(is_named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::syntax::{Terms, source::shown};

    #[test]
    fn lines_belong_to_the_last_of_their_kind() {
        let stanza = |begins: &str, options: &[&str], when: Option<&str>| Stanza {
            begins: begins.to_owned(),
            options: options.iter().map(|&it| it.to_owned()).collect(),
            when: when.map(str::to_owned),
        };
        let stanzas = [
            stanza("listen", &["cert"], None),
            stanza("listen", &["open"], Some("each")),
            stanza("dial", &["dial_*"], None),
        ];
        for (text, expected, blunders) in [
            ("", ":", 0),
            (
                "open 1\nlisten  1   a \ncert b c\n",
                ": open=1 | listen: listen=1 a cert=b c",
                0,
            ),
            ("listen 1\nopen 1\n", ": open=1 | listen: listen=1", 0),
            (
                "each true\nlisten 1\nopen 1\n",
                ": each=true | listen: listen=1 open=1",
                0,
            ),
            (
                "each false\nlisten 1\nopen 1\n",
                ": each=false open=1 | listen: listen=1",
                0,
            ),
            (
                "cert a\nlisten 1\n",
                ": | listen: cert=a | listen: listen=1",
                0,
            ),
            (
                "listen 1\ndial a\ncert b\ndial_x c\nlisten 2\ndial_y d\ncert e\n",
                ": | listen: listen=1 cert=b | dial: dial=a dial_x=c dial_y=d | listen: listen=2 cert=e",
                0,
            ),
            ("dial_x a\n", ": | dial: dial_x=a", 0),
            ("# c\n#d\n  x y # z\n", ": x=y # z", 0),
            (" # c\nx\ty\nx \t y\n", ": x\ty= x=y", 2),
        ] {
            let terms = Terms {
                stanzas: &stanzas,
                ..Terms::default()
            };
            let (found, count) = shown(terms, text, sections);
            assert_eq!((&*found, count), (expected, blunders), "{text}");
        }
    }
}
