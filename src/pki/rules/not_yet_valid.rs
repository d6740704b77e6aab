//! The time of a certificate has come.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::validity::rfc3339;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "not-yet-valid",
    severity: Severity::Error,
    source: "RFC 5280 §4.1.2.5",
    meaning: "The certificate's time has not come, by the clock of this machine, and peers refuse it until then",
    hint: "look at the clock, here and where it was issued; `--backdate` lets it begin earlier",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, moment: &Moment) -> Option<String> {
    let not_before = it.parsed.validity().not_before.to_datetime();
    (moment.now < not_before).then(|| format!("it is not valid before {}", rfc3339(not_before)))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let from = |not_before| Sample {
        not_before: der::time(not_before),
        ..Sample::leaf()
    };
    vec![
        good("the first second", from(NOW)),
        bad("a second earlier", from(NOW + Duration::SECOND)),
    ]
}
