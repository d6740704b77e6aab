//! Entries that are proven to connect.

use std::ops::ControlFlow;

use super::Report;
use crate::{
    pki::{entry_name::EntryName, pem},
    proof::Party,
    store::{
        Pki, StoreError, entry,
        layout::{Area, Place, file},
        ledger::{Kind, Order, Record, Selection, Status},
    },
};

/// An entry that is meant.
pub(crate) struct Member {
    pub(crate) name: EntryName,
    pub(crate) kind: Kind,
}

impl Member {
    pub(crate) fn of<Signed>(record: &Record<Signed>) -> Self {
        Self {
            name: record.name.clone(),
            kind: record.kind,
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place::entry(self.name.clone())
    }
}

pub(crate) fn no_entry(name: &EntryName) -> Report {
    Report::failed("no-entry", format!("there is no entry `{name}`"))
        .hint("`certctl list` shows what there is, `certctl apply FLEET.toml` makes what a fleet file names")
}

pub(crate) fn all(pki: &Pki) -> Result<Vec<Member>, Report> {
    let selection = Selection {
        area: Some(Area::Entries),
        statuses: vec![Status::Current],
        order: Order::Name,
        ..Selection::default()
    };
    let mut found = Vec::new();
    let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
        found.push(Member::of(&record));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// An entry as it lies in the PKI directory.
pub(crate) fn party(pki: &Pki, member: &Member) -> Result<Party, Report> {
    let layout = pki.layout();
    let trust = match entry::other(layout, &member.name, file::TRUST)? {
        Some(octets) => pem::decode_certificates(&octets).map_err(|error| StoreError::Content {
            path: layout.place(&member.place()).join(file::TRUST),
            reason: error.to_string(),
        })?,
        None => Vec::new(),
    };
    Ok(Party {
        name: member.name.to_string(),
        chain: entry::certificates(layout, &member.name)?,
        trust,
        serves: member.kind != Kind::Client,
        dials: member.kind != Kind::Server,
    })
}
