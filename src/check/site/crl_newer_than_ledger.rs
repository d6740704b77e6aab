//! No CRL knows more than the ledger, from which the next one will be made.

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
    code: "crl-newer-than-ledger",
    severity: Severity::Error,
    source: "RFC 5280 §5.2.3",
    meaning: "The CRL knows of revocations, or has a number, that the ledger does not: an older ledger.db was put back, and the next CRL would take revocations back",
    hint: "an older ledger was put back: put the newest back, or revoke again, by its serial \
           number, what it has forgotten; until then `certctl crl` makes none without `--force`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    newer(site, |what| {
        matches!(
            what,
            Knowledge::Number(..) | Knowledge::Revoked(_) | Knowledge::Unreadable(_)
        )
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let with = |what| {
        let mut site = authority();
        let path = "/pki/ca/issuing/crl.pem".into();
        site.newer = vec![Newer { path, what }];
        site
    };
    let serial = || KIT.leaf.certificate.serial();
    vec![
        good("the newest ledger", authority()),
        good("another rule's", with(Knowledge::Archived(serial()))),
        bad("a later number", with(Knowledge::Number(4, 1))),
        bad("a revocation", with(Knowledge::Revoked(vec![serial()]))),
        bad(
            "no CRL",
            with(Knowledge::Unreadable(String::from("cut off"))),
        ),
    ]
}
