//! No command was interrupted.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "interrupted",
    severity: Severity::Warning,
    source: "certctl(1), FILES",
    meaning: "A command was killed or the machine stopped while it worked; what it left is repaired by itself",
    hint: "the next command that may write here finishes it or takes it back",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let left = site.items.iter().filter(|item| item.part == Part::Staging);
    left.map(|item| Fault::new(item, "an interrupted command left it"))
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("nothing left", pki()),
        bad(
            "a directory",
            pki().with(file(Part::Staging, ".staging-7", 0o700)),
        ),
    ]
}
