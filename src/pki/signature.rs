//! Checks signatures on certificates, CRLs and requests, and says why one does not hold.
//!
//! x509-parser's own check would take SHA-1, and RSA-PSS whatever its parameters say.

mod p521;

use ring::{
    digest::{self, SHA256, SHA384, SHA512},
    signature::{self, VerificationAlgorithm},
};
use x509_parser::{
    asn1_rs::{Any, BitString, Tag},
    der_parser::oid,
    oid_registry::{self as oids, Oid},
    prelude::FromDer as _,
    public_key::PublicKey,
    signature_algorithm::RsaSsaPssParams,
    x509::{AlgorithmIdentifier, SubjectPublicKeyInfo},
};

use super::{
    key::KeyType,
    octets::Spki,
    oid::{dotted, of_value},
};

/// Shortest RSA modulus in bits (RFC 9325 §4.5).
pub const MIN_RSA_BITS: usize = 2048;

/// Why a signature is not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignatureError {
    /// The key did not make this signature of these octets.
    #[error("the signature does not match")]
    Mismatch,
    /// The algorithm needs another type of key, or names parameters that are not its own.
    #[error("the signature algorithm {0} does not fit the issuer's key or its own parameters")]
    Unfit(String),
    /// Not an algorithm that can be checked here.
    #[error("the signature algorithm {0} cannot be checked here")]
    Unsupported(String),
    /// The hash collides, or the key is short.
    #[error("the signature is weak: {0}")]
    Weak(String),
}

