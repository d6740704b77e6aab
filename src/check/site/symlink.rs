//! Certificates, bundles and directories are no symlinks.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule, links};
use crate::check::{
    Terms,
    facts::{Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "symlink",
    severity: Severity::Warning,
    source: "certctl(1), FILES",
    meaning: "A certificate, bundle or directory is a symlink, which certctl neither follows nor keeps on renewal",
    hint: "put the file itself there: the next renewal replaces the link, not what it points to",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    links(site, terms, |item, found| {
        !item.part.is_key() && item.part != Part::Parent && !found.holds_key
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let linked = |part, target| entry().linked(part, target);
    let group = || Terms {
        policy: Policy::Group,
        ..terms()
    };
    vec![
        good("files", entry()),
        good(
            "as Kubernetes mounts secrets",
            linked(Part::Trust, "..data/ca.pem"),
        )
        .by(group()),
        good(
            "a key has its own rule",
            linked(Part::Key, "/etc/tls/key.pem"),
        ),
        good(
            "named by a configuration",
            endpoint().linked(Part::Trust, "/etc/tls/ca.pem"),
        ),
        bad("a bundle", linked(Part::Trust, "/etc/tls/ca.pem")),
        bad("the directory", linked(Part::Directory, "/etc/tls")),
    ]
}
