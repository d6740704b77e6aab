//! What a server reads of the words behind its name, where it takes options as Go's `flag` package does: they end at
//! the first word that is none of them and no value of one. Others refuse such a word.

use std::ops::Range;

use serde::Deserialize;

use crate::emit::syntax::{Blunder, Position, item_lists, shell_words};

/// How a server is called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandLine {
    /// The name of its program
    pub program: String,
    /// How many words it takes behind its options
    #[serde(default)]
    pub operands: usize,
}

/// A word of a text, and where it stands.
type Word = (Position, String);

/// What of a text is no part of the command that it seems to belong to.
#[derive(Debug, Default)]
pub(in crate::emit) struct Misread {
    pub(in crate::emit) blunders: Vec<Blunder>,
    /// The lines that the server never sees
    pub(in crate::emit) unread: Range<usize>,
}

impl CommandLine {
    /// What of the command in a text the server does not take; nothing where its program is not called there.
    /// `has_value` says of an option whether a value follows it, where that is known.
    pub(in crate::emit) fn misread(
        &self,
        text: &str,
        has_value: impl Fn(&str) -> Option<bool>,
    ) -> Misread {
        let Some((words, behind)) = self.find(text) else {
            return Misread::default();
        };
        let stray = behind.first().map(|(position, _)| {
            let message =
                "an option behind the command's end: the line before does not end with `\\`";
            (*position, message)
        });
        let last = behind.last().map_or(0, |(position, _)| position.line + 1);
        let wrong = self.wrong(&words, has_value);
        let blunder = |(position, message)| Blunder { position, message };
        Misread {
            blunders: wrong.into_iter().chain(stray).map(blunder).collect(),
            unread: stray.map_or(0, |(position, _)| position.line)..last,
        }
    }

    fn wrong(
        &self,
        words: &[Word],
        has_value: impl Fn(&str) -> Option<bool>,
    ) -> Option<(Position, &'static str)> {
        let (_, mut rest) = words.split_first()?;
        // What a variable or a command stands for may be no word, or several.
        if rest.iter().any(|(_, word)| word.starts_with(['$', '`'])) {
            return None;
        }
        let is_blank = |word: &&Word| word.1.starts_with(char::is_whitespace);
        if let Some((position, _)) = rest.iter().find(is_blank) {
            return Some((
                *position,
                "a word begins with a blank, which has lost its meaning",
            ));
        }
        while let Some((option, behind)) = rest.split_first() {
            let Some(name) = option.1.strip_prefix('-').filter(|it| !it.is_empty()) else {
                break;
            };
            rest = behind;
            if name == "-" {
                break;
            }
            let name = name.strip_prefix('-').unwrap_or(name);
            if name.contains('=') {
                continue;
            }
            // Of one that nobody knows it is not known either whether it has a value.
            if has_value(name)? {
                let Some((_, behind)) = rest.split_first() else {
                    return Some((option.0, "its value is missing: the command ends there"));
                };
                rest = behind;
            }
        }
        let (position, _) = rest.get(self.operands)?;
        let message = "a word too many: it is no option, and no value of one";
        Some((*position, message))
    }

    /// The words of the first command that calls the program, from its name on, and those of the commands behind it
    /// that are none, as an option stands first in them.
    fn find(&self, text: &str) -> Option<(Vec<Word>, Vec<Word>)> {
        let mut commands = commands(text).into_iter().chain(item_lists(text));
        let called = commands.find_map(|mut words| {
            let start = words.iter().position(|(_, word)| self.is_called(word))?;
            Some(alone(words.split_off(start)))
        });
        // A backslash that ends no line, or a blank behind one, is a word.
        let says = |word: &&Word| !word.1.trim_matches(['\\', ' ']).is_empty();
        let is_option = |words: &Vec<Word>| {
            let first = words.iter().find(says);
            first.is_none_or(|(_, it)| it.starts_with('-'))
        };
        let behind = commands.take_while(is_option).flatten();
        Some((called?, behind.filter(|it| says(&it)).collect()))
    }

