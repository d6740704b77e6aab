//! Certificates, bundles and directories are no symlinks.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Found, Item, Part, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "symlink",
    severity: Severity::Warning,
    source: "the contract's §3",
    hint: "put the file itself there: the next renewal replaces the link, not what it points to",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let linked = site
        .found()
        .filter(|(item, found)| !matches!(item.part, Part::Key | Part::Parent) && !found.holds_key)
        // What a server is told to read may well lead on to another file.
        .filter(|_| site.kind != SiteKind::Endpoint);
    let fault = |(item, found): (&Item, &Found)| {
        let target = found
            .link
            .as_ref()
            .filter(|target| !terms.policy.takes_link(target))?;
        Some(Fault::new(
            item,
            format!("it is a symlink to {}", target.display()),
        ))
    };
    linked.filter_map(fault).collect()
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
