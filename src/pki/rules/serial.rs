//! A serial number is a positive integer of 20 octets at most.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "serial",
    severity: Severity::Error,
    source: "RFC 5280 §4.1.2.2",
    meaning: "The serial number is not positive, or too long; CRLs and programs may not be able to name the certificate",
    hint: "issue it again",
    broken,
    #[cfg(test)]
    cases,
};

/// The sign octet counted.
const MAX_OCTETS: usize = 20;

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let octets = it.parsed.raw_serial();
    if octets.len() > MAX_OCTETS {
        let count = octets.len();
        return Some(format!(
            "its serial number has {count} octets, {MAX_OCTETS} are allowed"
        ));
    }
    let is_negative = octets.first().is_none_or(|first| first & 0x80 != 0);
    let is_zero = octets.iter().all(|&octet| octet == 0);
    // Roots with serial 0 are about, and nobody looks them up by it.
    (is_negative || (is_zero && !it.is_self_signed()))
        .then(|| String::from("its serial number is not positive"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let serial = |octets: &[u8]| Sample {
        serial: octets.to_vec(),
        ..Sample::leaf()
    };
    vec![
        good("one", serial(&[1])),
        good("twenty octets", serial(&[0x7f; 20])),
        good(
            "a root's",
            Sample {
                serial: vec![0],
                ..Sample::root()
            },
        ),
        bad("zero", serial(&[0])),
        bad(
            "a root's, negative",
            Sample {
                serial: vec![0x80],
                ..Sample::root()
            },
        ),
        bad("negative", serial(&[0x80; 20])),
        bad("twenty-one octets", serial(&[0x7f; 21])),
        bad(
            "top bit set, DER adds an octet",
            serial(&[&[0][..], &[0x80; 20]].concat()),
        ),
    ]
}
