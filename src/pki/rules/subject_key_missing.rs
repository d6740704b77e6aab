//! A CA names its own key.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "subject-key-missing",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.2",
    meaning: "The CA's certificate does not identify its key; strict programs refuse it, and two CAs with one name cannot be told apart",
    hint: "make the CA's certificate again with subjectKeyIdentifier; `certctl renew NAME --force` does where its key is here",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    (it.is_ca() && it.subject_key().is_none())
        .then(|| String::from("it is a CA without subjectKeyIdentifier"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let key = &oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER;
    vec![
        good("a CA", Sample::authority()),
        good("a leaf need not", Sample::leaf().without(key)),
        bad("a CA without", Sample::root().without(key)),
    ]
}
