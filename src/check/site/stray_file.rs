//! Nothing lies there that certctl did not put there.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "stray-file",
    severity: Severity::Warning,
    source: "certctl(1), FILES",
    meaning: "A file lies in a directory of certctl that certctl did not put there",
    hint: "move it elsewhere: where the directory is made anew, it goes to the archive; `install` leaves it there",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let watched = !matches!(
        site.kind,
        SiteKind::Archived | SiteKind::Copy | SiteKind::Lone
    );
    let strays = site
        .items
        .iter()
        .filter(|item| watched && item.part == Part::Stray);
    strays
        .map(|item| Fault::new(item, "it does not belong here"))
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let stray = || file(Part::Stray, "certs/node1/notes.txt", 0o644);
    vec![
        good("an entry", entry()),
        good("a node's own files", copy().with(stray())),
        bad("in an entry", entry().with(stray())),
        bad("between entries", pki().with(stray())),
    ]
}
