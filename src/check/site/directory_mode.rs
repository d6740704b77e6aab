//! A directory in which keys lie is its owner's alone.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule, directories};
use crate::check::{Terms, facts::Site};

pub(super) const RULE: SiteRule = SiteRule {
    code: "directory-mode",
    severity: Severity::Warning,
    source: "certctl(1), FILES",
    meaning: "Others can list, or enter, a directory in which private keys lie",
    hint: "`chmod {mode} {path}`, or `certctl check --fix`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let wrong = directories(site).filter_map(|(item, found)| {
        let right = terms.policy.directory_mode(found.mode, found.owner);
        // That others can write is a rule of its own.
        (found.mode != right && found.mode & 0o022 == 0)
            .then(|| Fault::mode(item, found.mode, right, "lets others look into it"))
    });
    wrong.collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let mode = |mode| entry().with_mode(Part::Directory, mode);
    let of_root = |mode| {
        entry().changed(Part::Directory, |found| {
            found.mode = mode;
            found.owner = 0;
        })
    };
    let group = || Terms {
        policy: Policy::Group,
        ..terms()
    };
    vec![
        good("0700", mode(0o700)),
        good("0500", mode(0o500)),
        good("of root's group", of_root(0o750)).by(group()),
        bad("of root's group, strict", of_root(0o750)),
        bad("0755", mode(0o755)),
        bad("the PKI directory", pki().with_mode(Part::Directory, 0o711)),
    ]
}
