//! A CA's basicConstraints are critical.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "basic-constraints-not-critical",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.9",
    meaning: "The CA's basicConstraints are not critical; strict programs refuse whatever the CA has issued",
    hint: "make the CA's certificate again; `certctl renew NAME --force` does where its key is here",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let critical = it.is_critical(&oids::OID_X509_EXT_BASIC_CONSTRAINTS);
    (it.is_ca() && !critical)
        .then(|| String::from("it is a CA, and its basicConstraints are not critical"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let constraints = &oids::OID_X509_EXT_BASIC_CONSTRAINTS;
    vec![
        good("a CA", Sample::authority()),
        good(
            "a leaf",
            Sample::leaf().with_criticality_of(constraints, false),
        ),
        bad(
            "a CA without",
            Sample::authority().with_criticality_of(constraints, false),
        ),
    ]
}
