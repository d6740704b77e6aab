//! A CA whose key lies elsewhere cannot sign here.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Recorded, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "authority-key-absent",
    severity: Severity::Info,
    source: "certctl(1), FILES",
    meaning: "The CA's private key is not in the PKI directory, so that nothing can be signed by it there",
    hint: "nothing need be done where the key is kept offline; put it back to sign",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let key = site.item(Part::Key).filter(|key| key.found.is_none());
    // The key of a cross certificate is where the CA is that it vouches for.
    let crosses = matches!(&site.recorded, Recorded::As(row) if row.is_crossing);
    let is_meant = site.kind == SiteKind::Authority && site.has(Part::Directory) && !crosses;
    let is_named = site.has(Part::KeyUri);
    let missing = key.filter(|_| is_meant && !is_named);
    missing
        .map(|item| Fault::new(item, "the CA's private key is not here"))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a CA", authority()),
        good("an entry", entry().without(Part::Key)),
        good(
            "a cross certificate",
            root().without(Part::Key).recorded(Recorded::As(Row {
                is_crossing: true,
                ..row(&KIT.root)
            })),
        ),
        good(
            "a key in a token",
            root()
                .without(Part::Key)
                .with(key_uri("pkcs11:object=root")),
        ),
        bad("a CA without", root().without(Part::Key)),
    ]
}
