//! A leaf's key may sign TLS handshakes.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "leaf-key-usage",
    severity: Severity::Warning,
    source: "RFC 8446 §4.4.2.2",
    meaning: "The certificate's keyUsage does not allow the signature that proves in TLS 1.3, and in TLS 1.2 with ECDHE, that the peer has the key",
    hint: "issue it again with digitalSignature",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let usage = it.key_usage()?;
    (!it.is_authority() && !usage.digital_signature())
        .then(|| String::from("its keyUsage lacks digitalSignature, which TLS 1.3 needs"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a leaf", Sample::leaf()),
        good("a CA", Sample::root()),
        good(
            "no keyUsage",
            Sample::leaf().without(&oids::OID_X509_EXT_KEY_USAGE),
        ),
        bad(
            "another",
            Sample::leaf().with(key_usage(&[KeyUsage::KeyEncipherment])),
        ),
    ]
}
