//! A fleet file goes on naming a CA as it did before the CA was rotated.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
};

use crate::{
    fleet::Fleet,
    pki::entry_name::EntryName,
    store::{
        Pki, StoreError,
        generations::Generations,
        layout::Area,
        ledger::{Selection, Status},
    },
};

/// Has a fleet name the CAs that sign in the places of those that it names. What a rotation has switched already stays
/// with the successor, what it has not yet with the old CA.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn follow(fleet: &mut Fleet, pki: &Pki) -> Result<(), StoreError> {
    let generations = pki.generations()?;
    if generations.is_empty() {
        return Ok(());
    }
    let issuers = switched(pki, &generations)?;
    let named: HashSet<_> = fleet.authorities.iter().map(|spec| &spec.name).collect();
    let named: HashSet<EntryName> = named.into_iter().cloned().collect();
    // One that the file names by its own name stands there already.
    fleet.authorities.retain(|spec| {
        let current = generations.current(&spec.name);
        *current == spec.name || !named.contains(current)
    });
    for spec in &mut fleet.authorities {
        spec.name = generations.current(&spec.name).clone();
        let parent = spec.parent.take();
        spec.parent = parent.map(|parent| generations.current(&parent).clone());
    }
    for spec in &mut fleet.entries {
        spec.ca = match issuers.get(&spec.name) {
            Some(issuer) if generations.first(issuer) == generations.first(&spec.ca) => {
                issuer.clone()
            }
            _ => generations.current(&spec.ca).clone(),
        };
    }
    Ok(())
}

/// Entries below a successor while its rotation goes on, with the CA that signed them.
fn switched(
    pki: &Pki,
    generations: &Generations,
) -> Result<HashMap<EntryName, EntryName>, StoreError> {
    let mut issuers = HashMap::new();
    for pair in generations.open().iter().flat_map(|it| &it.pairs) {
        let selection = Selection {
            area: Some(Area::Entries),
            issuer: Some(pair.new.clone()),
            statuses: vec![Status::Current],
            ..Selection::default()
        };
        let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
            issuers.insert(record.name, pair.new.clone());
            ControlFlow::Continue(())
        })?;
    }
    Ok(issuers)
}
