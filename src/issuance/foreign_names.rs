//! Names that a new certificate would have and another entry has already.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
};

use crate::{
    explained::Explained,
    pki::{entry_name::EntryName, general_name::GeneralName, san},
    severity::Severity,
    store::{
        Pki, StoreError,
        layout::Area,
        ledger::{Order, Selection, Status},
    },
};

/// A name that is somebody else's too.
pub static NAMES_OF_ANOTHER: Explained = Explained::new(
    "names-of-another",
    Severity::Warning,
    "certctl-issue(1)",
    "The new certificate has a name that one other entry in use has: whoever holds its key can answer for that entry",
    "leave the name out, unless both are to answer for it",
);

/// So many entries are told of; of more there is only the number.
const TOLD: usize = 20;

/// Who asks for the names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum By {
    /// Whoever runs certctl
    Operator,
    /// Whoever wrote a request: all entries are looked at, however many there are
    Others,
}

/// Up to so many certificates are all looked at; beyond, only where so many names are asked for that it is a
/// hundredth of the work. Else one more node would take the longer the more there are: then only entries
/// that are called as a name is are found.
const FEW: usize = 2000;
const WORTH: usize = 100;

/// Says where a name belongs to one other entry in use, as whoever holds the new key can answer for it.
///
/// What several entries have is shared, such as a cluster's name, and loopback names are everybody's.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn warnings(
    pki: &Pki,
    wanted: &[(&EntryName, Vec<GeneralName>)],
    by: By,
) -> Result<Vec<String>, StoreError> {
    let mut holders = asked_for(wanted);
    let recorded = pki.ledger().recorded()?;
    let is_worth_it = recorded <= FEW || recorded <= wanted.len().saturating_mul(WORTH);
    match by == By::Others || is_worth_it {
        true => look_at_all(pki, &mut holders)?,
        false => look_up(pki, &mut holders)?,
    }
    Ok(all_told(wanted, &holders))
}

/// The same where the entries in use are known: those that could be the others, with their names.
pub fn among<'a>(
    wanted: &[(&EntryName, Vec<GeneralName>)],
    others: impl IntoIterator<Item = (&'a EntryName, &'a [String])>,
) -> Vec<String> {
    let mut holders = asked_for(wanted);
    for (holder, names) in others {
        for name in names {
            if let Some(holders) = holders.get_mut(name) {
                holders.push(holder.clone());
            }
        }
    }
    all_told(wanted, &holders)
}

/// By each name that is looked for: whoever will be found to have it.
fn asked_for(wanted: &[(&EntryName, Vec<GeneralName>)]) -> HashMap<String, Vec<EntryName>> {
    let everybody = san::parse_list(san::LOCAL, "").unwrap_or_default();
    let everybody: HashSet<_> = everybody.into_iter().collect();
    let names = wanted.iter().flat_map(|(_, names)| names);
    let looked_for = names.filter(|name| !everybody.contains(name));
    let holders = looked_for.map(|name| (name.to_string(), Vec::new()));
    holders.collect()
}

fn all_told(
    wanted: &[(&EntryName, Vec<GeneralName>)],
    holders: &HashMap<String, Vec<EntryName>>,
) -> Vec<String> {
    let told = wanted
        .iter()
        .filter_map(|(own, names)| told(own, names, holders));
    let mut told: Vec<_> = told.collect();
    if let Some(more @ 1..) = told.len().checked_sub(TOLD) {
        told.truncate(TOLD);
        told.push(format!("{}: and so of {more} more", NAMES_OF_ANOTHER.code));
    }
    told
}

/// Finds who has these names among all entries in use.
fn look_at_all(pki: &Pki, holders: &mut HashMap<String, Vec<EntryName>>) -> Result<(), StoreError> {
    let selection = Selection {
        area: Some(Area::Entries),
        statuses: vec![Status::Current],
        order: Order::Newest,
        ..Selection::default()
    };
    let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
        for name in &record.names {
            if let Some(holders) = holders.get_mut(name) {
                holders.push(record.name.clone());
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(())
}

/// Finds the entries that are called as these names are.
fn look_up(pki: &Pki, holders: &mut HashMap<String, Vec<EntryName>>) -> Result<(), StoreError> {
    for (name, holders) in holders {
        let Ok(host) = name.strip_prefix("DNS:").unwrap_or(name).parse() else {
            continue;
        };
        let record = pki.ledger().current(Area::Entries, &host)?;
        let record = record.filter(|record| record.names.contains(name));
        holders.extend(record.map(|record| record.name));
    }
    Ok(())
}

fn told(
    own: &EntryName,
    names: &[GeneralName],
    holders: &HashMap<String, Vec<EntryName>>,
) -> Option<String> {
    let mut of_others = Vec::new();
    for name in names.iter().map(ToString::to_string) {
        if let Some([holder]) = holders.get(&name).map(Vec::as_slice)
            && holder != own
        {
            of_others.push(format!("{name} (`{holder}`)"));
        }
    }
    (!of_others.is_empty()).then(|| {
        format!(
            "{}: `{own}` gets names of other entries in use, and can answer for them: {}",
            NAMES_OF_ANOTHER.code,
            of_others.join(", ")
        )
    })
}