    /// Whether a word is the program, as a shell or a unit's `ExecStart=` names it.
    fn is_called(&self, word: &str) -> bool {
        word.rsplit(['/', '=']).next() == Some(&*self.program)
    }
}

/// The words of each command: of a line, and those that it goes on in.
fn commands(text: &str) -> Vec<Vec<Word>> {
    let mut commands = vec![Vec::new()];
    // What stands in a list is another program's way to call it.
    let lines = text.lines().enumerate();
    for (index, line) in lines.filter(|(_, line)| !line.trim_start().starts_with("- ")) {
        let position = Position {
            line: index + 1,
            ..Position::START
        };
        let continued = line.strip_suffix('\\');
        let own = shell_words(continued.unwrap_or(line)).into_iter();
        if let Some(command) = commands.last_mut() {
            command.extend(own.map(|word| (position, word)));
        }
        if continued.is_none() {
            commands.push(Vec::new());
        }
    }
    commands
}

/// Without what a shell does besides.
fn alone(mut words: Vec<Word>) -> Vec<Word> {
    let is_other = |word: &str| {
        let word = word.trim_start_matches(|it: char| it.is_ascii_digit());
        word.starts_with(['>', '<', '|', '&', ';'])
    };
    let end = words.iter().position(|(_, word)| is_other(word));
    words.truncate(end.unwrap_or(words.len()));
    words
}

#[cfg(test)]
mod tests {
    use crate::emit::{Catalogue, Kind};

    /// The line that is blamed, or 0.
    fn blamed(server: &str, text: &str) -> usize {
        let server = Catalogue::embedded().server(server);
        let manifest = &server.expect("it is known").manifest;
        let mut formats = manifest.formats.iter();
        let command = formats.find_map(|format| format.command.as_ref());
        let has_value = |name: &str| Some(manifest.options.get(name)?.kind != Kind::Flag);
        let misread = command.expect("it has one").misread(text, has_value);
        let first = misread.blunders.first();
        first.map_or(0, |blunder| blunder.position.line)
    }

    #[test]
    fn commands_as_go_reads_them() {
        for (server, text, line) in [
            ("rqlite", "rqlited -http-cert /a /data\n", 0),
            (
                "rqlite",
                "rqlited -http-cert=/a -node-verify-client /data\n",
                0,
            ),
            (
                "rqlite",
                "exec /usr/bin/rqlited \\\n  --http-cert /a \\\n  /data 2>/log &\n",
                0,
            ),
            (
                "rqlite",
                "ExecStart=/opt/rqlited \\\n  -fresh /a\nRestart=always\n",
                0,
            ),
            ("rqlite", "-http-cert /a /data /b\n", 0),
            ("rqlite", "rqlited -http-cert /a\n", 0),
            (
                "rqlite",
                "rqlited \\\n  -http-cert /a\n  -http-key /b /data\n",
                3,
            ),
            ("rqlite", "rqlited /data \\\n  -http-cert /a\n", 2),
            (
                "rqlite",
                "rqlited -http-verify-client true \\\n  /data\n",
                2,
            ),
            (
                "rqlite",
                "rqlited \\\n  -http-key -http-cert \\\n  /a /data\n",
                3,
            ),
            ("rqlite", "rqlited -- /data /more", 1),
            ("rqlite", "rqlited $OPTIONS -http-cert /a /data\n", 0),
            (
                "rqlite",
                "ExecStart=rqlited -http-cert /a ${MORE} /data\n",
                0,
            ),
            ("rqlite", "rqlited \\\n  -http-key \\ /a \\\n  /data\n", 2),
            ("rqlite", "rqlited /data \\\n  -http-cert", 2),
            ("rqlite", "rqlited /data\n \\ \\\n  -http-cert /a\n", 3),
            ("rqlite", "rqlited -http-cert /a \\\n  -http-key\n", 2),
            ("etcd", "etcd --cert-file /a --client-cert-auth\n", 0),
            (
                "etcd",
                "etcd --cert-file /a \\\n  --client-cert-auth true\n",
                2,
            ),
        ] {
            assert_eq!(blamed(server, text), line, "{text}");
        }
    }
}
