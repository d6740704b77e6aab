//! A CA has one key: in a file, or under a name.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-twice",
    severity: Severity::Error,
    source: "certctl-signer(7)",
    meaning: "Both a CA's key and what names its key in a token or an agent lie there, so that nobody knows which signs, and neither does",
    hint: "move one of the two away: where the key in the token is the certificate's, the file is a copy too many",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let is_meant = site.kind == SiteKind::Authority && site.has(Part::Key);
    let name = site.item(Part::KeyUri);
    let name = name.filter(|name| is_meant && name.found.is_some());
    name.map(|item| Fault::new(item, "a key lies beside it"))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let uri = || key_uri("pkcs11:object=issuing");
    vec![
        good("a file", authority()),
        good("a name", authority().without(Part::Key).with(uri())),
        good("archived", archived().with(uri())),
        bad("both", authority().with(uri())),
    ]
}
