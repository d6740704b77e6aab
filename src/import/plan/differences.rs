//! Where the parts of a source contradict each other, in words: the worse is taken for true.

use std::collections::BTreeMap;

use super::{
    certificates::{Item, Items},
    lists::Lists,
};
use crate::{
    import::{layout::Standing, some_of},
    pki::revocation_list::RevocationList,
};

/// Tells what differs, a line a kind.
pub(super) fn tell(
    items: &Items<'_>,
    lists: &Lists,
    owners: &[Option<usize>],
    warnings: &mut Vec<String>,
) {
    let mut told: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for item in &items.all {
        let has_index = owners.contains(&Some(item.issuer));
        for difference in differences(item, has_index, lists.last.get(&item.issuer)) {
            let of = match item.found {
                Some(found) => format!("{} ({})", item.serial, found.origin),
                None => item.serial.to_string(),
            };
            told.entry(difference).or_default().push(of);
        }
    }
    warnings.extend(
        told.iter()
            .map(|(what, which)| format!("{what}: {}", some_of(which))),
    );
}

fn differences(
    item: &Item<'_>,
    has_index: bool,
    list: Option<&RevocationList>,
) -> Vec<&'static str> {
    let row = item.row.map(|(row, _)| row);
    let revoked = row.and_then(|row| row.revocation.as_ref());
    let mut found = Vec::new();
    match (row, revoked, &item.listed) {
        (Some(_), None, Some(_)) => {
            found.push("revoked, for the CRL lists what the index calls valid");
        }
        (_, Some(revoked), Some(listed)) if revoked != listed => {
            found
                .push("index and CRL differ in when or why it was revoked, and the index is taken");
        }
        (Some(row), Some(revoked), None) => {
            let is_missing = list.is_some_and(|list| {
                revoked.at < list.this_update() && row.ends >= list.this_update()
            });
            if is_missing {
                found.push("revoked, as the index says, though the CRL that was made later does not list it");
            }
        }
        _ => {}
    }
    let Some(certificate) = item.found else {
        return found;
    };
    let is_put_aside = certificate.standing == Standing::Revoked;
    if is_put_aside && revoked.is_none() && item.listed.is_none() {
        found.push("revoked from now on, for it was put aside as revoked, and neither index nor CRL says when");
    }
    match row {
        None if has_index => found.push("not in the index of its CA, and taken all the same"),
        Some(row) if row.ends != certificate.certificate.validity().not_after => {
            found.push("ends at another time than the index says");
        }
        _ => {}
    }
    found
}
