//! A certificate does not end soon.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::{duration::in_words, validity::rfc3339};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "expiring",
    severity: Severity::Warning,
    source: "certctl-check(1)",
    meaning: "The certificate ends within `--within`: by default where a third of its life is left, or 30 days if that is less",
    hint: "renew it in time, and have the servers load the new one",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, moment: &Moment) -> Option<String> {
    let not_after = it.not_after();
    let left = not_after - moment.now;
    let margin = moment.within.of(not_after - it.not_before());
    (!left.is_negative() && left <= margin).then(|| {
        let (end, left) = (rfc3339(not_after), in_words(left));
        format!("it expires on {end}, in {left}")
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let until = |end| Sample::leaf().until(end);
    vec![
        good("it has ended", until(NOW - Duration::SECOND)),
        bad("now", until(NOW)),
        bad("in 30 days", until(NOW + Duration::days(30))),
        good("later", until(NOW + Duration::days(30) + Duration::SECOND)),
    ]
}
