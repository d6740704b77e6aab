//! `certctl/prove/v1`: what was proven, for programs to read.

use serde::Serialize;

use super::findings::FindingDocument;
use crate::proof::{Party, Proven, Refusal};

/// `certctl/prove/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    schema: &'static str,
    /// The entries, in the order of the command
    entries: Vec<EntryDocument>,
    /// How many pairs there are of one that connects and another that it connects to
    pairs: usize,
    /// How many of them can
    connect: usize,
    /// How many handshakes were made: one for each combination of what two entries are
    handshakes: usize,
    /// Who refuses whom
    refusals: Vec<RefusalDocument>,
    /// What is wrong, by entry
    findings: Vec<FindingDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EntryDocument {
    /// Its name
    name: String,
    /// Whether others connect to it
    serves: bool,
    /// Whether it connects to others
    dials: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RefusalDocument {
    /// The entry that is refused
    name: String,
    /// As what
    #[cfg_attr(test, schemars(extend("enum" = ["client", "server"])))]
    role: &'static str,
    /// The entries that refuse it
    by: Vec<String>,
    /// The code of the reason, of certctl-findings(7)
    #[cfg_attr(test, schemars(extend("pattern" = "^[a-z0-9-]+$")))]
    code: String,
}

impl Document {
    pub(crate) fn new(proven: &Proven) -> Self {
        let Proven { parties, proof, .. } = proven;
        let entry = |party: &Party| EntryDocument {
            name: party.name.clone(),
            serves: party.serves,
            dials: party.dials,
        };
        let refusal = |it: &Refusal| RefusalDocument {
            name: parties[it.refused].name.clone(),
            role: it.role.name(),
            by: it.by.iter().map(|by| parties[*by].name.clone()).collect(),
            code: it.code.clone(),
        };
        Self {
            schema: "certctl/prove/v1",
            entries: parties.iter().map(entry).collect(),
            pairs: proof.pairs,
            connect: proof.connect,
            handshakes: proof.handshakes,
            refusals: proof.refusals.iter().map(refusal).collect(),
            findings: (proven.findings().iter())
                .map(|it| FindingDocument::new(it, false))
                .collect(),
        }
    }
}
