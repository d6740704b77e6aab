//! What is told of a code or a text, in JSON's words.

use super::{Answer, Own};
use crate::{
    documents::explain::{
        CauseDocument, Document, ErrorDocument, FaultDocument, RuleDocument, SaidDocument,
    },
    messages::{Fault, Messages, Proof},
};

impl<'a> Document<'a> {
    pub(crate) fn new(asked: &str, answer: &Answer<'a>, book: &'a Messages, own: &'a Own) -> Self {
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