/// What checks the signatures of one algorithm.
enum Scheme {
    /// By curve; ring has not every hash for each
    Ecdsa {
        p256: Option<&'static dyn VerificationAlgorithm>,
        p384: Option<&'static dyn VerificationAlgorithm>,
        p521: &'static digest::Algorithm,
    },
    Ed25519,
    Rsa(&'static dyn VerificationAlgorithm),
    /// The hash stands in the parameters.
    RsaPss,
    /// Known, and beyond the libraries used
    Unsupported,
    /// Broken hashes (RFC 6151, RFC 9155)
    Weak,
}

/// What checks one signature.
enum Verification {
    P521(&'static digest::Algorithm),
    Ring(&'static dyn VerificationAlgorithm),
}

/// OpenSSL's names; RSA as in RFC 4055, ECDSA in RFC 5758, Ed25519 in RFC 8410.
static ALGORITHMS: &[(Oid<'static>, &str, Scheme)] = &[
    (
        oids::OID_SIG_ECDSA_WITH_SHA256,
        "ecdsa-with-SHA256",
        Scheme::Ecdsa {
            p256: Some(&signature::ECDSA_P256_SHA256_ASN1),
            p384: Some(&signature::ECDSA_P384_SHA256_ASN1),
            p521: &SHA256,
        },
    ),
    (
        oids::OID_SIG_ECDSA_WITH_SHA384,
        "ecdsa-with-SHA384",
        Scheme::Ecdsa {
            p256: Some(&signature::ECDSA_P256_SHA384_ASN1),
            p384: Some(&signature::ECDSA_P384_SHA384_ASN1),
            p521: &SHA384,
        },
    ),
    (
        oids::OID_SIG_ECDSA_WITH_SHA512,
        "ecdsa-with-SHA512",
        Scheme::Ecdsa {
            p256: None,
            p384: None,
            p521: &SHA512,
        },
    ),
    (oids::OID_SIG_ED25519, "ED25519", Scheme::Ed25519),
    (
        oids::OID_PKCS1_SHA256WITHRSA,
        "sha256WithRSAEncryption",
        Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
    ),
    (
        oids::OID_PKCS1_SHA384WITHRSA,
        "sha384WithRSAEncryption",
        Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
    ),
    (
        oids::OID_PKCS1_SHA512WITHRSA,
        "sha512WithRSAEncryption",
        Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
    ),
    (oids::OID_PKCS1_RSASSAPSS, "rsassaPss", Scheme::RsaPss),
    (oids::OID_SIG_ED448, "ED448", Scheme::Unsupported),
    (oid!(1.2.840.10045.4.1), "ecdsa-with-SHA1", Scheme::Weak),
    (oids::OID_SIG_DSA_WITH_SHA1, "dsaWithSHA1", Scheme::Weak),
    (
        oids::OID_PKCS1_MD5WITHRSAENC,
        "md5WithRSAEncryption",
        Scheme::Weak,
    ),
    (
        oids::OID_PKCS1_SHA1WITHRSA,
        "sha1WithRSAEncryption",
        Scheme::Weak,
    ),
    (oids::OID_SHA1_WITH_RSA, "sha1WithRSA", Scheme::Weak),
];

/// What a signature algorithm is called; its number where it is none of the usual.
#[must_use]
pub fn algorithm_name(algorithm: &Oid<'_>) -> String {
    ALGORITHMS
        .iter()
        .find(|(oid, ..)| oid == algorithm)
        .map_or_else(|| dotted(algorithm), |(_, name, _)| (*name).to_owned())
}

/// Whether collisions of the algorithm's hash are known; so it is with the defaults of RSASSA-PSS
/// (RFC 4055 §3.1).
#[must_use]
pub fn is_weak(algorithm: &AlgorithmIdentifier<'_>) -> bool {
    let scheme = ALGORITHMS
        .iter()
        .find(|(oid, ..)| *oid == algorithm.algorithm)
        .map(|(.., scheme)| scheme);
    match scheme {
        Some(Scheme::Weak) => true,
        Some(Scheme::RsaPss) => algorithm
            .parameters
            .as_ref()
            .and_then(|parameters| RsaSsaPssParams::try_from(parameters).ok())
            .is_none_or(|parameters| *parameters.hash_algorithm_oid() == oids::OID_HASH_SHA1),
        _ => false,
    }
}

/// Modulus length of an RSA key in bits, leading zeros not counted; `None` for other keys.
#[must_use]
pub fn rsa_bits(key: &SubjectPublicKeyInfo<'_>) -> Option<usize> {
    let Ok(PublicKey::RSA(key)) = key.parsed() else {
        return None;
    };
    let zeros = key.modulus.iter().take_while(|&&octet| octet == 0).count();
    let significant = &key.modulus[zeros..];
    let unused = significant.first().map_or(0, |first| first.leading_zeros());
    Some(significant.len() * 8 - unused as usize)
}

/// Checks that `key` signed `message` (RFC 5280 §6.1.3 (a)(1)).
///
/// # Errors
///
/// Where it did not, or the algorithm or the key is refused.
pub fn check(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
    signature: &BitString<'_>,
    message: &[u8],
) -> Result<(), SignatureError> {
    let verification = verification(key, algorithm)?;
    let key = &key.subject_public_key.data;
    let holds = match verification {
        Verification::P521(hash) => p521::holds(key, hash, message, &signature.data),
        Verification::Ring(algorithm) => signature::UnparsedPublicKey::new(algorithm, key)
            .verify(message, &signature.data)
            .is_ok(),
    };
    match holds && signature.unused_bits == 0 {
        true => Ok(()),
        false => Err(SignatureError::Mismatch),
    }
}

/// Whether a key made this signature of a message, with the algorithm of its type.
#[must_use]
pub fn holds(key: &Spki, key_type: KeyType, signature: &[u8], message: &[u8]) -> bool {
    let algorithm = key_type.signature_algorithm();
    let (key, algorithm) = (
        SubjectPublicKeyInfo::from_der(key),
        AlgorithmIdentifier::from_der(&algorithm),
    );
    let (Ok((_, key)), Ok((_, algorithm))) = (key, algorithm) else {
        return false;
    };
    check(&key, &algorithm, &BitString::new(0, signature), message).is_ok()
}

fn verification(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
) -> Result<Verification, SignatureError> {
    let name = || algorithm_name(&algorithm.algorithm);
    let scheme = ALGORITHMS
        .iter()
        .find(|(oid, ..)| *oid == algorithm.algorithm)
        .map_or(&Scheme::Unsupported, |(.., scheme)| scheme);
    let parameters = algorithm.parameters.as_ref();
    let supported = |found: Option<_>| {
        let found = found.map(Verification::Ring);
        found.ok_or_else(|| SignatureError::Unsupported(name()))
    };
    let found = match scheme {
        Scheme::Unsupported => return Err(SignatureError::Unsupported(name())),
        Scheme::Weak => return Err(SignatureError::Weak(name())),
        Scheme::Ed25519 if parameters.is_none() => {
            is_type(key, &oids::OID_SIG_ED25519).then_some(Verification::Ring(&signature::ED25519))
        }
        Scheme::Ecdsa { p256, p384, p521 } if parameters.is_none() => match named_curve(key) {
            Some(curve) if curve == oids::OID_EC_P256 => Some(supported(*p256)?),
            Some(curve) if curve == oids::OID_NIST_EC_P384 => Some(supported(*p384)?),
            Some(curve) if curve == oids::OID_NIST_EC_P521 => Some(Verification::P521(p521)),
            _ => None,
        },
        // RFC 4055 §5: NULL, and its absence is to be accepted.
        Scheme::Rsa(verification) if parameters.is_none_or(|any| any.tag() == Tag::Null) => {
            long_rsa_key(key)?.then_some(Verification::Ring(*verification))
        }
        Scheme::RsaPss => {
            let parameters = long_rsa_key(key)?.then_some(parameters);
            parameters.flatten().and_then(pss).map(Verification::Ring)
        }
        _ => None,
    };
    found.ok_or_else(|| SignatureError::Unfit(name()))
}

fn is_type(key: &SubjectPublicKeyInfo<'_>, oid: &Oid<'_>) -> bool {
    key.algorithm.algorithm == *oid
}

fn named_curve<'a>(key: &'a SubjectPublicKeyInfo<'_>) -> Option<Oid<'a>> {
    is_type(key, &oids::OID_KEY_TYPE_EC_PUBLIC_KEY)
        .then_some(key.algorithm.parameters.as_ref()?)
        .and_then(of_value)
}

/// Whether it is an RSA key; a short one is an error of its own.
fn long_rsa_key(key: &SubjectPublicKeyInfo<'_>) -> Result<bool, SignatureError> {
    match rsa_bits(key) {
        Some(bits) if bits < MIN_RSA_BITS => Err(SignatureError::Weak(format!(
            "an RSA key of {bits} bits, {MIN_RSA_BITS} are the least"
        ))),
        found => Ok(found.is_some()),
    }
}

/// The parameters that TLS knows too: one hash for all, and a salt of its length (RFC 8446 §4.2.3).
fn pss(parameters: &Any<'_>) -> Option<&'static dyn VerificationAlgorithm> {
    let parameters = RsaSsaPssParams::try_from(parameters).ok()?;
    let mask = parameters.mask_gen_algorithm().ok()?;
    let hash = parameters.hash_algorithm_oid();
    let hashes: [(_, u32, &'static dyn VerificationAlgorithm); 3] = [
        (
            oids::OID_NIST_HASH_SHA256,
            32,
            &signature::RSA_PSS_2048_8192_SHA256,
        ),
        (
            oids::OID_NIST_HASH_SHA384,
            48,
            &signature::RSA_PSS_2048_8192_SHA384,
        ),
        (
            oids::OID_NIST_HASH_SHA512,
            64,
            &signature::RSA_PSS_2048_8192_SHA512,
        ),
    ];
    let fits = mask.mgf == oid!(1.2.840.113549.1.1.8)
        && mask.hash == *hash
        && parameters.trailer_field() == 1;
    hashes
        .into_iter()
        .find(|(oid, length, _)| fits && oid == hash && *length == parameters.salt_length())
        .map(|(.., verification)| verification)
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::FromDer as _;

    use super::*;
    use crate::pki::{
        der,
        key::{KeyType, PrivateKey, Signer as _},
    };

    /// Checks a signature of `message` by `key`, with the algorithm identifier given.
    fn check_with(
        key: &PrivateKey,
        algorithm: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let info = key.public_key_info();
        let (_, info) = SubjectPublicKeyInfo::from_der(&info).expect("our own key");
        let (_, algorithm) = AlgorithmIdentifier::from_der(algorithm).expect("our own DER");
        check(&info, &algorithm, &BitString::new(0, signature), b"message")
    }

    #[test]
    fn own_signatures_hold_and_no_others() {
        for key_type in KeyType::QUICK {
            let key = PrivateKey::generate(key_type).expect("random source");
            let signing = key.to_signing_key().expect("our own key");
            let signature = signing.sign(b"message").expect("signs");
            let other = signing.sign(b"massage").expect("signs");
            let algorithm = key_type.signature_algorithm();
            assert_eq!(
                check_with(&key, &algorithm, &signature),
                Ok(()),
                "{key_type}"
            );
            assert_eq!(
                check_with(&key, &algorithm, &other),
                Err(SignatureError::Mismatch),
                "{key_type}"
            );
        }
    }

    #[test]
    fn algorithms_that_do_not_fit_are_told_apart() {
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        let plain = |oid: &Oid<'_>| der::sequence(&[der::oid(oid)]);
        let with_null = |oid: &Oid<'_>| der::sequence(&[der::oid(oid), der::null()]);
        for (name, algorithm, expected) in [
            (
                "RSA by an EC key",
                with_null(&oids::OID_PKCS1_SHA256WITHRSA),
                SignatureError::Unfit("sha256WithRSAEncryption".into()),
            ),
            (
                "ECDSA with parameters",
                with_null(&oids::OID_SIG_ECDSA_WITH_SHA256),
                SignatureError::Unfit("ecdsa-with-SHA256".into()),
            ),
            (
                "Ed25519 by an EC key",
                plain(&oids::OID_SIG_ED25519),
                SignatureError::Unfit("ED25519".into()),
            ),
            (
                "PSS without parameters",
                plain(&oids::OID_PKCS1_RSASSAPSS),
                SignatureError::Unfit("rsassaPss".into()),
            ),
            (
                "SHA-1",
                with_null(&oids::OID_PKCS1_SHA1WITHRSA),
                SignatureError::Weak("sha1WithRSAEncryption".into()),
            ),
            (
                "SHA-512 on P-256",
                plain(&oids::OID_SIG_ECDSA_WITH_SHA512),
                SignatureError::Unsupported("ecdsa-with-SHA512".into()),
            ),
            (
                "unknown",
                plain(&oid!(1.2.3.4)),
                SignatureError::Unsupported("1.2.3.4".into()),
            ),
        ] {
            assert_eq!(
                check_with(&key, &algorithm, &[0; 64]),
                Err(expected),
                "{name}"
            );
        }
    }

    #[test]
    fn rsa_moduli_are_counted_in_significant_bits() {
        let rsa = der::sequence(&[der::oid(&oids::OID_PKCS1_RSAENCRYPTION), der::null()]);
        for (modulus, expected) in [(&[0x80; 128][..], 1024), (&[0x01, 0xff], 9), (&[0x7f], 7)] {
            let key = der::sequence(&[der::integer(modulus), der::integer(&[3])]);
            let info = der::sequence(&[&rsa[..], &der::bit_string(&key)]);
            let (_, info) = SubjectPublicKeyInfo::from_der(&info).expect("our own DER");
            assert_eq!(rsa_bits(&info), Some(expected));
        }
    }
}
