//! What a code, a TLS alert, an error message or a whole log says, and what decides why.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

mod document;
mod own;

use crate::{
    documents::explain::Document,
    host::bounded::{self, Kind, Source},
    messages::{Messages, Reader, Sighting},
    nearest::nearest,
    pki::name::visible,
    rulebook::Entry,
    terminal::{
        Report,
        codes::{CODES, ErrorCode},
    },
};
pub(crate) use own::Own;

/// What is known of one thing that was asked for.
pub(crate) enum Answer<'a> {
    Code {
        findings: Vec<&'a Entry>,
        error: Option<&'static ErrorCode>,
    },
    Said {
        sightings: Vec<Sighting>,
        /// How many lines were read; none where an alert was named
        lines: Option<u64>,
    },
}

/// What answers are found in.
pub(crate) struct Books {
    pub(crate) entries: Vec<Entry>,
    pub(crate) messages: Messages,
}

impl Books {
    pub(crate) fn document<'a>(
        &'a self,
        given: &OsStr,
        answer: &Answer<'a>,
        own: &'a Own,
    ) -> Document<'a> {
        Document::new(&given.to_string_lossy(), answer, &self.messages, own)
    }

    /// A code, then an alert, then a file, then a message: what is shorter is never taken for what is longer.
    pub(crate) fn answer(&self, given: &OsString) -> Result<Answer<'_>, Report> {
        if given == "-" {
            return self.log("standard input", Source::standard_input());
        }
        let path = Path::new(given);
        let Some(asked) = given.to_str() else {
            return self.log(&visible(&path.to_string_lossy()), Source::open(path));
        };
        let of_code = self.entries.iter().filter(|it| it.explained.code == asked);
        let findings: Vec<_> = of_code.collect();
        let error = CODES.iter().find(|known| known.code == asked);
        if !findings.is_empty() || error.is_some() {
            return Ok(Answer::Code { findings, error });
        }
        if let Some(message) = self.messages.alert(asked) {
            let sightings = vec![Sighting::named(message, asked)];
            return Ok(Answer::Said {
                sightings,
                lines: None,
            });
        }
        // A pipe has a name, too: `<(journalctl -u redis)`.
        if path.exists() && !path.is_dir() {
            return self.log(&visible(&path.to_string_lossy()), Source::open(path));
        }
        let mut reader = Reader::new(&self.messages);
        asked.lines().for_each(|line| reader.line(line.as_bytes()));
        let unknown = || self.unknown(asked);
        told(reader, unknown)
    }

    pub(crate) fn log(
        &self,
        name: &str,
        source: std::io::Result<Source>,
    ) -> Result<Answer<'_>, Report> {
        let mut reader = Reader::new(&self.messages);
        let read =
            source.and_then(|source| bounded::lines(source, Kind::Log, |line| reader.line(line)));
        read.map_err(|error| Report::failed("io", format!("cannot read {name}: {error}")))?;
        let count = reader.lines();
        told(reader, || {
            let message =
                format!("{name}: nothing that is known stands there ({count} lines were read)");
            Report::failed("not-recognised", message).hint(MORE)
        })
    }

    /// What looks like a code is one that was mistyped.
    pub(crate) fn unknown(&self, asked: &str) -> Report {
        let is_code = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !asked.chars().all(is_code) {
            let shown = visible(asked.trim());
            let message = match asked.contains('/') && !asked.contains(' ') {
                true => format!("there is no file `{shown}`, and nobody is known to say that"),
                false => format!("nobody is known to say `{shown}`"),
            };
            return Report::failed("not-recognised", message).hint(MORE);
        }
        let findings = self.entries.iter().map(|it| &*it.explained.code);
        let errors = CODES.iter().map(|known: &ErrorCode| known.code);
        let report = Report::usage(format!("no finding and no error has the code `{asked}`"));
        match nearest(asked, findings.chain(errors)) {
            Some(near) => report.hint(format!("did you mean `{near}`?")),
            None => {
                report.hint("certctl-findings(7) lists all; `certctl check --list` those of check")
            }
        }
    }
}

/// What was found; an error where it is nothing.
pub(crate) fn told(
    reader: Reader<'_>,
    unknown: impl FnOnce() -> Report,
) -> Result<Answer<'static>, Report> {
    let lines = Some(reader.lines());
    let sightings = reader.sightings();
    match sightings.is_empty() {
        true => Err(unknown()),
        false => Ok(Answer::Said { sightings, lines }),
    }
}

/// What to try where nothing is known.
pub(crate) const MORE: &str = "the lines around it may say more, as may a more talkative log level; the line of the TLS library counts";
