//! Where the subject is empty, the subject alternative names are critical.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "san-not-critical",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.6",
    meaning: "The subject is empty, so that the names alone say whose the certificate is, and they are not critical; strict programs refuse it",
    hint: "issue it again with subjectAltName critical, or with a subject",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let critical = it.is_critical(&oids::OID_X509_EXT_SUBJECT_ALT_NAME);
    (it.has_empty_subject() && it.names().is_some() && !critical)
        .then(|| String::from("its subject is empty, and its subjectAltName is not critical"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let names = &oids::OID_X509_EXT_SUBJECT_ALT_NAME;
    let nameless = || Sample {
        subject: distinguished_name(None, None),
        ..Sample::leaf()
    };
    vec![
        good("a subject", Sample::leaf()),
        good("critical", nameless().with_criticality_of(names, true)),
        bad("not critical", nameless()),
    ]
}
