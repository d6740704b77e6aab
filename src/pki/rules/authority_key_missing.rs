//! What another certificate signed names that certificate's key.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "authority-key-missing",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.1",
    meaning: "The certificate does not say which key signed it; Python 3.13 and others that verify strictly refuse it",
    hint: "issue it again without an extfile that leaves authorityKeyIdentifier out",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let named = it
        .authority_key()
        .is_some_and(|it| it.key_identifier.is_some());
    (!named && !it.is_self_signed()).then(|| {
        String::from(
            "it has no authorityKeyIdentifier with the issuer's key (Python and others refuse it)",
        )
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let key = &oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER;
    let empty = Extension::new(key.clone(), der::sequence(&[[0u8; 0]]));
    vec![
        good("a leaf with it", Sample::leaf()),
        good("a root needs none", Sample::root()),
        bad("a leaf", Sample::leaf().without(key)),
        bad("a CA", Sample::authority().without(key)),
        bad("nothing in it", Sample::leaf().with(empty)),
    ]
}
