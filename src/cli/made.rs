//! What a command signed, as it is told to people and programs.

use super::{
    Context, Report,
    document::{Entries, Entry, time},
};
use crate::store::{
    layout::{Area, Layout},
    ledger::Record,
};

/// How a command calls what it does.
pub(crate) struct Wording {
    pub(crate) schema: &'static str,
    pub(crate) done: &'static str,
    pub(crate) would: &'static str,
}

/// What was signed: all of it where it is printed, the first of it otherwise.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) kept: Vec<Record>,
    leaves: usize,
}

impl Made {
    /// So many entries are listed for people; of more there is only the number.
    const LISTED: usize = 20;

    pub(crate) fn note(&mut self, record: &Record, keep_all: bool) {
        let is_leaf = record.kind.area() == Area::Entries;
        self.leaves += usize::from(is_leaf);
        if keep_all || self.kept.len() < Self::LISTED {
            let to_be_signed = Vec::new();
            self.kept.push(Record {
                to_be_signed,
                ..record.clone()
            });
        }
    }

    /// Prints what was signed, or would have been.
    pub(crate) fn tell(
        &self,
        context: &Context,
        layout: &Layout,
        wording: &Wording,
        dry_run: bool,
    ) -> Result<(), Report> {
        let entry = |record| Entry::new(record, layout, context.now);
        let document = Entries {
            schema: wording.schema,
            entries: self.kept.iter().map(entry).collect(),
        };
        let verb = if dry_run { wording.would } else { wording.done };
        context
            .ui
            .result(|| self.text(&document.entries, verb), &document)
    }

    fn text(&self, entries: &[Entry], verb: &str) -> String {
        let mut lines = Vec::new();
        for (entry, record) in entries.iter().zip(&self.kept) {
            let until = time(record.validity.not_after);
            let names = if entry.sans.is_empty() {
                String::new()
            } else {
                format!(" for {}", entry.sans.join(", "))
            };
            lines.push(format!(
                "{verb} {} {}{names} in {}, valid until {until}",
                entry.kind, entry.name, entry.path
            ));
        }
        let shown = self.kept.len();
        let all = self.leaves.max(shown);
        if all > shown {
            lines.push(format!("{verb} {} entries in all", self.leaves));
        }
        lines.join("\n")
    }
}
