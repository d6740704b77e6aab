//! An entry has its private key, unless it was made elsewhere.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Recorded, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-missing",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The entry's private key is not beside its certificate, and is not known to be elsewhere",
    hint: "put it back from a backup, or issue the entry again: `certctl issue {name} --force`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let elsewhere = matches!(&site.recorded, Recorded::As(row) if !row.has_key);
    let key = site.item(Part::Key).filter(|key| key.found.is_none());
    let missing = key.filter(|_| site.is_entry() && site.has(Part::Directory) && !elsewhere);
    missing
        .map(|item| Fault::new(item, "the private key is missing"))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let elsewhere = Row {
        has_key: false,
        ..row(&KIT.leaf)
    };
    let missing = |site: Site| site.without(Part::Key);
    vec![
        good("an entry", entry()),
        good(
            "of a request",
            missing(entry()).recorded(Recorded::As(elsewhere)),
        ),
        good("a CA's has its own rule", missing(authority())),
        bad("an entry's", missing(entry())),
        bad("a copy's", missing(copy())),
    ]
}
