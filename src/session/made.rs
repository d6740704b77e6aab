//! What a command signed, as it is told to people and programs.

use std::path::Path;

use time::Duration;

use super::{Context, Report};
use crate::{
    documents::entries::{Entries, Entry},
    pki::{duration, validity::Lifetime},
    store::{
        layout::{Area, Layout},
        ledger::{Listed, Record},
    },
};

/// How a command calls what it does.
pub(crate) struct Wording {
    pub(crate) schema: &'static str,
    pub(crate) done: &'static str,
    pub(crate) would: &'static str,
}

/// How `issue`, `init-ca` and `init-intermediate` call it.
pub(crate) const MADE: Wording = Wording {
    schema: "certctl/issue/v1",
    done: "made",
    would: "would make",
};

/// What was signed: all of it where it is printed, the first of it otherwise.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) kept: Vec<Listed>,
    leaves: usize,
    /// It was signed elsewhere, so that its serial numbers are what they are
    is_given: bool,
}

/// Says which certificates have to be brought to their keys.
pub(crate) fn tell_owners<'n>(context: &Context, mut elsewhere: impl Iterator<Item = &'n str>) {
    if let Some(name) = elsewhere.next() {
        let which = match elsewhere.count() {
            0 => format!("the key of `{name}` is"),
            more => format!("the keys of {} of them are", more + 1),
        };
        context.ui.insist();
        context.ui.hint(format!(
            "{which} elsewhere: bring the files of certs/{name} there, and \
             `certctl install {name} cert.pem --trust ca.pem`"
        ));
    }
}

impl Made {
    /// So many entries are listed for people; of more there is only the number.
    const LISTED: usize = 20;

    /// One certificate that was signed here.
    pub(crate) fn signed(record: &Record) -> Self {
        let mut made = Self::default();
        made.note(record, true);
        made
    }

    /// One certificate that was signed elsewhere.
    pub(crate) fn given(record: &Record) -> Self {
        Self {
            is_given: true,
            ..Self::signed(record)
        }
    }

    pub(crate) fn note(&mut self, record: &Record, keep_all: bool) {
        let is_leaf = record.kind.area() == Area::Entries;
        self.leaves += usize::from(is_leaf);
        if keep_all || self.kept.len() < Self::LISTED {
            self.kept.push(record.listed());
        }
    }

    /// The first that is no CA.
    pub(crate) fn first_leaf(&self) -> Option<&Listed> {
        self.kept
            .iter()
            .find(|record| record.kind.area() == Area::Entries)
    }

    /// Prints what was signed, or would have been.
    pub(crate) fn tell(
        &self,
        context: &Context,
        layout: &Layout,
        wording: &Wording,
        dry_run: bool,
    ) -> Result<(), Report> {
        // What would be signed would have another number.
        let is_known = self.is_given || !dry_run;
        let entry = |record| {
            let mut entry = Entry::new(record, layout, context.now);
            if !is_known {
                entry.serial.clear();
            }
            entry
        };
        let document = Entries {
            schema: wording.schema,
            entries: self.kept.iter().map(entry).collect(),
        };
        let verb = if dry_run { wording.would } else { wording.done };
        let line = |entry: &Entry| {
            let path = context.shown(layout, Path::new(&entry.path));
            format!(
                "{verb} {} in {path}, valid until {}",
                what(entry),
                entry.not_after
            )
        };
        let text = || {
            let mut lines: Vec<_> = document.entries.iter().map(line).collect();
            if self.leaves > lines.len() {
                lines.push(format!("{verb} {} entries in all", self.leaves));
            }
            lines.join("\n")
        };
        context.ui.result(text, &document)
    }
}

/// The entry in words: ``node `node1` for DNS:node1``.
fn what(entry: &Entry) -> String {
    let Entry {
        kind, name, sans, ..
    } = entry;
    match (*kind, &sans[..]) {
        ("root" | "intermediate", _) => format!("{kind} CA `{name}`"),
        (_, []) => format!("{kind} `{name}`"),
        (_, sans) => format!("{kind} `{name}` for {}", sans.join(", ")),
    }
}

/// Says that a certificate ends with its CA, where nobody asked for another end.
pub(crate) fn note_shortened<S>(lifetime: Lifetime, record: &Record<S>, context: &Context) {
    let left = record.validity.not_after - context.now;
    match lifetime {
        Lifetime::Default(usual) if left <= usual - Duration::SECOND => {
            let (left, usual) = (duration::display(left), duration::display(usual));
            let text = format!("it ends with its CA, after {left} instead of {usual}");
            context.ui.note(text);
        }
        _ => {}
    }
}
