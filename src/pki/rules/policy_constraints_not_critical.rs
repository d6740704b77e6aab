//! Policy constraints are critical.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "policy-constraints-not-critical",
    severity: Severity::Warning,
    source: "RFC 5280 §4.2.1.11",
    meaning: "The CA's policyConstraints are not critical: a program that does not know them may pass over them, and strict ones refuse what the CA has issued",
    hint: "make the CA's certificate again with policyConstraints critical, or without them; `certctl renew NAME --force` makes them critical where its key is here",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let constraints = it.extension(&oids::OID_X509_EXT_POLICY_CONSTRAINTS)?;
    (!constraints.critical).then(|| String::from("its policyConstraints are not critical"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    // requireExplicitPolicy 0
    let value = der::sequence(&[der::tlv(tag::context(0), &[0])]);
    let constraints = Extension::new(oids::OID_X509_EXT_POLICY_CONSTRAINTS, value);
    vec![
        good("without any", Sample::authority()),
        good(
            "critical",
            Sample::authority().with(constraints.clone().critical()),
        ),
        bad("not critical", Sample::authority().with(constraints)),
    ]
}
