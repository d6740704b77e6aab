//! A root's CRL bundle: its own CRL and those of all CAs below it.

use std::{collections::BTreeMap, io};

use super::Signed;
use crate::{
    pki::entry_name::EntryName,
    store::{
        Pki, StoreError,
        layout::{Place, file},
        ledger::Record,
    },
};

/// Names of files, and what is in them.
type Files = Vec<(&'static str, String)>;

/// Each CA without one above it, with itself and all below it.
#[must_use]
pub fn families(authorities: &[Record]) -> BTreeMap<EntryName, Vec<EntryName>> {
    let find = |name: &EntryName| authorities.iter().find(|record| record.name == *name);
    let mut families = BTreeMap::<_, Vec<_>>::new();
    for record in authorities {
        let mut top = record;
        // No CA is above itself; the number of CAs bounds it all the same.
        for _ in authorities {
            top = top.issuer.as_ref().and_then(find).unwrap_or(top);
        }
        families
            .entry(top.name.clone())
            .or_default()
            .push(record.name.clone());
    }
    families
}

/// The files of each CA that these CRLs change.
pub(super) fn files(pki: &Pki, lists: &[Signed]) -> Result<BTreeMap<EntryName, Files>, StoreError> {
    let mut changed = BTreeMap::<_, Files>::new();
    for list in lists {
        let files = changed.entry(list.issuer.clone()).or_default();
        files.push((file::CRL, list.text.clone()));
    }
    for (root, family) in families(&pki.authorities()?) {
        if family.iter().any(|name| changed.contains_key(name)) {
            let texts = family.iter().map(|name| text(pki, name, lists));
            let bundle = texts.collect::<Result<String, _>>()?;
            changed
                .entry(root)
                .or_default()
                .push((file::CRL_BUNDLE, bundle));
        }
    }
    Ok(changed)
}

/// A CA's new CRL, or else its last, or else nothing.
fn text(pki: &Pki, name: &EntryName, lists: &[Signed]) -> Result<String, StoreError> {
    if let Some(list) = lists.iter().find(|list| list.issuer == *name) {
        return Ok(list.text.clone());
    }
    let place = pki.layout().place(&Place::authority(name.clone()));
    let path = place.join(file::CRL);
    match pki.layout().directory().read(&path) {
        Ok(octets) => Ok(String::from_utf8_lossy(&octets).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(StoreError::io("read", &path, error)),
    }
}
