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
    meaning: "The private key is not the one that the certificate is for; no server can use the two together",
    hint: "find what belongs together: `certctl inspect FILE` shows the same `Key SHA-256` of both; or issue both again",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let items = (site.item(Part::Key), site.item(Part::Certificate));
    let ((Some(key), Some(certificate)), Some(public_key)) = (items, site.public_key()) else {
        return Vec::new();
    };
    let mut certificates = site.certificates(Part::Certificate).iter().peekable();
    let alone = certificates.peek().is_none();
    if alone || certificates.any(|it| it.public_key() == public_key) {
        return Vec::new();
    }
    let certificate = certificate.path.display();
    let message = format!("it does not belong to the certificate in {certificate}");
    vec![Fault::new(key, message)]
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
