//! How hard keys and signatures are to break, in bits, as OpenSSL counts them (SSL_CTX_set_security_level(3)).

use x509_parser::{
    oid_registry::{self as oids, Oid},
    x509::SubjectPublicKeyInfo,
};

use super::{certificate::Certificate, signature::rsa_bits};

/// Bits that each security level wants, from 0.
const LEVELS: [u16; 6] = [0, 80, 112, 128, 192, 256];

/// NIST SP 800-57 Part 1 §5.6.1.1: from so many bits of an RSA key on, so many of strength.
const RSA: [(usize, u16); 8] = [
    (15_360, 256),
    (8_192, 200),
    (7_680, 192),
    (6_144, 176),
    (4_096, 152),
    (3_072, 128),
    (2_048, 112),
    (1_024, 80),
];

/// What a security level wants; nothing where there is no such level.
#[must_use]
pub fn of_level(level: usize) -> Option<u16> {
    LEVELS.get(level).copied()
}

/// The strength of a certificate's key; nothing of a type that is not known.
#[must_use]
pub fn of_key(certificate: &Certificate) -> Option<u16> {
    key(certificate.parsed().public_key())
}

/// The strength of a certificate's signature, which is that of its hash; nothing of an algorithm that is not
/// known, and where the certificate has signed itself, as nobody looks at that signature.
#[must_use]
pub fn of_signature(certificate: &Certificate) -> Option<u16> {
    if certificate.is_self_signed() {
        return None;
    }
    signature(&certificate.parsed().signature_algorithm.algorithm)
}

fn key(info: &SubjectPublicKeyInfo<'_>) -> Option<u16> {
    let algorithm = &info.algorithm.algorithm;
    let curve = || info.algorithm.parameters.as_ref()?.as_oid().ok();
    if let Some(bits) = rsa_bits(info) {
        let found = RSA.iter().find(|(least, _)| bits >= *least);
        return Some(found.map_or(0, |(_, strength)| *strength));
    }
    match () {
        () if *algorithm == oids::OID_SIG_ED25519 => Some(128),
        () if *algorithm == oids::OID_SIG_ED448 => Some(224),
        () if *algorithm != oids::OID_KEY_TYPE_EC_PUBLIC_KEY => None,
        () => match curve()? {
            curve if curve == oids::OID_EC_P256 => Some(128),
            curve if curve == oids::OID_NIST_EC_P384 => Some(192),
            curve if curve == oids::OID_NIST_EC_P521 => Some(256),
            _ => None,
        },
    }
}

fn signature(algorithm: &Oid<'_>) -> Option<u16> {
    let is = |known: &[Oid<'static>]| known.iter().any(|it| it == algorithm);
    match () {
        () if is(&[
            oids::OID_SIG_ECDSA_WITH_SHA256,
            oids::OID_PKCS1_SHA256WITHRSA,
        ]) =>
        {
            Some(128)
        }
        () if is(&[
            oids::OID_SIG_ECDSA_WITH_SHA384,
            oids::OID_PKCS1_SHA384WITHRSA,
        ]) =>
        {
            Some(192)
        }
        () if is(&[
            oids::OID_SIG_ECDSA_WITH_SHA512,
            oids::OID_PKCS1_SHA512WITHRSA,
        ]) =>
        {
            Some(256)
        }
        () if is(&[oids::OID_SIG_ED25519]) => Some(128),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::key::{KeyType, PrivateKey};
    use x509_parser::prelude::FromDer as _;

    #[test]
    fn keys() {
        for (key_type, expected) in [
            (KeyType::P256, 128),
            (KeyType::P384, 192),
            (KeyType::Ed25519, 128),
            (KeyType::Rsa2048, 112),
        ] {
            let made = PrivateKey::generate(key_type).expect("random source works");
            let info = made.public_key_info();
            let (_, info) = SubjectPublicKeyInfo::from_der(&info).expect("our own DER");
            assert_eq!(key(&info), Some(expected), "{key_type:?}");
        }
    }

    #[test]
    fn levels_and_signatures() {
        assert_eq!(of_level(4), Some(192));
        assert_eq!(of_level(6), None);
        assert_eq!(signature(&oids::OID_PKCS1_SHA384WITHRSA), Some(192));
        assert_eq!(signature(&oids::OID_PKCS1_SHA1WITHRSA), None);
    }
}
