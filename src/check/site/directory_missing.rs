//! Everything in use has its directory.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Recorded, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "directory-missing",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The ledger says that the entry or CA is in use, and its directory is not there",
    hint: "put it back from a backup, or make it anew for the same names: `certctl renew {name} --force`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let current = matches!(&site.recorded, Recorded::As(row) if row.is_current);
    let is_shared = matches!(&site.recorded, Recorded::As(row) if row.is_shared);
    let directory = site
        .item(Part::Directory)
        .filter(|item| current && item.found.is_none());
    directory
        .map(|item| Fault {
            hint: match (site.kind == SiteKind::Authority, is_shared) {
                (true, true) => Some("`certctl pull` fetches it, without its key"),
                (true, false) => Some("put it back from a backup"),
                (false, _) => None,
            },
            ..Fault::new(item, "it is in the ledger, and missing here")
        })
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let replaced = Row {
        is_current: false,
        ..row(&KIT.leaf)
    };
    let gone = || entry().without(Part::Directory);
    vec![
        good("an entry", entry()),
        good("replaced", gone().recorded(Recorded::As(replaced))),
        bad("gone", gone()),
        bad("a CA", authority().without(Part::Directory)),
    ]
}
