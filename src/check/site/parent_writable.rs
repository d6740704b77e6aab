//! Nobody else can replace the whole directory.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Found, Item, Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "parent-writable",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "Others can rename or replace the whole directory, whatever the modes inside are",
    hint: "move the directory to where only its owner and root can write",
    broken,
    #[cfg(test)]
    cases,
};

const ROOT: u32 = 0;
/// Only who owns a file can move it.
const STICKY: u32 = 0o1000;

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let parents = site.found().filter(|(item, _)| item.part == Part::Parent);
    let fault = |(item, found): (&Item, &Found)| {
        let others = |bits| found.mode & bits != 0 && found.mode & STICKY == 0;
        // Many systems give every user a group of his own, with the same number.
        let own_group = [ROOT, found.owner].contains(&found.group);
        if ![ROOT, terms.user, site.base_owner].contains(&found.owner) {
            let message = format!(
                "it belongs to user {}, who can replace what lies in it",
                found.owner
            );
            return Some(Fault::new(item, message));
        }
        let writable = others(0o002) || (others(0o020) && !own_group);
        writable.then(|| {
            let message = format!(
                "mode {:04o} lets others replace what lies in it",
                found.mode
            );
            Fault::new(item, message)
        })
    };
    parents.filter_map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let parent = |mode, owner, group| {
        pki().changed(Part::Parent, move |found| {
            (found.mode, found.owner, found.group) = (mode, owner, group);
        })
    };
    vec![
        good("root's", parent(0o755, ROOT, ROOT)),
        good("/tmp", parent(0o1777, ROOT, ROOT)),
        good("the user's own group", parent(0o775, USER, USER)),
        bad("another group", parent(0o775, USER, 7)),
        bad("everybody", parent(0o757, USER, USER)),
        bad("another user", parent(0o755, 7, 7)),
    ]
}
