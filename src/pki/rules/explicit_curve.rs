//! An EC key names its curve.

use x509_parser::{asn1_rs::Tag, oid_registry as oids};

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "explicit-curve",
    severity: Severity::Error,
    source: "RFC 5480 §2.1.1",
    meaning: "The EC key spells out its curve instead of naming it; TLS libraries refuse such keys, and a made-up curve may be weak",
    hint: "make a new key and certificate; openssl writes the name with `-param_enc named_curve`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let algorithm = &it.parsed.public_key().algorithm;
    let named = || {
        algorithm
            .parameters
            .as_ref()
            .is_some_and(|it| it.tag() == Tag::Oid)
    };
    (algorithm.algorithm == oids::OID_KEY_TYPE_EC_PUBLIC_KEY && !named())
        .then(|| String::from("its EC key does not name its curve"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let explicit = der::sequence(&[
        der::oid(&oids::OID_KEY_TYPE_EC_PUBLIC_KEY),
        der::sequence(&[der::integer(&[1])]),
    ]);
    let public_key_info = der::sequence(&[explicit, der::bit_string(&[4; 65])]).into();
    let ed25519 = KeyType::Ed25519.public_key_info(&[4; 32]);
    vec![
        good("P-256", Sample::leaf()),
        good(
            "no EC key",
            Sample {
                public_key_info: ed25519,
                ..Sample::leaf()
            },
        ),
        bad(
            "parameters",
            Sample {
                public_key_info,
                ..Sample::leaf()
            },
        ),
    ]
}
