//! The signature algorithm inside what is signed and outside of it are one.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::signed_value::algorithms_agree;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "algorithms-differ",
    severity: Severity::Error,
    source: "RFC 5280 §4.1.1.2",
    meaning: "The certificate names one signature algorithm in what is signed and another outside of it; strict programs refuse it",
    hint: "issue it again: the file was damaged, or made by a broken tool",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    // By their octets: parsers take more than one encoding for the same.
    (!algorithms_agree(it.parsed.as_raw()))
        .then(|| String::from("it names one signature algorithm inside and another outside"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let outer_algorithm = KeyType::Ed25519.signature_algorithm();
    vec![
        good("the same", Sample::leaf()),
        bad(
            "another outside",
            Sample {
                outer_algorithm,
                ..Sample::leaf()
            },
        ),
    ]
}
