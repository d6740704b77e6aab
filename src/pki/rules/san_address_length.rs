//! An address has 4 or 16 octets.

use x509_parser::extensions::GeneralName;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "san-address-length",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.6",
    meaning: "An address among the names is neither IPv4 nor IPv6; programs refuse the certificate, or do not find the name",
    hint: "issue it again with an address, not a network",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let mut addresses = it.names()?.iter().filter_map(|name| match name {
        GeneralName::IPAddress(octets) => Some(octets.len()),
        _ => None,
    });
    let octets = addresses.find(|octets| ![4, 16].contains(octets))?;
    Some(format!("an address among its names has {octets} octets"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let address =
        |octets: &[u8]| Sample::leaf_for(&[Name::Opaque(der::tlv(tag::context(7), octets))]);
    vec![
        good("IPv4", address(&[10, 0, 0, 1])),
        good("IPv6", address(&[0; 16])),
        good("no address", Sample::leaf()),
        bad("a network", address(&[10, 0, 0, 0, 255, 0, 0, 0])),
        bad("text", address(b"10.0.0.1")),
    ]
}
