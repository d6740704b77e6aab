//! Nothing was archived that the ledger calls in use.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule, newer};
#[cfg(test)]
use crate::newer::Newer;
use crate::{
    check::{Terms, facts::Site},
    newer::Knowledge,
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "ledger-older",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The archive holds a certificate that the ledger calls in use, or does not know: an older ledger.db was put back",
    hint: "an older ledger was put back: put the newest back, or revoke again, by its serial \
           number, what was revoked, or move the directory out of the archive",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    // What stands among the entries is `unrecorded`.
    newer(site, |what| matches!(what, Knowledge::Archived(_)))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let with = |what| {
        let mut site = authority();
        let path = "/pki/archive/node1-4A".into();
        site.newer = vec![Newer { path, what }];
        site
    };
    let serial = || KIT.leaf.certificate.serial();
    vec![
        good("the newest ledger", authority()),
        good("an entry", with(Knowledge::Unrecorded(serial()))),
        bad("an archived entry", with(Knowledge::Archived(serial()))),
    ]
}
