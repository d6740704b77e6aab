//! A certificate with extensions has version 3.

use x509_parser::x509::X509Version;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "version",
    severity: Severity::Error,
    source: "RFC 5280 §4.1.2.1",
    meaning: "The certificate is not of version 3, the only one that may have extensions; without them nothing says what it is for",
    hint: "issue it again: a certificate without extensions says not what it is for",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let version = it.parsed.version();
    (version != X509Version::V3).then(|| format!("it has version {}, not 3", version.0 + 1))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let bare = Sample {
        version: 0,
        extensions: Vec::new(),
        ..Sample::leaf()
    };
    vec![
        good("3", Sample::leaf()),
        bad(
            "2",
            Sample {
                version: 1,
                ..Sample::leaf()
            },
        ),
        bad("1", bare),
    ]
}
