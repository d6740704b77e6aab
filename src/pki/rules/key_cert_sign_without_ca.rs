//! Only a CA's key signs certificates.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "key-cert-sign-without-ca",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.9",
    meaning: "The key may sign certificates, and the certificate is no CA's; strict programs refuse it",
    hint: "issue it again without keyCertSign",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    (it.signs_certificates() && !it.is_ca())
        .then(|| String::from("its keyUsage has keyCertSign, but it is no CA"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a CA", Sample::authority()),
        good("a leaf", Sample::leaf()),
        bad(
            "a leaf that signs",
            Sample::leaf().with(key_usage(&[KeyUsage::KeyCertSign])),
        ),
    ]
}
