//! Only a CA constrains names.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "name-constraints-without-ca",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.10",
    meaning: "The certificate constrains names, and issues nothing; strict programs refuse it",
    hint: "issue it again without nameConstraints",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let constrains = it.extension(&oids::OID_X509_EXT_NAME_CONSTRAINTS).is_some();
    (constrains && !it.is_ca()).then(|| String::from("it has nameConstraints, but is no CA"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let constraints = Sample::authority().extension(&oids::OID_X509_EXT_NAME_CONSTRAINTS);
    vec![
        good("a CA", Sample::authority()),
        good("a leaf", Sample::leaf()),
        bad("a leaf that constrains", Sample::leaf().with(constraints)),
    ]
}
