//! Everything belongs to root, or to who runs the program.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Found, Item, Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "owner",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The file or directory belongs to another user than root or the one who looks; that user can change it",
    hint: "`chown` it to yourself, unless that user is meant to have it",
    broken,
    #[cfg(test)]
    cases,
};

const ROOT: u32 = 0;

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let root = |user| user == ROOT;
    let may_own = |owner| {
        root(owner) || owner == terms.user || (root(terms.user) && owner == site.base_owner)
    };
    let files = site.found().filter(|(item, found)| {
        !matches!(item.part, Part::Archive | Part::Parent) && !may_own(found.owner)
    });
    let fault = |(item, found): (&Item, &Found)| {
        Fault::new(
            item,
            format!("it belongs to user {}, who can change it", found.owner),
        )
    };
    files.map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let of = |owner| entry().changed(Part::Key, move |found| found.owner = owner);
    let by_root = || Terms {
        user: ROOT,
        ..terms()
    };
    vec![
        good("one's own", of(USER)),
        good("root's", of(ROOT)),
        good("looked at by root", of(USER)).by(by_root()),
        good(
            "above",
            pki().changed(Part::Parent, |found| found.owner = 7),
        ),
        bad("another's", of(7)),
        bad("another's, looked at by root", of(7)).by(by_root()),
        bad(
            "the directory",
            pki().changed(Part::Directory, |found| found.owner = 7),
        ),
    ]
}
