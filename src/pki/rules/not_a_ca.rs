//! What stands in the place of a CA is one.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Role, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "not-a-ca",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.9",
    meaning: "The certificate stands where a CA's belongs, and may not issue; no chain that needs it holds",
    hint: "put the CA's own certificate there",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    (it.role == Role::Authority && !it.is_ca())
        .then(|| String::from("it should be a CA, and has no basicConstraints CA:TRUE"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let role = Role::Authority;
    vec![
        good("a CA", Sample::authority()),
        good("a leaf", Sample::leaf()),
        bad(
            "a leaf as a CA",
            Sample {
                role,
                ..Sample::leaf()
            },
        ),
    ]
}
