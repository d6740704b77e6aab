//! A certificate and the key beside it belong together.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-mismatch",
    severity: Severity::Error,
    source: "RFC 8446 §4.4.3",
    hint: "put back the key or the certificate that belongs to the other, or issue both again",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let (Some(key), Some(public_key)) = (site.item(Part::Key), site.public_key()) else {
        return Vec::new();
    };
    let mut certificates = site.certificates(Part::Certificate).iter().peekable();
    let alone = certificates.peek().is_none();
    if alone || certificates.any(|it| it.public_key() == public_key) {
        return Vec::new();
    }
    vec![Fault::new(
        key,
        "it does not belong to the certificate beside it",
    )]
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let other = key_of(&KIT.issuing);
    vec![
        good("an entry", entry()),
        good(
            "the chain has another order",
            entry().with_content(Part::Key, &key_of(&KIT.issuing)),
        ),
        good(
            "no certificate",
            requested().with_content(Part::Key, &other),
        ),
        bad(
            "another key",
            entry().with_content(Part::Key, &key_of(&KIT.root)),
        ),
        bad("a CA's", root().with_content(Part::Key, &other)),
        bad("named one by one", lone().with_content(Part::Key, &other)),
    ]
}
