//! Name constraints are critical.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "name-constraints-not-critical",
    severity: Severity::Warning,
    source: "RFC 5280 §4.2.1.10",
    meaning: "The CA's nameConstraints are not critical: a program that does not know them may pass over them, and strict ones refuse what the CA has issued",
    hint: "make the CA's certificate again with nameConstraints critical; `certctl renew NAME --force` does where its key is here",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let constraints = it.extension(&oids::OID_X509_EXT_NAME_CONSTRAINTS)?;
    (!constraints.critical).then(|| String::from("its nameConstraints are not critical"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let constraints = &oids::OID_X509_EXT_NAME_CONSTRAINTS;
    vec![
        good("a CA", Sample::authority()),
        good("without any", Sample::root()),
        bad(
            "a CA with them not critical",
            Sample::authority().with_criticality_of(constraints, false),
        ),
    ]
}
