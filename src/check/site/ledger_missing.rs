//! Certificates have a ledger.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "ledger-missing",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "There are certificates and no ledger.db: nobody knows which serial numbers were used, or what was revoked",
    hint: "put it back from a backup: without it nobody knows which serials were used, or revoked",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let ledger = site
        .item(Part::Ledger)
        .filter(|ledger| ledger.found.is_none());
    ledger
        .map(|item| Fault::new(item, "there are certificates, and no ledger"))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a ledger", pki()),
        good("a node's copy", copy()),
        bad("none", pki().without(Part::Ledger)),
    ]
}
