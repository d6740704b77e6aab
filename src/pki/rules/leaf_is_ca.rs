//! What stands for a node is no CA.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Role, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "leaf-is-ca",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.9",
    meaning: "The certificate of a node, server or client may issue certificates: with its key anybody can be impersonated",
    hint: "issue it again as a leaf; who takes its key could issue for every name",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let ca = it.is_ca() || it.signs_certificates();
    (it.role == Role::Leaf && ca)
        .then(|| String::from("it may issue certificates, and is no CA here"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let role = Role::Leaf;
    vec![
        good("a leaf", Sample::leaf()),
        good("a CA", Sample::authority()),
        bad(
            "a CA as a leaf",
            Sample {
                role,
                ..Sample::authority()
            },
        ),
        bad(
            "keyCertSign",
            Sample::leaf().with(key_usage(&[KeyUsage::KeyCertSign])),
        ),
    ]
}
