//! What is told of a code or a text, in JSON's words.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Answer, Own};
use crate::{
    messages::{Direction, Fault, Messages, Proof},
    rulebook::{Entry, Teller},
    severity::Severity,
};

/// `certctl/explain/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    schema: &'static str,
    /// The code that was asked for; null where it was a text or an alert
    pub(super) code: Option<String>,
    /// What it stands for where it is that of a finding
    pub(super) findings: Vec<RuleDocument<'a>>,
    /// What it stands for where it is that of an error
    pub(super) error: Option<ErrorDocument>,
    /// What a text or an alert tells of, in the order of first appearance
    pub(super) faults: Vec<FaultDocument<'a>>,
    /// How many lines were read; null where none were
    pub(super) lines: Option<u64>,
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
pub(super) struct ErrorDocument {
    /// The exit codes that a command ends with
    pub(super) exit_codes: Vec<u8>,
    /// What was wrong
    pub(super) meaning: &'static str,
}

/// One thing that went wrong between two programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FaultDocument<'a> {
    /// Stable name of the fault
    pub(super) fault: &'a str,
    /// Who refuses whom, seen from the program whose words they are
    pub(super) direction: Direction,
    /// Whether it holds only if the alert was received, or sent: the text does not tell which
    pub(super) conditional: bool,
    /// The same in a sentence
    pub(super) headline: &'a str,
    /// What happened
    pub(super) meaning: &'a str,
    /// The texts that tell of it
    pub(super) said: Vec<SaidDocument<'a>>,
    /// Why, the likeliest first; what was found in the files of `--entry` comes before
    pub(super) causes: Vec<CauseDocument<'a>>,
}

/// A text that was found.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SaidDocument<'a> {
    /// The program's words; `*` stands for anything
    pub(super) says: &'a str,
    /// The program, or the alert's number
    pub(super) stack: &'a str,
    /// How many lines have them
    pub(super) count: u64,
    /// The first line that has them, from 1
    pub(super) line: u64,
    /// That line, or the part of it that matters
    pub(super) excerpt: String,
    /// Where it is written that the program says so; null where a test has it say so
    pub(super) read: Option<&'a str>,
}

/// A possible cause.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct CauseDocument<'a> {
    /// What may be so
    pub(super) text: &'a str,
    /// The command that decides it; words in capitals stand for names
    pub(super) check: String,
    /// What was found in the files of `--entry` that shows it
    pub(super) evidence: Vec<EvidenceDocument<'a>>,
}

/// A finding of `check`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct EvidenceDocument<'a> {
    /// Stable name of the rule
    pub(super) code: &'a str,
    /// The file or directory
    pub(super) path: String,
    /// What is wrong
    pub(super) message: &'a str,
}

impl<'a> Document<'a> {
    pub(super) fn new(asked: &str, answer: &Answer<'a>, book: &'a Messages, own: &'a Own) -> Self {
        let mut document = Self {
            schema: "certctl/explain/v1",
            code: None,
            findings: Vec::new(),
            error: None,
            faults: Vec::new(),
            lines: None,
        };
        match answer {
            Answer::Code { findings, error } => {
                document.code = Some(asked.to_owned());
                document.findings = findings.iter().map(|it| RuleDocument::new(it)).collect();
                document.error = error.map(|known| ErrorDocument {
                    exit_codes: known.kinds.iter().map(|kind| kind.number()).collect(),
                    meaning: known.meaning,
                });
            }
            Answer::Said { sightings, lines } => {
                document.lines = *lines;
                for sighting in sightings {
                    let message = book.message(sighting.message);
                    for fault in book.readings(message) {
                        let said = SaidDocument {
                            says: &message.says,
                            stack: &message.stack,
                            count: sighting.count,
                            line: sighting.line,
                            excerpt: sighting.excerpt.clone(),
                            read: match &message.proof {
                                Proof::Seen => None,
                                Proof::Read(source) => Some(source),
                            },
                        };
                        let is_conditional = message.direction != fault.direction;
                        document.add(fault, said, is_conditional, own);
                    }
                }
            }
        }
        document
    }

    fn add(
        &mut self,
        fault: &'a Fault,
        said: SaidDocument<'a>,
        is_conditional: bool,
        own: &'a Own,
    ) {
        let same =
            |it: &&mut FaultDocument<'_>| it.fault == fault.name && it.direction == fault.direction;
        if let Some(known) = self.faults.iter_mut().find(same) {
            known.conditional &= is_conditional;
            known.said.push(said);
            return;
        }
        let causes = fault.causes.iter().map(|cause| CauseDocument {
            text: &cause.text,
            check: own.filled(&cause.check),
            evidence: own.evidence(cause).collect(),
        });
        let mut causes: Vec<_> = causes.collect();
        causes.sort_by_key(|cause| cause.evidence.is_empty());
        self.faults.push(FaultDocument {
            fault: &fault.name,
            direction: fault.direction,
            conditional: is_conditional,
            headline: fault.headline(),
            meaning: &fault.meaning,
            said: vec![said],
            causes,
        });
    }
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
