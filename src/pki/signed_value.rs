//! What certificates, requests and CRLs have in common: something to be signed, an algorithm, a signature
//! (RFC 5280 §4.1.1, §5.1.1; RFC 2986 §4.2).

use x509_parser::{asn1_rs::Any, prelude::FromDer as _};

use super::der::tag;

/// Whether it is a SEQUENCE of something to be signed, an algorithm and a signature, and nothing more.
///
/// x509-parser looks at the numbers of their tags only, and passes over what stands behind them.
pub(super) fn is_signed_value(der: &[u8]) -> bool {
    let parts = parts(der).unwrap_or_default();
    let tags = parts.into_iter().map(|(tag, _)| tag);
    tags.eq([tag::SEQUENCE, tag::SEQUENCE, tag::BIT_STRING])
}

/// Whether what was signed names the algorithm that stands beside it, octet for octet
/// (RFC 5280 §4.1.1.2, §5.1.1.2).
pub(super) fn algorithms_agree(signed: &[u8]) -> bool {
    let parts = parts(signed).unwrap_or_default();
    let [(_, to_be_signed), outside, _] = &parts[..] else {
        return false;
    };
    let inside = split(to_be_signed).unwrap_or_default();
    inside.iter().find(|(tag, _)| *tag == tag::SEQUENCE) == Some(outside)
}

/// Tags and contents inside one SEQUENCE that is all there is.
pub(super) fn parts(der: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    match split(der)?[..] {
        [(tag::SEQUENCE, content)] => split(content),
        _ => None,
    }
}

/// Values that tell what a sequence is: a certificate has the most, the ten of its `TBSCertificate`.
const TELLING: usize = 10;

/// Tags and contents of values that follow each other: all are read, and the first [`TELLING`] kept, because
/// a value can be shorter than what is kept of it.
fn split(mut der: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut parts = Vec::new();
    while let Some(&tag) = der.first() {
        let (rest, part) = Any::from_der(der).ok()?;
        if parts.len() < TELLING {
            parts.push((tag, part.data));
        }
        der = rest;
    }
    Some(parts)
}
