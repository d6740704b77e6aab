//! `certctl/explain/v1`: what is told of a code or a text.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    messages::Direction,
    rulebook::{Entry, Teller},
    severity::Severity,
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
