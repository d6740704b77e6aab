//! `certctl/list/v1`: what there is.

use std::ops::ControlFlow;

use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeSeq as _},
};
use time::OffsetDateTime;

use super::entries::Entry;
use crate::store::{
    Pki,
    generations::Generations,
    ledger::{Listed, Selection},
};

/// `certctl/list/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// The certificates, sorted by name, or by their end with `--expiring`
    #[cfg_attr(test, schemars(with = "Vec<Entry>"))]
    pub(crate) entries: Entries<'a>,
    /// Names of entries, and CAs as ca/NAME, with a request that waits for a CA elsewhere, unless `--ca` or the like narrows the list
    pub(crate) waiting: Vec<String>,
}

/// Entries that are read from the ledger while they are written.
pub(crate) struct Entries<'a> {
    pub(crate) pki: &'a Pki,
    pub(crate) selection: &'a Selection,
    /// Which of them are listed
    pub(crate) is_wanted: &'a dyn Fn(&Listed) -> bool,
    pub(crate) generations: &'a Generations,
    pub(crate) now: OffsetDateTime,
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        let add = |record: Listed| {
            if !(self.is_wanted)(&record) {
                return ControlFlow::Continue(());
            }
            let entry = Entry::new(&record, self.pki.layout(), self.now);
            let entry = entry.among(self.generations).kept(&record, self.pki);
            let entry = entry.map_err(S::Error::custom);
            match entry.and_then(|entry| sequence.serialize_element(&entry)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        };
        match self.pki.ledger().select(self.selection, add) {
            Ok(ControlFlow::Continue(())) => sequence.end(),
            Ok(ControlFlow::Break(error)) => Err(error),
            Err(error) => Err(S::Error::custom(error)),
        }
    }
}
