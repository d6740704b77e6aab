//! All messages that are known, from their files.

use std::{collections::HashSet, ops::Range};

use serde::Deserialize;
use toml::Spanned;

use super::{
    fault::{Direction, Fault},
    pattern::Patterns,
};
use crate::emit::{Catalogue, SourceError};

/// Where the faults stand.
const FAULTS: &str = "explain/faults.toml";

/// Where the alerts stand.
const ALERTS: &str = "explain/alerts.toml";

/// Everything that is known.
#[derive(Debug)]
pub struct Messages {
    all: Vec<Message>,
    alerts: Vec<(u8, usize)>,
    faults: Vec<Fault>,
    pub(super) patterns: Patterns,
    /// For each pattern, the message that it is of
    pub(super) owners: Vec<usize>,
}

/// One text of a program.
#[derive(Clone, Debug)]
pub struct Message {
    /// The text; `*` stands for anything within the line
    pub says: String,
    /// The program
    pub stack: String,
    /// Who refuses whom
    pub direction: Direction,
    /// How it is known that the program says so
    pub proof: Proof,
    /// What it can mean, each with its causes
    readings: Vec<usize>,
}

/// How it is known that a program says something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Proof {
    /// A test has the program say it
    Seen,
    /// It stands there
    Read(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultFile {
    #[serde(rename = "fault")]
    faults: Vec<Spanned<Fault>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertFile {
    #[serde(rename = "alert")]
    alerts: Vec<AlertRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertRow {
    number: u8,
    name: String,
    fault: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageFile {
    /// The program's name
    title: String,
    #[serde(rename = "message")]
    messages: Vec<Spanned<MessageRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageRow {
    says: String,
    fault: Spanned<String>,
    direction: Direction,
    #[serde(default)]
    seen: bool,
    read: Option<String>,
}

/// A file of the catalogue, and what is wrong with it.
struct Source<'c> {
    origin: &'c str,
    text: &'c str,
    errors: Vec<SourceError>,
}

impl Source<'_> {
    fn parse<T: for<'de> Deserialize<'de>>(&mut self) -> Option<T> {
        let parsed = toml::from_str(self.text);
        parsed
            .map_err(|error| self.wrong(error.span().unwrap_or_default(), error.message()))
            .ok()
    }

    fn wrong(&mut self, span: Range<usize>, message: &str) {
        let error = SourceError::at(self.origin, self.text, span, message.to_owned());
        self.errors.push(error);
    }
}

impl Messages {
    /// Reads the files of a catalogue.
    ///
    /// # Errors
    ///
    /// Every mistake in them.
    pub fn of(catalogue: &Catalogue) -> Result<Self, Vec<SourceError>> {
        let mut made = Making::default();
        let is_words = |path: &str| {
            let (folder, name) = path.rsplit_once('/').unwrap_or_default();
            folder == "explain" || name == "messages.toml"
        };
        let (mut first, mut words) = (Vec::new(), Vec::new());
        for (path, origin, text) in catalogue.texts().filter(|(path, ..)| is_words(path)) {
            let source = Source {
                origin,
                text,
                errors: Vec::new(),
            };
            match path {
                // They are what the others name.
                FAULTS => first.insert(0, (true, source)),
                ALERTS => first.push((false, source)),
                _ => words.push(source),
            }
        }
        for (is_faults, source) in first {
            match is_faults {
                true => made.faults(source),
                false => made.alerts(source),
            }
        }
        for source in words {
            made.messages(source);
        }
        made.finish()
    }

    /// Every message, in the order of the files; the alerts come first.
    pub fn all(&self) -> impl Iterator<Item = &Message> {
        self.all.iter()
    }

    /// The message of a number.
    #[must_use]
    pub fn message(&self, number: usize) -> &Message {
        &self.all[number]
    }

    /// What a message can mean: one thing, or of a bare alert what it means to either side.
    pub fn readings<'b>(&'b self, message: &'b Message) -> impl Iterator<Item = &'b Fault> {
        message.readings.iter().map(|&number| &self.faults[number])
    }

    /// The alert that is meant by its number or its name, however that is spelled.
    #[must_use]
    pub fn alert(&self, text: &str) -> Option<usize> {
        let text = text.trim();
        let (by_number, wanted) = (text.parse::<u8>().ok(), letters(text));
        let is_meant = |(number, message): &&(u8, usize)| {
            by_number == Some(*number) || letters(&self.all[*message].says) == wanted
        };
        self.alerts
            .iter()
            .find(is_meant)
            .map(|(_, message)| *message)
    }

    /// How little a message says: beside one that says more in the same line it is left out.
    pub(super) fn vagueness(&self, message: usize) -> u8 {
        let message = &self.all[message];
        let is_vague = self.readings(message).any(|fault| fault.vague);
        let is_bare = message.direction == Direction::Untold;
        u8::from(is_vague) + 2 * u8::from(is_bare)
    }

    /// Every fault, in the order of the file.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

/// A name without what differs between programs: `UnknownCA`, `unknown_ca` and `unknown CA` are one.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|it| it.to_ascii_lowercase()).collect()
}

/// The patterns by which an alert is found in a text that does not tell its direction.
fn alert_patterns(number: u8, name: &str) -> Vec<String> {
    let spoken = name.replace('_', " ");
    vec![
        format!("alert number {number}"),
        format!("alert [{number}]"),
        format!("alert {name}"),
        format!("alert: {name}"),
        format!("alert({name})"),
        format!("alert {spoken}"),
        format!("alert: {spoken}"),
        format!("Description: {spoken}"),
    ]
}

/// A book that is being read.
#[derive(Default)]
struct Making {
    faults: Vec<Fault>,
    messages: Vec<Message>,
    alerts: Vec<(u8, usize)>,
    patterns: Vec<String>,
    owners: Vec<usize>,
    known: HashSet<String>,
    errors: Vec<SourceError>,
}

impl Making {
    fn faults(&mut self, mut source: Source<'_>) {
        let file: Option<FaultFile> = source.parse();
        for fault in file.into_iter().flat_map(|file| file.faults) {
            let (span, fault) = (fault.span(), fault.into_inner());
            if self.fault(&fault.name, fault.direction).is_some() {
                source.wrong(span.clone(), "this fault stands there twice");
            }
            if fault.causes.is_empty() {
                source.wrong(span, "a fault has causes");
            }
            self.faults.push(fault);
        }
        self.errors.append(&mut source.errors);
    }

    fn alerts(&mut self, mut source: Source<'_>) {
        let file: Option<AlertFile> = source.parse();
        for alert in file.into_iter().flat_map(|file| file.alerts) {
            let both = [Direction::PeerRefused, Direction::WeRefused];
            let readings = both.map(|it| self.fault(alert.fault.get_ref(), it));
            let readings: Vec<_> = readings.into_iter().flatten().collect();
            if readings.is_empty() {
                source.wrong(alert.fault.span(), "there is no such fault");
            }
            self.alerts.push((alert.number, self.messages.len()));
            self.add(
                alert_patterns(alert.number, &alert.name),
                Message {
                    says: alert.name,
                    stack: format!("TLS alert {}", alert.number),
                    direction: Direction::Untold,
                    proof: Proof::Read(String::from("RFC 8446 §6")),
                    readings,
                },
            );
        }
        self.errors.append(&mut source.errors);
    }

    fn messages(&mut self, mut source: Source<'_>) {
        let Some(file) = source.parse::<MessageFile>() else {
            self.errors.append(&mut source.errors);
            return;
        };
        for row in file.messages {
            let (span, row) = (row.span(), row.into_inner());
            let fault = self.fault(row.fault.get_ref(), row.direction);
            if fault.is_none() {
                source.wrong(row.fault.span(), "there is no such fault in this direction");
            }
            if row.says.split('*').all(|piece| piece.trim().len() < 4) {
                source.wrong(span.clone(), "so short a text is found everywhere");
            }
            if !self.known.insert(row.says.to_ascii_lowercase()) {
                source.wrong(span.clone(), "this text stands there twice");
            }
            let proof = match (row.seen, row.read) {
                (true, None) => Proof::Seen,
                (false, Some(read)) if !read.is_empty() => Proof::Read(read),
                _ => {
                    source.wrong(
                        span,
                        "either a test has `seen` it, or it was `read` somewhere",
                    );
                    Proof::Seen
                }
            };
            let message = Message {
                says: row.says.clone(),
                stack: file.title.clone(),
                direction: row.direction,
                proof,
                readings: fault.into_iter().collect(),
            };
            self.add(vec![row.says], message);
        }
        self.errors.append(&mut source.errors);
    }

    fn fault(&self, name: &str, direction: Direction) -> Option<usize> {
        let mut faults = self.faults.iter();
        faults.position(|it| it.name == name && it.direction == direction)
    }

    fn add(&mut self, patterns: Vec<String>, message: Message) {
        self.owners
            .extend(patterns.iter().map(|_| self.messages.len()));
        self.patterns.extend(patterns);
        self.messages.push(message);
    }

    fn finish(mut self) -> Result<Messages, Vec<SourceError>> {
        let patterns = Patterns::new(self.patterns.iter().map(String::as_str));
        let patterns = patterns.map_err(|error| {
            self.errors
                .push(SourceError::at(FAULTS, "", 0..0, error.to_string()));
        });
        match patterns {
            Ok(patterns) if self.errors.is_empty() => Ok(Messages {
                all: self.messages,
                alerts: self.alerts,
                faults: self.faults,
                patterns,
                owners: self.owners,
            }),
            _ => Err(self.errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::lines::Reader;

    fn embedded() -> Messages {
        Messages::of(&Catalogue::embedded()).expect("sound")
    }

    #[test]
    fn there_are_enough_and_each_is_well_worded() {
        let book = embedded();
        assert!(book.all().count() - book.alerts.len() >= 150);
        for fault in book.faults() {
            let causes = fault.causes.iter().map(|it| &it.text);
            for text in causes.chain([&fault.meaning]) {
                let starts_well = text.starts_with(|it: char| !it.is_lowercase());
                assert!(
                    starts_well && !text.ends_with('.'),
                    "{}: {text}",
                    fault.name
                );
            }
            let named = |message: &Message| book.readings(message).any(|it| it.name == fault.name);
            assert!(book.all().any(named), "nobody says {}", fault.name);
        }
    }

    /// Every text is found as itself, whatever else is known.
    #[test]
    fn every_text_is_found() {
        let book = embedded();
        for (number, message) in book.all.iter().enumerate().skip(book.alerts.len()) {
            let mut reader = Reader::new(&book);
            reader.line(message.says.replace('*', " :: ").as_bytes());
            let found: Vec<_> = reader.sightings().iter().map(|it| it.message).collect();
            assert_eq!(found, [number], "{}: {}", message.stack, message.says);
        }
    }

    #[test]
    fn alerts_have_numbers_names_and_both_sides() {
        let book = embedded();
        let numbers: Vec<_> = book.alerts.iter().map(|(number, _)| *number).collect();
        assert!(numbers.is_sorted() && numbers.len() >= 34, "{numbers:?}");
        for text in [
            "48",
            "unknown_ca",
            "unknown CA",
            "UnknownCA",
            " Unknown_Ca\n",
        ] {
            let found = book.alert(text).map(|number| &*book.message(number).says);
            assert_eq!(found, Some("unknown_ca"), "{text}");
        }
        for text in ["", "4800", "1", "unknown", "ca"] {
            assert_eq!(book.alert(text), None, "{text}");
        }
    }

    #[test]
    fn mistakes_in_files_have_their_place() {
        let added = [
            (
                "explain/own.toml",
                "title = \"Own\"\n[[message]]\nsays = \"no way in\"\nfault = \"nothing\"\ndirection = \"own\"\nseen = true\n",
            ),
            (
                "mine/messages.toml",
                "title = \"Mine\"\n[[message]]\nsays = \"x\"\nfault = \"unknown-ca\"\ndirection = \"we-refused\"\n",
            ),
            ("other/messages.toml", "titel = \"Mine\"\n"),
        ];
        let added = added.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let errors = Messages::of(&Catalogue::embedded().overlay("dir", added)).expect_err("wrong");
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "dir/explain/own.toml:4:9: there is no such fault in this direction",
                "dir/mine/messages.toml:2:1: so short a text is found everywhere",
                "dir/mine/messages.toml:2:1: either a test has `seen` it, or it was `read` somewhere",
                "dir/other/messages.toml:1:1: unknown field `titel`, expected `title` or `message`",
            ]
        );
    }
}
