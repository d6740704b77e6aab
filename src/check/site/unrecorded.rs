//! Everything in use is in the ledger.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Recorded, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "unrecorded",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "A directory in use is not in the ledger: its certificate cannot be revoked or renewed here",
    hint: "move it elsewhere, or put the ledger back that knows it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let message = match &site.recorded {
        Recorded::No => "the ledger does not know it",
        Recorded::As(row) if !row.is_current => "the ledger says that it was replaced or revoked",
        Recorded::As(_) | Recorded::Unknown => return Vec::new(),
    };
    let directory = site
        .item(Part::Directory)
        .filter(|item| item.found.is_some());
    // Who waits for a certificate has no row yet.
    let directory = directory.filter(|_| !site.has(Part::Request));
    directory
        .map(|item| Fault::new(item, message))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let revoked = Row {
        is_current: false,
        ..row(&KIT.leaf)
    };
    vec![
        good("an entry", entry()),
        good("no ledger at hand", copy()),
        good("it waits for its certificate", requested()),
        good(
            "gone",
            entry().without(Part::Directory).recorded(Recorded::No),
        ),
        bad("unknown", entry().recorded(Recorded::No)),
        bad("revoked", entry().recorded(Recorded::As(revoked))),
    ]
}
