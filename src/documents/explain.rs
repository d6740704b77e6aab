//! `certctl/explain/v1`: what is told of a code or a text.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    messages::Direction,
    rulebook::{self, Entry, Teller},
    severity::Severity,
    terminal::table::wrapped,
};

/// `certctl/explain/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// The code that was asked for; null where it was a text or an alert
    pub(crate) code: Option<String>,
    /// What it stands for where it is that of a finding
    pub(crate) findings: Vec<RuleDocument<'a>>,
    /// What it stands for where it is that of an error
    pub(crate) error: Option<ErrorDocument>,
    /// What a text or an alert tells of, in the order of first appearance
    pub(crate) faults: Vec<FaultDocument<'a>>,
    /// How many lines were read; null where none were
    pub(crate) lines: Option<u64>,
}

/// What a finding's code stands for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RuleDocument<'a> {
    /// Stable name of the rule
    #[cfg_attr(test, schemars(extend("pattern" = "^[a-z0-9-]+$")))]
    pub(crate) code: &'a str,
    /// How bad it is to break it
    pub(crate) severity: Severity,
    /// The server whose rule it is; null where it holds for all, or for none
    pub(crate) server: Option<&'a str>,
    /// The commands that find it
    pub(crate) told_by: &'a BTreeSet<Teller>,
    /// Where it is written: an RFC, a page of this manual, a document of the server
    pub(crate) source: &'a str,
    /// What is wrong, and what comes of it
    pub(crate) meaning: &'a str,
    /// What mends it; words in capitals stand for names
    pub(crate) hint: &'a str,
}

/// What an error's code stands for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ErrorDocument {
    /// The exit codes that a command ends with
    pub(crate) exit_codes: Vec<u8>,
    /// What was wrong
    pub(crate) meaning: &'static str,
}

/// One thing that went wrong between two programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FaultDocument<'a> {
    /// Stable name of the fault
    pub(crate) fault: &'a str,
    /// Who refuses whom, seen from the program whose words they are
    pub(crate) direction: Direction,
    /// Whether it holds only if the alert was received, or sent: the text does not tell which
    pub(crate) conditional: bool,
    /// The same in a sentence
    pub(crate) headline: &'a str,
    /// What happened
    pub(crate) meaning: &'a str,
    /// The texts that tell of it
    pub(crate) said: Vec<SaidDocument<'a>>,
    /// Why, the likeliest first; what was found in the files of `--entry` comes before
    pub(crate) causes: Vec<CauseDocument<'a>>,
}

/// A text that was found.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SaidDocument<'a> {
    /// The program's words; `*` stands for anything
    pub(crate) says: &'a str,
    /// The program, or the alert's number
    pub(crate) stack: &'a str,
    /// How many lines have them
    pub(crate) count: u64,
    /// The first line that has them, from 1
    pub(crate) line: u64,
    /// That line, or the part of it that matters
    pub(crate) excerpt: String,
    /// Where it is written that the program says so; null where a test has it say so
    pub(crate) read: Option<&'a str>,
}

/// A possible cause.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CauseDocument<'a> {
    /// What may be so
    pub(crate) text: &'a str,
    /// The command that decides it; words in capitals stand for names
    pub(crate) check: String,
    /// What was found in the files of `--entry` that shows it
    pub(crate) evidence: Vec<EvidenceDocument<'a>>,
}

/// A finding of `check`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EvidenceDocument<'a> {
    /// Stable name of the rule
    pub(crate) code: &'a str,
    /// The file or directory
    pub(crate) path: String,
    /// What is wrong
    pub(crate) message: &'a str,
}

impl<'a> RuleDocument<'a> {
    pub(crate) fn new(entry: &'a Entry) -> Self {
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

/// One paragraph for each thing that was found.
pub(crate) fn text(document: &Document<'_>, width: Option<u16>) -> String {
    let code = document.code.as_deref().unwrap_or_default();
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
    let is_log = document.lines.is_some_and(|lines| lines > 1);
    let faults = document.faults.iter().map(|it| fault(it, is_log, width));
    findings
        .chain(error)
        .chain(faults)
        .collect::<Vec<_>>()
        .join("\n")
}

fn fault(fault: &FaultDocument<'_>, is_log: bool, width: Option<u16>) -> String {
    let condition = match (fault.conditional, fault.direction) {
        (true, Direction::PeerRefused) => "Where this alert was received: ",
        (true, _) => "Where this alert was sent: ",
        (false, _) => "",
    };
    let head = format!("{condition}{} ({})\n", fault.headline, fault.fault);
    let mut rows = Vec::new();
    for said in &fault.said {
        rows.push(["  says".to_owned(), says(said, is_log)]);
        if is_log {
            rows.push(["  ".to_owned(), said.excerpt.clone()]);
        }
    }
    rows.push(["  meaning".to_owned(), fault.meaning.to_owned()]);
    for (number, cause) in fault.causes.iter().enumerate() {
        let label = if number == 0 { "  causes" } else { "  " };
        rows.extend(of_cause(label, number + 1, cause));
    }
    head + &wrapped(rows, width)
}

fn says(said: &SaidDocument<'_>, is_log: bool) -> String {
    let read = said.read.map(|source| format!(", as read in {source}"));
    let read = read.unwrap_or_default();
    let of = format!("{}: {}{read}", said.stack, said.says);
    match (is_log, said.count) {
        (false, _) => of,
        (true, 1) => format!("{of}, in line {}", said.line),
        (true, count) => format!("{of}, in {count} lines, first in line {}", said.line),
    }
}

fn of_cause(label: &str, number: usize, cause: &CauseDocument<'_>) -> Vec<[String; 2]> {
    let mut rows = vec![[label.to_owned(), format!("{number}. {}", cause.text)]];
    for found in &cause.evidence {
        let text = format!("   FOUND {}: {}: {}", found.code, found.path, found.message);
        rows.push(["  ".to_owned(), text]);
    }
    rows.push(["  ".to_owned(), format!("   $ {}", cause.check)]);
    rows
}
