//! A certificate ends after it begins.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "validity-order",
    severity: Severity::Error,
    source: "RFC 5280 §4.1.2.5",
    meaning: "The certificate ends before it begins, so that it is never valid",
    hint: "issue it again",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let validity = it.parsed.validity();
    (validity.not_after < validity.not_before).then(|| String::from("it ends before it begins"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let backwards = || {
        let Sample {
            not_before,
            not_after,
            ..
        } = Sample::leaf();
        Sample {
            not_before: not_after,
            not_after: not_before,
            ..Sample::leaf()
        }
    };
    let moment = || Sample {
        not_after: Sample::leaf().not_before,
        ..Sample::leaf()
    };
    vec![
        good("a year", Sample::leaf()),
        good("a second", moment()),
        bad("backwards", backwards()),
    ]
}
