//! A common name has 64 characters at most.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::name::MAX_ATTRIBUTE_LENGTH;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "common-name-length",
    severity: Severity::Error,
    source: "RFC 5280 appendix A.1 §ub-common-name",
    meaning: "The common name is longer than X.509 allows; strict programs refuse the certificate",
    hint: "issue it again with a shorter name; peers look at the subject alternative names",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let mut names = it.parsed.subject().iter_common_name();
    names.find_map(|name| {
        let length = name.as_str().ok()?.chars().count();
        (length > MAX_ATTRIBUTE_LENGTH).then(|| {
            format!("its common name has {length} characters, {MAX_ATTRIBUTE_LENGTH} are allowed")
        })
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let named = |length| {
        let subject = distinguished_name(Some(&"é".repeat(length)), None);
        Sample {
            subject,
            ..Sample::leaf()
        }
    };
    vec![
        good(
            "none",
            Sample {
                subject: distinguished_name(None, Some("Acme")),
                ..Sample::leaf()
            },
        ),
        good("64", named(64)),
        bad("65", named(65)),
    ]
}
