//! The time of a certificate is not over.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::validity::rfc3339;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "expired",
    severity: Severity::Error,
    source: "RFC 5280 §4.1.2.5",
    meaning: "The certificate's time is over, and every peer refuses it",
    hint: "renew it, and have the servers load the new one",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, moment: &Moment) -> Option<String> {
    let not_after = it.not_after();
    (moment.now > not_after).then(|| format!("it expired on {}", rfc3339(not_after)))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let until = |end| Sample::leaf().until(end);
    vec![
        good("the last second", until(NOW)),
        bad("a second later", until(NOW - Duration::SECOND)),
    ]
}
