//! Key identifiers are never critical.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::extension;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "key-identifier-critical",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.1, §4.2.1.2",
    meaning: "A key identifier is critical, which RFC 5280 forbids; strict programs refuse the certificate",
    hint: "issue it again with both key identifiers not critical",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let both = [
        oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
        oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
    ];
    both.iter()
        .find(|oid| it.is_critical(oid))
        .map(|oid| format!("its {} is critical", extension::name(oid)))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let critical = |oid| Sample::leaf().with_criticality_of(oid, true);
    vec![
        good("neither", Sample::leaf()),
        bad(
            "the issuer's",
            critical(&oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER),
        ),
        bad(
            "its own",
            critical(&oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER),
        ),
    ]
}
