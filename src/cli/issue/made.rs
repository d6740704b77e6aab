//! What `issue` made, as it is told to people.

use super::super::document::{Entry, time};
use crate::store::{layout::Area, ledger::Record};

/// What was made: all of it where it is printed, the first of it otherwise.
#[derive(Default)]
pub(super) struct Made {
    pub(super) kept: Vec<Record>,
    leaves: usize,
}

impl Made {
    /// So many entries are listed for people; of more there is only the number.
    const LISTED: usize = 20;

    pub(super) fn note(&mut self, record: &Record, keep_all: bool) {
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

    pub(super) fn text(&self, entries: &[Entry], dry_run: bool) -> String {
        let verb = if dry_run { "would make" } else { "made" };
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
