//! What a node needs is there.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site, SiteKind},
};
use crate::pki::certificate::Certificate;

pub(super) const RULE: SiteRule = SiteRule {
    code: "file-missing",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "A file is missing that a node needs, or that other commands read",
    hint: "put it back from a backup, or make it anew for the same names: `certctl renew {name} --force`",
    broken,
    #[cfg(test)]
    cases,
};

/// What helps where a CA lacks something: a new one would not be believed.
const AUTHORITY: &str = "put it back from a backup";

/// What helps where a file holds only what is there besides.
const REBUILT: &str = "`certctl check --fix` makes it anew";

/// What helps on a node.
const COPY: &str = "copy it there again from the PKI directory";

/// What helps where a configuration file says what there is to be.
const ENDPOINT: &str = "correct the path, or copy the file there from the PKI directory";

/// What helps where the file does not come from here.
const BESIDE: &str = "correct the path, or put the file there, or leave the option out";

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let is_root = site.own().is_none_or(Certificate::is_self_signed);
    let waits = site.has(Part::Request) && !site.has(Part::Certificate);
    let needed: &[Part] = match site.kind {
        _ if waits => &[],
        SiteKind::Authority if is_root => &[Part::Certificate, Part::Bundle],
        SiteKind::Authority => &[Part::Certificate, Part::Chain],
        SiteKind::Copy => &[Part::Certificate, Part::Trust],
        SiteKind::Entry => &[Part::Certificate, Part::Trust, Part::TrustChain],
        SiteKind::Endpoint => &[
            Part::Bundle,
            Part::Certificate,
            Part::Crl,
            Part::Key,
            Part::Passphrase,
            Part::Peers,
            Part::Trust,
        ],
        SiteKind::Archived | SiteKind::Lone | SiteKind::Pki => &[],
    };
    // That the whole directory is missing is a rule of its own.
    let is_meant = site.has(Part::Directory) || site.kind == SiteKind::Endpoint;
    let missing = site
        .items
        .iter()
        .filter(|item| needed.contains(&item.part) || matches!(item.part, Part::Beside(_)))
        .filter(|item| item.found.is_none() && is_meant);
    missing
        .map(|item| Fault {
            hint: match site.kind {
                SiteKind::Authority | SiteKind::Entry if item.part != Part::Certificate => {
                    Some(REBUILT)
                }
                SiteKind::Authority => Some(AUTHORITY),
                SiteKind::Copy => Some(COPY),
                SiteKind::Endpoint if matches!(item.part, Part::Beside(_)) => Some(BESIDE),
                SiteKind::Endpoint => Some(ENDPOINT),
                _ => None,
            },
            ..Fault::new(item, "it is missing")
        })
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let missing = |part, site: Site| site.without(part);
    vec![
        good("an entry", entry()),
        good("it waits for its certificate", requested()),
        good(
            "a node has no use for it",
            missing(Part::TrustChain, copy()),
        ),
        good(
            "the directory is missing",
            missing(Part::Trust, missing(Part::Directory, entry())),
        ),
        bad("the certificate", missing(Part::Certificate, entry())),
        bad("the bundle", missing(Part::Trust, copy())),
        bad("for other peers", missing(Part::TrustChain, entry())),
        bad("a named file", missing(Part::Key, endpoint())),
        bad("a file besides", endpoint().beside(Holds::Text, None)),
        good(
            "a folder besides",
            endpoint().beside(Holds::Folder, Some(0o755)),
        ),
        bad("the chain", missing(Part::Chain, authority())),
        bad("the root's bundle", missing(Part::Bundle, root())),
    ]
}
