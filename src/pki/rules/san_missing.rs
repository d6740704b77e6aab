//! A leaf has a subject alternative name.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "san-missing",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.6, RFC 9525 §6.3",
    meaning: "The certificate has no name that a peer could look for: the common name has not counted for years",
    hint: "issue it again with `--san`; no program of today looks at the common name",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    // One without names in it is malformed, as another rule says.
    (!it.is_authority() && it.extension(&oids::OID_X509_EXT_SUBJECT_ALT_NAME).is_none())
        .then(|| String::from("it has no subject alternative name"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a leaf", Sample::leaf()),
        good("a CA", Sample::root()),
        bad(
            "no extension",
            Sample::leaf().without(&oids::OID_X509_EXT_SUBJECT_ALT_NAME),
        ),
        good(
            "no name in it",
            Sample::leaf().with(subject_alternative_name(&[])),
        ),
    ]
}
