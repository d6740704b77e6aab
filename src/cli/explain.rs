//! `certctl explain`: what a code, a TLS alert, an error message or a whole log says, and what decides why.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use clap::Args;

use super::{
    Context, Report, Run,
    bounded::{self, Kind, Source},
    codes::{CODES, ErrorCode},
    emitting,
    report::Outcome,
};
use crate::{
    documents::{explain::Document, targets},
    messages::{Messages, Reader, Sighting},
    nearest::nearest,
    pki::name::visible,
    rulebook::{self, Entry},
};

mod document;
mod own;
mod text;

use own::Own;

/// Say what a code, a TLS alert or a message means
///
/// Knows the codes of everything that check, verify, probe, prove, config and client find, and those that errors
/// have in JSON; the alerts of TLS, by name or number; and what OpenSSL, GnuTLS, Go, Java, Node.js, Python,
/// Erlang, rustls, curl and servers say when TLS fails. Of messages it says first who refused whom, then the likely
/// causes in their order, each with a command that decides it. A file or pipe is read as a log: what is known in it
/// is told once each, with counts, in the order of first appearance.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl explain chain-incomplete\n  \
    certctl explain 'tlsv1 alert unknown ca' --entry node1\n  \
    certctl explain unknown_ca 116\n  \
    journalctl -u redis | certctl explain - --server redis --entry node1\n  \
    certctl explain shared-root --json")]
pub(crate) struct Explain {
    /// Code, alert, message, or file with a log; `-` is standard input (can be repeated)
    #[arg(value_name = "CODE|TEXT|FILE", required = true)]
    asked: Vec<OsString>,
    /// Entry of the program that says it: its files are looked at, and stand in the commands
    #[arg(long, value_name = "NAME")]
    entry: Option<OsString>,
    /// Server that says it, or that is dialled: its port stands in the commands
    #[arg(long, value_name = "SERVER")]
    server: Option<String>,
    #[command(flatten)]
    templates: emitting::TemplatesArgs,
}

/// What is known of one thing that was asked for.
enum Answer<'a> {
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
struct Books {
    entries: Vec<Entry>,
    messages: Messages,
}

impl Run for Explain {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let catalogue = self.templates.catalogue()?;
        let servers = catalogue.servers()?;
        let messages = Messages::of(&catalogue);
        let books = Books {
            entries: rulebook::entries(&servers),
            messages: messages.map_err(|errors| {
                let reports = errors.into_iter().map(|it| Report::failed("template", it));
                Report::all(reports.collect())
                    .unwrap_or_else(|| Report::failed("internal", "no mistake"))
            })?,
        };
        let own = Own::new(
            self.entry.as_ref(),
            self.server.as_deref(),
            &servers,
            context,
        )?;
        let answers = self.asked.iter().map(|it| (it, books.answer(it)));
        let answers: Vec<_> = answers.collect();
        let width = context.ui.width();
        if let [(given, Ok(answer))] = &answers[..] {
            let document = books.document(given, answer, &own);
            context
                .ui
                .result(|| text::text(&document, width), &document)?;
        } else if context.ui.is_json() && answers.len() > 1 {
            let targets = answers.iter().map(|(given, answer)| {
                let told = answer.as_ref();
                let told = told.map(|answer| books.document(given, answer, &own));
                (
                    given.to_string_lossy().into_owned(),
                    told.map_err(Report::document),
                )
            });
            let document = targets::Document::of(targets.collect());
            context.ui.result(String::new, &document)?;
        } else {
            let known = answers
                .iter()
                .filter_map(|(given, answer)| Some((given, answer.as_ref().ok()?)));
            let texts: Vec<_> = known
                .map(|(given, answer)| text::text(&books.document(given, answer, &own), width))
                .collect();
            context.ui.print(&texts.join("\n"))?;
        }
        let is_said =
            |(_, answer): &(_, Result<Answer<'_>, _>)| matches!(answer, Ok(Answer::Said { .. }));
        if !context.ui.is_json() && answers.iter().any(is_said) {
            context.ui.note(
                "\"we\" is the program whose words these are, the peer the one that it talks with",
            );
        }
        let reports = answers.into_iter().filter_map(|(_, answer)| answer.err());
        Report::all(reports.collect()).map_or(Ok(Outcome::Unchanged), Err)
    }
}

impl Books {
    fn document<'a>(&'a self, given: &OsStr, answer: &Answer<'a>, own: &'a Own) -> Document<'a> {
        Document::new(&given.to_string_lossy(), answer, &self.messages, own)
    }

    /// A code, then an alert, then a file, then a message: what is shorter is never taken for what is longer.
    fn answer(&self, given: &OsString) -> Result<Answer<'_>, Report> {
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

    fn log(&self, name: &str, source: std::io::Result<Source>) -> Result<Answer<'_>, Report> {
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
    fn unknown(&self, asked: &str) -> Report {
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
fn told(reader: Reader<'_>, unknown: impl FnOnce() -> Report) -> Result<Answer<'static>, Report> {
    let lines = Some(reader.lines());
    let sightings = reader.sightings();
    match sightings.is_empty() {
        true => Err(unknown()),
        false => Ok(Answer::Said { sightings, lines }),
    }
}

/// What to try where nothing is known.
const MORE: &str = "the lines around it may say more, as may a more talkative log level; the line of the TLS library counts";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::quoted::commands_parse, emit::Catalogue};

    #[test]
    fn commands_in_remedies_parse() {
        let servers = Catalogue::embedded().servers().expect("sound");
        for entry in rulebook::entries(&servers) {
            let (code, hint) = (entry.explained.code, entry.explained.hint);
            assert!(commands_parse(&hint), "{code}: {hint}");
        }
    }

    /// As they stand and filled in; the codes that show a cause are those of findings.
    #[test]
    fn commands_of_causes_parse() {
        let servers = Catalogue::embedded().servers().expect("sound");
        let codes: Vec<_> = rulebook::entries(&servers)
            .into_iter()
            .map(|it| it.explained.code)
            .collect();
        let messages = Messages::of(&Catalogue::embedded()).expect("sound");
        let own = Own::sample();
        for fault in messages.faults() {
            for cause in &fault.causes {
                for check in [cause.check.clone(), own.filled(&cause.check)] {
                    assert!(
                        commands_parse(&format!("`{check}`")),
                        "{}: {check}",
                        fault.name
                    );
                }
                let unknown = cause
                    .codes
                    .iter()
                    .find(|code| !codes.contains(&code.as_str().into()));
                assert_eq!(unknown, None, "{}: {}", fault.name, cause.text);
            }
        }
    }

    #[test]
    fn entries_stay_sorted() {
        let codes: Vec<_> = rulebook::entries(&[])
            .into_iter()
            .map(|it| it.explained.code)
            .collect();
        assert!(codes.is_sorted());
        assert!(codes.contains(&"names-of-another".into()));
    }
}
