//! Only a CA has a path length.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "path-length-without-ca",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.9",
    meaning: "The certificate limits the CAs below it, and is no CA; strict programs refuse it",
    hint: "issue it again without pathlen",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let constraints = it.basic_constraints()?;
    (constraints.path_len_constraint.is_some() && !constraints.ca)
        .then(|| String::from("its basicConstraints have a pathlen, but it is no CA"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let value = der::sequence(&[der::integer(&[1])]);
    let length = Extension::new(oids::OID_X509_EXT_BASIC_CONSTRAINTS, value);
    vec![
        good("a CA", Sample::authority()),
        good("a leaf", Sample::leaf()),
        bad(
            "a leaf with a length",
            Sample::leaf().with(length.critical()),
        ),
    ]
}
