//! Rules of form: how RFC 5280 §4 wants a certificate made, apart from what a chain needs.
//!
//! They are those of `openssl verify -x509_strict`, which Python applies to every connection, and
//! of serial numbers. A certificate that is trusted by itself is exempt (RFC 6818 §2).

use x509_parser::{oid_registry as oids, x509::X509Version};

use super::{codes::Code, facts::Facts, failure::Place};
use crate::{explained::Told, pki::recognize::algorithms_agree, severity::Severity};

/// Most octets of a serial number (RFC 5280 §4.1.2.2).
const MAX_SERIAL_OCTETS: usize = 20;

/// One rule of form.
#[derive(Debug)]
pub struct ProfileRule {
    /// Its code
    pub(super) known: Code,
    /// What is wrong with who breaks it
    pub text: &'static str,
    broken: fn(&Facts<'_>, Place) -> bool,
}

impl PartialEq for ProfileRule {
    fn eq(&self, other: &Self) -> bool {
        (self.known.told.code(), self.text) == (other.known.told.code(), other.text)
    }
}

impl Eq for ProfileRule {}

/// The rules that a certificate breaks.
pub(super) fn broken_rules(
    facts: &Facts<'_>,
    place: Place,
) -> impl Iterator<Item = &'static ProfileRule> {
    RULES.iter().filter(move |rule| (rule.broken)(facts, place))
}

/// A rule of form, which `check` has too.
const fn form(code: &'static str, section: &'static str) -> Code {
    let severity = Severity::Error;
    Code {
        rank: 100,
        section,
        told: Told::Alike {
            code,
            severity,
            source: section,
            rule: code,
        },
    }
}

/// The table of the rules of form.
pub(super) static RULES: &[ProfileRule] = &[
    ProfileRule {
        known: form("algorithms-differ", "RFC 5280 §4.1.1.2"),
        text: "it names one signature algorithm inside and another outside",
        broken: |it, _| !algorithms_agree(it.certificate.der()),
    },
    ProfileRule {
        known: form("version", "RFC 5280 §4.1.2.1"),
        text: "it has extensions, but is not of version 3",
        broken: |it, _| {
            it.parsed.version() != X509Version::V3 && !it.parsed.extensions().is_empty()
        },
    },
    // Roots with serial 0 are about, and nobody looks them up by it.
    ProfileRule {
        known: form("serial", "RFC 5280 §4.1.2.2"),
        text: "its serial number is not a positive integer of 20 octets at most",
        broken: |it, place| place != Place::Anchor && !is_serial(it.parsed.raw_serial()),
    },
    ProfileRule {
        known: form("issuer-empty", "RFC 5280 §4.1.2.4"),
        text: "its issuer is empty",
        broken: |it, _| it.parsed.issuer().iter_rdn().next().is_none(),
    },
    ProfileRule {
        known: form("subject-empty", "RFC 5280 §4.1.2.6"),
        text: "its subject is empty, which only a leaf with subjectAltName may have",
        broken: |it, _| it.has_empty_subject() && (may_issue(it) || it.names.is_none()),
    },
    ProfileRule {
        known: form("san-not-critical", "RFC 5280 §4.2.1.6"),
        text: "its subject is empty, and its subjectAltName not critical",
        broken: |it, _| {
            let critical = it.is_critical(&oids::OID_X509_EXT_SUBJECT_ALT_NAME);
            it.has_empty_subject() && it.names.is_some() && !critical
        },
    },
    ProfileRule {
        known: form("san-missing", "RFC 5280 §4.2.1.6"),
        text: "its subjectAltName has no name",
        broken: |it, _| it.names.as_ref().is_some_and(Vec::is_empty),
    },
    ProfileRule {
        known: form("basic-constraints-not-critical", "RFC 5280 §4.2.1.9"),
        text: "it is a CA, and its basicConstraints not critical",
        broken: |it, _| it.is_ca() && !it.is_critical(&oids::OID_X509_EXT_BASIC_CONSTRAINTS),
    },
    ProfileRule {
        known: form("path-length-without-ca", "RFC 5280 §4.2.1.9"),
        text: "it has a pathlen, but is not a CA with keyCertSign",
        broken: |it, _| {
            let length = it
                .basic_constraints()
                .and_then(|found| found.path_len_constraint);
            length.is_some()
                && !(it.is_ca() && it.key_usage().is_none_or(|usage| usage.key_cert_sign()))
        },
    },
    ProfileRule {
        known: form("ca-key-usage", "RFC 5280 §4.2.1.3"),
        text: "it is a CA without keyUsage",
        broken: |it, _| it.is_ca() && it.key_usage().is_none(),
    },
    ProfileRule {
        known: form("key-cert-sign-without-ca", "RFC 5280 §4.2.1.9"),
        text: "its keyUsage has keyCertSign, but it is not a CA",
        broken: |it, _| !it.is_ca() && it.key_usage().is_some_and(|usage| usage.key_cert_sign()),
    },
    ProfileRule {
        known: form("authority-key-missing", "RFC 5280 §4.2.1.1"),
        text: "it has no authorityKeyIdentifier",
        broken: |it, place| {
            place != Place::Anchor
                && it
                    .authority_key()
                    .is_none_or(|found| found.key_identifier.is_none())
        },
    },
    ProfileRule {
        known: form("subject-key-missing", "RFC 5280 §4.2.1.2"),
        text: "it is a CA without subjectKeyIdentifier",
        broken: |it, _| it.is_ca() && it.subject_key().is_none(),
    },
    ProfileRule {
        known: form("key-identifier-critical", "RFC 5280 §4.2.1.1, §4.2.1.2"),
        text: "its authorityKeyIdentifier or subjectKeyIdentifier is critical",
        broken: |it, _| {
            it.is_critical(&oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER)
                || it.is_critical(&oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER)
        },
    },
];

fn is_serial(octets: &[u8]) -> bool {
    let positive = octets.first().is_some_and(|first| first & 0x80 == 0)
        && octets.iter().any(|&octet| octet != 0);
    positive && octets.len() <= MAX_SERIAL_OCTETS
}

/// Signs certificates or CRLs, so that its subject is somebody's issuer.
fn may_issue(it: &Facts<'_>) -> bool {
    it.is_ca() || it.key_usage().is_some_and(|usage| usage.crl_sign())
}
