//! Entries that are proven to connect.

use std::{ops::ControlFlow, path::Path};

use super::{Context, Report, fleet_file};
use crate::{
    issuance::authorities::authorities,
    pki::{entry_name::EntryName, pem},
    proof::{Habits, Party, Proven, prove},
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

/// The entries that are named, by themselves or by a fleet file, or all.
pub(crate) fn members(
    pki: &Pki,
    names: &[EntryName],
    fleet: Option<&Path>,
) -> Result<Vec<Member>, Report> {
    let names = match fleet {
        Some(path) => {
            let fleet = fleet_file::read(path, &authorities(pki)?)?;
            fleet.entries.into_iter().map(|it| it.name).collect()
        }
        None => names.to_vec(),
    };
    if names.is_empty() {
        return all(pki);
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for name in names {
        match pki.ledger().current(Area::Entries, &name)? {
            Some(record) => found.push(Member::of(&record)),
            None => missing.push(no_entry(&name)),
        }
    }
    Report::none(missing).map(|()| found)
}

/// Proves which of them can connect, with the keys that are here.
pub(crate) fn proven(
    pki: &Pki,
    members: &[Member],
    habits: Habits,
    context: &Context,
) -> Result<Proven, Report> {
    let parties = members.iter().map(|member| party(pki, member));
    let parties: Vec<_> = parties.collect::<Result<_, _>>()?;
    let mut failed = None;
    let mut key = |index: usize| {
        let public = parties[index].chain.first()?.public_key();
        let key = entry::key(pki.layout(), &members[index].name, Some(&public));
        key.unwrap_or_else(|error| {
            failed.get_or_insert(error);
            None
        })
    };
    let proof = prove(&parties, habits, context.now, &mut key);
    if let Some(error) = failed {
        return Err(error.into());
    }
    if proof.pairs == 0 {
        let message = "there are no two entries of which one connects to the other";
        return Err(Report::failed("no-entry", message)
            .hint("`certctl list` shows what there is, and what it is for"));
    }
    let path = |member: &Member| {
        let place = pki.layout().place(&member.place());
        let path = context.shown(pki.layout(), &place.join(file::CERTIFICATE));
        path.into()
    };
    Ok(Proven {
        paths: members.iter().map(path).collect(),
        parties,
        proof,
    })
}

fn no_entry(name: &EntryName) -> Report {
    Report::failed("no-entry", format!("there is no entry `{name}`"))
        .hint("`certctl list` shows what there is, `certctl apply FLEET.toml` makes what a fleet file names")
}

fn all(pki: &Pki) -> Result<Vec<Member>, Report> {
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
fn party(pki: &Pki, member: &Member) -> Result<Party, Report> {
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
