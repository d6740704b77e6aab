//! Extensions hold what their kind demands.

use x509_parser::{asn1_rs::Any, extensions::X509Extension, prelude::FromDer as _};

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Severity, Terms, View, is_understood};
use crate::pki::extension;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "malformed-extension",
    severity: Severity::Error,
    source: "RFC 5280 §4.2",
    meaning: "The content of an extension is not what RFC 5280 says of its kind; programs refuse the certificate, or read something else in it",
    hint: "issue it again, and look at what the extfile says of it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Terms) -> Option<String> {
    let malformed = |extension: &&X509Extension<'_>| {
        // The parser passes over octets after a value, which another reader may not.
        is_understood(&extension.oid)
            && (extension.parsed_extension().error().is_some()
                || !matches!(Any::from_der(extension.value), Ok(([], _))))
    };
    it.parsed
        .extensions()
        .iter()
        .find(malformed)
        .map(|extension| format!("its {} is malformed", extension::name(&extension.oid)))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let usage = |value: &[u8]| {
        Sample::leaf().with(Extension::new(oids::OID_X509_EXT_KEY_USAGE, value.to_vec()))
    };
    vec![
        good("a leaf", Sample::leaf()),
        good("a CA", Sample::authority()),
        good(
            "unknown",
            Sample::leaf().with(Extension::new(oid!(1.2.3.4), vec![1])),
        ),
        bad("another type", usage(&der::null())),
        bad("nothing", usage(&[])),
        bad("octets behind it", usage(&[3, 2, 7, 0x80, 0])),
    ]
}
