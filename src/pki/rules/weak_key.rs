//! A key is long enough.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::signature::{MIN_RSA_BITS, rsa_bits};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "weak-key",
    severity: Severity::Error,
    source: "RFC 9325 §4.5",
    meaning: "The key is so short, or of such a kind, that it can be broken or that TLS libraries refuse it",
    hint: "make a new key and certificate",
    broken,
    #[cfg(test)]
    cases,
};

/// Shortest field of a curve in bits (RFC 9325 §4.5 counts from 224 on; TLS 1.3 begins with 256).
const MIN_EC_BITS: usize = 256;

/// From the octets of a point, compressed or not (SEC 1 §2.3.3).
fn field_bits(point: &[u8]) -> usize {
    let coordinates = if point.first() == Some(&4) { 2 } else { 1 };
    point.len().saturating_sub(1) / coordinates * 8
}

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let key = it.parsed.public_key();
    let point = || &key.subject_public_key.data[..];
    let (kind, bits, least) = match rsa_bits(key) {
        Some(bits) => ("RSA", bits, MIN_RSA_BITS),
        None if key.algorithm.algorithm == oids::OID_KEY_TYPE_EC_PUBLIC_KEY => {
            ("EC", field_bits(point()), MIN_EC_BITS)
        }
        None if key.algorithm.algorithm == oids::OID_KEY_TYPE_DSA => {
            return Some(String::from(
                "its key is a DSA key, which TLS 1.3 does not know",
            ));
        }
        None => return None,
    };
    (bits < least).then(|| format!("its {kind} key has {bits} bits, {least} are the least"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let with = |algorithm: &[Vec<u8>], key: &[u8]| Sample {
        public_key_info: der::sequence(&[der::sequence(algorithm), der::bit_string(key)]).into(),
        ..Sample::leaf()
    };
    let rsa = |octets| {
        let key = der::sequence(&[der::integer(&vec![0x80; octets]), der::integer(&[3])]);
        with(
            &[der::oid(&oids::OID_PKCS1_RSAENCRYPTION), der::null()],
            &key,
        )
    };
    let p192 = [
        der::oid(&oids::OID_KEY_TYPE_EC_PUBLIC_KEY),
        der::oid(&oid!(1.2.840.10045.3.1.1)),
    ];
    vec![
        good("P-256", Sample::leaf()),
        good("RSA 2048", rsa(256)),
        bad("RSA 1024", rsa(128)),
        bad("P-192", with(&p192, &[4; 49])),
        bad("P-192, compressed", with(&p192, &[2; 25])),
        bad(
            "DSA",
            with(
                &[der::oid(&oids::OID_KEY_TYPE_DSA)],
                &der::integer(&[1; 128]),
            ),
        ),
    ]
}
