//! The ledger is its owner's alone.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{FileKind, Found, Item, Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "ledger-mode",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "Others can read or change the ledger, and so the record of what was revoked",
    hint: "`chmod {mode} {path}`, or `certctl check --fix`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let ledger = site
        .found()
        .filter(|(item, found)| item.part == Part::Ledger && found.kind == FileKind::File);
    let wrong = ledger.filter(|(_, found)| found.mode & 0o077 != 0);
    let fault = |(item, found): (&Item, &Found)| {
        Fault::mode(item, found.mode, 0o600, "lets others use the ledger")
    };
    wrong.map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("0600", pki()),
        good("0400", pki().with_mode(Part::Ledger, 0o400)),
        bad("0644", pki().with_mode(Part::Ledger, 0o644)),
        bad(
            "its journal",
            pki().with(file(Part::Ledger, "ledger.db-wal", 0o640)),
        ),
    ]
}
