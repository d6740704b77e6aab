//! Nobody else can replace what lies beside a key.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule, directories};
use crate::check::{
    Terms,
    facts::{Found, Item, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "directory-writable",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "Others can write into a directory in which keys or certificates lie, and so put their own in their place",
    hint: "`chmod {mode} {path}`, or `certctl check --fix`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let wrong = directories(site).filter(|(_, found)| found.mode & 0o022 != 0);
    let fault = |(item, found): (&Item, &Found)| {
        let right = terms
            .policy
            .directory_mode(found.mode & !0o022, found.owner);
        Fault::mode(
            item,
            found.mode,
            right,
            "lets others replace the files in it",
        )
    };
    wrong.map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let mode = |mode| entry().with_mode(Part::Directory, mode);
    vec![
        good("0700", mode(0o700)),
        good("0755", mode(0o755)),
        bad("0775", mode(0o775)),
        bad("0703", mode(0o703)),
        bad("the PKI directory", pki().with_mode(Part::Directory, 0o777)),
    ]
}
