//! `certctl explain`: what the code of a finding or an error stands for, and what mends it.

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;

use super::{
    Context, Report, Run,
    codes::{CODES, ErrorCode},
    emitting,
    report::Outcome,
    table::wrapped,
};
use crate::{
    nearest::nearest,
    rulebook::{self, Entry, Teller},
    severity::Severity,
};

/// Say what a code stands for, and what mends it
///
/// Knows the codes of everything that check, verify, config and client find, and those that errors have in
/// JSON. What a server's own rules find may have the same code for several servers.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl explain chain-incomplete\n  \
    certctl explain shared-root --json")]
pub(crate) struct Explain {
    /// Code of a finding or an error
    #[arg(value_name = "CODE")]
    code: String,
    #[command(flatten)]
    templates: emitting::TemplatesArgs,
}

/// `certctl/explain/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document<'a> {
    schema: &'static str,
    /// The code that was asked for
    code: &'a str,
    /// What it stands for where it is that of a finding
    findings: Vec<RuleDocument<'a>>,
    /// What it stands for where it is that of an error
    error: Option<ErrorDocument>,
}

/// What a finding's code stands for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RuleDocument<'a> {
    /// Stable name of the rule
    #[cfg_attr(test, schemars(extend("pattern" = "^[a-z0-9-]+$")))]
    pub(super) code: &'a str,
    /// How bad it is to break it
    pub(super) severity: Severity,
    /// The server whose rule it is; null where it holds for all, or for none
    pub(super) server: Option<&'a str>,
    /// The commands that find it
    pub(super) told_by: &'a BTreeSet<Teller>,
    /// Where it is written: an RFC, a page of this manual, a document of the server
    pub(super) source: &'a str,
    /// What is wrong, and what comes of it
    pub(super) meaning: &'a str,
    /// What mends it; words in capitals stand for names
    pub(super) hint: &'a str,
}

/// What an error's code stands for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ErrorDocument {
    /// The exit codes that a command ends with
    exit_codes: Vec<u8>,
    /// What was wrong
    meaning: &'static str,
}

impl<'a> RuleDocument<'a> {
    pub(super) fn new(entry: &'a Entry) -> Self {
        let explained = &entry.explained;
        Self {
            code: &explained.code,
            severity: explained.severity,
            server: entry.server.as_deref(),
            told_by: &entry.tellers,
            source: &explained.source,
            meaning: &explained.meaning,
            hint: &explained.hint,
        }
    }
}

impl Run for Explain {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let servers = self.templates.catalogue()?.servers();
        let entries = rulebook::entries(&servers?);
        let of_code = entries.iter().filter(|it| it.explained.code == self.code);
        let findings: Vec<_> = of_code.map(RuleDocument::new).collect();
        let error = CODES.iter().find(|known| known.code == self.code);
        if findings.is_empty() && error.is_none() {
            return Err(unknown(&self.code, &entries));
        }
        let document = Document {
            schema: "certctl/explain/v1",
            code: &self.code,
            findings,
            error: error.map(|known| ErrorDocument {
                exit_codes: known.kinds.iter().map(|kind| kind.number()).collect(),
                meaning: known.meaning,
            }),
        };
        let width = context.ui.width();
        context.ui.result(|| text(&document, width), &document)?;
        Ok(Outcome::Unchanged)
    }
}

fn unknown(code: &str, entries: &[Entry]) -> Report {
    let findings = entries.iter().map(|it| &*it.explained.code);
    let errors = CODES.iter().map(|known: &ErrorCode| known.code);
    let report = Report::usage(format!("no finding and no error has the code `{code}`"));
    match nearest(code, findings.chain(errors)) {
        Some(near) => report.hint(format!("did you mean `{near}`?")),
        None => report.hint("certctl-findings(7) lists all; `certctl check --list` those of check"),
    }
}

/// One paragraph for each thing that the code stands for.
fn text(document: &Document<'_>, width: Option<u16>) -> String {
    let code = document.code;
    let findings = document.findings.iter().map(|it| {
        let server = it.server.map(|server| format!(" of {server}"));
        let head = format!(
            "{code}: {}{}, found by {}\n",
            it.severity,
            server.unwrap_or_default(),
            rulebook::tellers(it.told_by)
        );
        let rows = [
            ["  meaning", it.meaning],
            ["  source", it.source],
            ["  remedy", it.hint],
        ];
        head + &wrapped(rows.into_iter().filter(|[_, text]| !text.is_empty()), width)
    });
    let error = document.error.iter().map(|error| {
        let exits: Vec<_> = error.exit_codes.iter().map(u8::to_string).collect();
        let head = format!("{code}: failure, exit code {}\n", exits.join(" or "));
        head + &wrapped([["  meaning", error.meaning]], width)
    });
    findings.chain(error).collect::<Vec<_>>().join("\n")
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
