//! Rules of form: how RFC 5280 §4 wants a certificate made, apart from what a chain needs.
//!
//! They are those of `openssl verify -x509_strict`, which Python applies to every connection, and
//! of serial numbers. A certificate that is trusted by itself is exempt (RFC 6818 §2).

use x509_parser::{oid_registry as oids, x509::X509Version};

use super::{facts::Facts, failure::Place};
use crate::pki::recognize::algorithms_agree;

/// Most octets of a serial number (RFC 5280 §4.1.2.2).
const MAX_SERIAL_OCTETS: usize = 20;

/// One rule of form.
#[derive(Debug)]
pub struct ProfileRule {
    /// A stable word for scripts
    pub code: &'static str,
    /// What is wrong with who breaks it
    pub text: &'static str,
    /// Where it is written
    pub section: &'static str,
    broken: fn(&Facts<'_>, Place) -> bool,
}

impl PartialEq for ProfileRule {
    fn eq(&self, other: &Self) -> bool {
        (self.code, self.text) == (other.code, other.text)
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

/// All of them, under the codes that `check` has for the same.
pub static RULES: &[ProfileRule] = &[
    ProfileRule {
        code: "algorithms-differ",
        text: "it names one signature algorithm inside and another outside",
        section: "RFC 5280 §4.1.1.2",
        broken: |it, _| !algorithms_agree(it.certificate.der()),
    },
    ProfileRule {
        code: "version",
        text: "it has extensions, but is not of version 3",
        section: "RFC 5280 §4.1.2.1",
        broken: |it, _| {
            it.parsed.version() != X509Version::V3 && !it.parsed.extensions().is_empty()
        },
    },
    // Roots with serial 0 are about, and nobody looks them up by it.
    ProfileRule {
        code: "serial",
        text: "its serial number is not a positive integer of 20 octets at most",
        section: "RFC 5280 §4.1.2.2",
        broken: |it, place| place != Place::Anchor && !is_serial(it.parsed.raw_serial()),
    },
    ProfileRule {
        code: "issuer-empty",
        text: "its issuer is empty",
        section: "RFC 5280 §4.1.2.4",
        broken: |it, _| it.parsed.issuer().iter_rdn().next().is_none(),
    },
    ProfileRule {
        code: "subject-empty",
        text: "its subject is empty, which only a leaf with subjectAltName may have",
        section: "RFC 5280 §4.1.2.6",
        broken: |it, _| it.has_empty_subject() && (may_issue(it) || it.names.is_none()),
    },
    ProfileRule {
        code: "san-not-critical",
        text: "its subject is empty, and its subjectAltName not critical",
        section: "RFC 5280 §4.2.1.6",
        broken: |it, _| {
            let critical = it.is_critical(&oids::OID_X509_EXT_SUBJECT_ALT_NAME);
            it.has_empty_subject() && it.names.is_some() && !critical
        },
    },
    ProfileRule {
        code: "san-missing",
        text: "its subjectAltName has no name",
        section: "RFC 5280 §4.2.1.6",
        broken: |it, _| it.names.as_ref().is_some_and(Vec::is_empty),
    },
    ProfileRule {
        code: "basic-constraints-not-critical",
        text: "it is a CA, and its basicConstraints not critical",
        section: "RFC 5280 §4.2.1.9",
        broken: |it, _| it.is_ca() && !it.is_critical(&oids::OID_X509_EXT_BASIC_CONSTRAINTS),
    },
    ProfileRule {
        code: "path-length-without-ca",
        text: "it has a pathlen, but is not a CA with keyCertSign",
        section: "RFC 5280 §4.2.1.9",
        broken: |it, _| {
            let length = it
                .basic_constraints()
                .and_then(|found| found.path_len_constraint);
            length.is_some()
                && !(it.is_ca() && it.key_usage().is_none_or(|usage| usage.key_cert_sign()))
        },
    },
    ProfileRule {
        code: "ca-key-usage",
        text: "it is a CA without keyUsage",
        section: "RFC 5280 §4.2.1.3",
        broken: |it, _| it.is_ca() && it.key_usage().is_none(),
    },
    ProfileRule {
        code: "key-cert-sign-without-ca",
        text: "its keyUsage has keyCertSign, but it is not a CA",
        section: "RFC 5280 §4.2.1.9",
        broken: |it, _| !it.is_ca() && it.key_usage().is_some_and(|usage| usage.key_cert_sign()),
    },
    ProfileRule {
        code: "authority-key-missing",
        text: "it has no authorityKeyIdentifier",
        section: "RFC 5280 §4.2.1.1",
        broken: |it, place| {
            place != Place::Anchor
                && it
                    .authority_key()
                    .is_none_or(|found| found.key_identifier.is_none())
        },
    },
    ProfileRule {
        code: "subject-key-missing",
        text: "it is a CA without subjectKeyIdentifier",
        section: "RFC 5280 §4.2.1.2",
        broken: |it, _| it.is_ca() && it.subject_key().is_none(),
    },
    ProfileRule {
        code: "key-identifier-critical",
        text: "its authorityKeyIdentifier or subjectKeyIdentifier is critical",
        section: "RFC 5280 §4.2.1.1, §4.2.1.2",
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
