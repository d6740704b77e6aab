//! What certificates are called.

use super::certificates::Item;
use crate::{
    import::{
        here::Here,
        names::{Taken, safe},
    },
    pki::{certificate::Certificate, entry_name::EntryName},
};

/// What a certificate is called: as its file, or else by its subject.
pub(super) fn called(item: &Item<'_>) -> Option<String> {
    let of_file = item.found.and_then(|found| found.name.clone());
    let of_row = || item.row.and_then(|(row, _)| row.common_name.clone());
    let of_certificate = || item.found.and_then(|found| common_name(&found.certificate));
    let of_names = || {
        let names = item
            .found
            .map(|found| found.certificate.names())
            .unwrap_or_default();
        let first = names.first().map(ToString::to_string);
        first.map(|name| {
            name.split_once(':')
                .map_or(name.clone(), |(_, name)| name.to_owned())
        })
    };
    of_file
        .or_else(of_row)
        .or_else(of_certificate)
        .or_else(of_names)
}

/// The name that a certificate gets here that comes alone: one that no other CA's certificate ever had.
pub(super) fn name_of(certificate: &Certificate, issuer: &EntryName, here: &Here) -> EntryName {
    let wanted = common_name(certificate).and_then(|name| safe(&name));
    let wanted = wanted.unwrap_or_else(|| issuer.clone());
    match here.owners.get(&wanted) {
        Some(Some(owner)) if owner == issuer => wanted,
        _ => {
            let mut taken = Taken::default();
            taken.add(here.owners.keys().cloned());
            taken.take(wanted)
        }
    }
}

fn common_name(certificate: &Certificate) -> Option<String> {
    let parsed = certificate.parsed();
    let name = parsed
        .subject()
        .iter_common_name()
        .last()?
        .as_str()
        .ok()?
        .to_owned();
    Some(name)
}
