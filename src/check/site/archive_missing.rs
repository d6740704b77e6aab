//! What was replaced or revoked is in the archive.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "archive-missing",
    severity: Severity::Info,
    source: "certctl(1), FILES",
    meaning: "The ledger knows of a certificate that was replaced or revoked, and its files are not in the archive",
    hint: "nothing need be done if somebody cleared the archive",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let missing = site
        .items
        .iter()
        .filter(|item| item.part == Part::Archive && item.found.is_none());
    missing
        .map(|item| Fault::new(item, "it is in the ledger, and not in the archive"))
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let archive = || file(Part::Archive, "archive/node1-01", 0o700);
    vec![
        good("nothing was replaced", pki()),
        good("it is there", pki().with(archive())),
        bad("it is not", pki().with(archive()).without(Part::Archive)),
    ]
}
