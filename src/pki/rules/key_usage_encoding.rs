//! The bits of keyUsage stand in their only DER form.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::der::tag;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "key-usage-encoding",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.3, X.690 §11.2.2",
    meaning: "The bits of keyUsage are written in a longer form than the only one that DER allows; strict parsers cannot read the certificate",
    hint: "issue it again: strict parsers refuse it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let value = it.extension(&oids::OID_X509_EXT_KEY_USAGE)?.value;
    let [tag::BIT_STRING, _, unused, bits @ ..] = value else {
        return None; // that it is malformed tells another rule
    };
    let zeros = bits.last().map_or(0, |last| last.trailing_zeros());
    (u32::from(*unused) != zeros || bits.last() == Some(&0))
        .then(|| String::from("its keyUsage is not in the shortest form, which DER demands"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let bits = |value: &[u8]| {
        let value = der::tlv(tag::BIT_STRING, value);
        Sample::leaf().with(Extension::new(oids::OID_X509_EXT_KEY_USAGE, value).critical())
    };
    vec![
        good("digitalSignature", bits(&[7, 0x80])),
        good("as we write it", Sample::authority()),
        bad("bits that are not used", bits(&[0, 0x80])),
        bad("an octet too many", bits(&[0, 0x81, 0])),
        bad("bits behind the end", bits(&[7, 0xa0])),
    ]
}
