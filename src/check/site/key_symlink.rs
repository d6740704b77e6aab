//! A private key is a file of its own.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule, links};
use crate::check::{Terms, facts::Site};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-symlink",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The private key is a symlink: whoever can change the link, or what it leads to, changes the key",
    hint: "put the key itself there: what a link points to can change, and `--fix` does not follow it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    links(site, terms, |item, found| {
        item.part.is_key() || found.holds_key
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let linked = |target| entry().linked(Part::Key, target);
    let group = || Terms {
        policy: Policy::Group,
        ..terms()
    };
    vec![
        good("a file", entry()),
        good(
            "a certificate",
            entry().linked(Part::Certificate, "/etc/tls/cert.pem"),
        ),
        good("as Kubernetes mounts secrets", linked("..data/key.pem")).by(group()),
        good(
            "named by a configuration",
            endpoint().linked(Part::Key, "/etc/tls/key.pem"),
        ),
        bad("strictly", linked("..data/key.pem")),
        bad("elsewhere", linked("/etc/tls/key.pem")),
        bad("elsewhere, for a group", linked("../key.pem")).by(group()),
    ]
}
