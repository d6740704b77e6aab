//! A signature's hash does not collide.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::signature::{algorithm_name, is_weak};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "weak-signature",
    severity: Severity::Error,
    source: "RFC 9155 §2, RFC 6151 §2.1",
    meaning: "The signature is made with a hash such as MD5 or SHA-1 for which certificates can be forged; TLS libraries refuse it",
    hint: "issue it again: SHA-256 is what every CA signs with today",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let algorithm = &it.parsed.signature_algorithm;
    // Nobody relies on a root's own signature.
    (!it.is_self_signed() && is_weak(algorithm))
        .then(|| format!("it is signed with {}", algorithm_name(&algorithm.algorithm)))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let signed = |algorithm: Vec<u8>, sample: Sample| Sample {
        outer_algorithm: algorithm.clone(),
        algorithm,
        ..sample
    };
    let plain = |oid| der::sequence(&[der::oid(&oid), der::null()]);
    let sha1 = || plain(oids::OID_PKCS1_SHA1WITHRSA);
    let default_pss = der::sequence(&[
        der::oid(&oids::OID_PKCS1_RSASSAPSS),
        der::sequence(&[[0u8; 0]]),
    ]);
    vec![
        good("ECDSA", Sample::leaf()),
        good(
            "SHA-256",
            signed(plain(oids::OID_PKCS1_SHA256WITHRSA), Sample::leaf()),
        ),
        good("SHA-1 of a root", signed(sha1(), Sample::root())),
        bad("SHA-1", signed(sha1(), Sample::leaf())),
        bad(
            "MD5",
            signed(plain(oids::OID_PKCS1_MD5WITHRSAENC), Sample::leaf()),
        ),
        bad(
            "PSS, whose default is SHA-1",
            signed(default_pss, Sample::leaf()),
        ),
    ]
}
