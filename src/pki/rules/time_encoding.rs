//! Times are UTCTime until 2049, and GeneralizedTime from 2050 on.

use x509_parser::time::ASN1Time;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "time-encoding",
    severity: Severity::Error,
    source: "RFC 5280 §4.1.2.5",
    meaning: "A time is written in the form that is for another century; strict parsers refuse the certificate, others read another year",
    hint: "issue it again: strict parsers refuse it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let validity = it.parsed.validity();
    let wrong = |time: &ASN1Time| {
        let early = (1950..2050).contains(&time.to_datetime().year());
        time.is_utctime() != early
    };
    (wrong(&validity.not_before) || wrong(&validity.not_after))
        .then(|| String::from("it writes a time in the form of another century"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let generalized = |text: &[u8]| Sample {
        not_after: der::tlv(tag::GENERALIZED_TIME, text),
        ..Sample::leaf()
    };
    vec![
        good("2031", Sample::leaf()),
        good("2050", generalized(b"20500101000000Z")),
        bad("2049 in the later form", generalized(b"20491231235959Z")),
    ]
}
