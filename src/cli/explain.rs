//! `certctl explain`: what a code, a TLS alert, an error message or a whole log says, and what decides why.

use std::ffi::OsString;

use clap::Args;

use super::{Context, Report, Run, emitting, report::Outcome};
use crate::{
    documents::{explain::text, targets},
    explanation::{Answer, Books, Own},
    messages::Messages,
    rulebook,
};

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
            context.ui.result(|| text(&document, width), &document)?;
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
                .map(|(given, answer)| text(&books.document(given, answer, &own), width))
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
        Report::none(reports).map(|()| Outcome::Unchanged)
    }
}

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
