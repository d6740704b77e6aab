//! Key pairs: the six types, and their generation.

mod signing;

use std::{fmt, str::FromStr};

use ring::{
    rand::{SecureRandom as _, SystemRandom},
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use rsa::{pkcs8::EncodePrivateKey as _, rand_core, traits::PublicKeyParts as _};
use x509_parser::{
    oid_registry::{self as oids, Oid},
    public_key::PublicKey,
    x509::SubjectPublicKeyInfo,
};
use zeroize::Zeroizing;

pub use signing::{Signer, SigningKey};

use super::{
    der,
    octets::Spki,
    oid::of_value,
    secret::{PrivateKeyDer, wiped},
};

/// The types of key that certctl makes and signs with.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum KeyType {
    /// ECDSA on NIST P-256
    #[default]
    P256,
    /// ECDSA on NIST P-384
    P384,
    /// Ed25519 (RFC 8410)
    Ed25519,
    /// RSA, modulus of 2048 bits
    Rsa2048,
    /// RSA, modulus of 3072 bits
    Rsa3072,
    /// RSA, modulus of 4096 bits
    Rsa4096,
}

impl KeyType {
    /// All of them, in the order in which help lists them.
    pub const ALL: [Self; 6] = [
        Self::P256,
        Self::P384,
        Self::Ed25519,
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
    ];

    /// One of each family and curve, without the RSA keys that take long to make.
    #[cfg(test)]
    pub(super) const QUICK: [Self; 4] = [Self::P256, Self::P384, Self::Ed25519, Self::Rsa2048];

    /// The word on the command line, in JSON and in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Ed25519 => "ed25519",
            Self::Rsa2048 => "rsa2048",
            Self::Rsa3072 => "rsa3072",
            Self::Rsa4096 => "rsa4096",
        }
    }

    /// The type of a public key; `None` where it is none of these (RFC 5480 §2.1.1, RFC 8410 §3).
    #[must_use]
    pub fn of_public_key(info: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let algorithm = &info.algorithm.algorithm;
        if *algorithm == oids::OID_KEY_TYPE_EC_PUBLIC_KEY {
            let curve = of_value(info.algorithm.parameters.as_ref()?)?;
            return Self::of_curve(&curve);
        }
        if *algorithm == oids::OID_SIG_ED25519 {
            return Some(Self::Ed25519);
        }
        match info.parsed() {
            Ok(PublicKey::RSA(key)) => Self::of_rsa_bits(key.key_size()),
            _ => None,
        }
    }

    pub(super) fn of_curve(curve: &Oid<'_>) -> Option<Self> {
        if *curve == oids::OID_EC_P256 {
            return Some(Self::P256);
        }
        (*curve == oids::OID_NIST_EC_P384).then_some(Self::P384)
    }

    pub(super) fn of_rsa_bits(bits: usize) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|key_type| key_type.rsa_bits() == Some(bits))
    }

    /// Modulus length in bits; `None` for the other families.
    #[must_use]
    pub const fn rsa_bits(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(2048),
            Self::Rsa3072 => Some(3072),
            Self::Rsa4096 => Some(4096),
            Self::P256 | Self::P384 | Self::Ed25519 => None,
        }
    }

    /// `AlgorithmIdentifier` of a public key (RFC 3279 §2.3, RFC 5480 §2, RFC 8410 §3).
    fn public_key_algorithm(self) -> Vec<u8> {
        match self {
            Self::P256 => ec_algorithm(&oids::OID_EC_P256),
            Self::P384 => ec_algorithm(&oids::OID_NIST_EC_P384),
            Self::Ed25519 => der::sequence(&[der::oid(&oids::OID_SIG_ED25519)]),
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => {
                der::sequence(&[der::oid(&oids::OID_PKCS1_RSAENCRYPTION), der::null()])
            }
        }
    }

    /// `AlgorithmIdentifier` of a signature by such a key (RFC 4055 §5, RFC 5758 §3.2, RFC 8410 §3).
    #[must_use]
    pub fn signature_algorithm(self) -> Vec<u8> {
        match self {
            Self::P256 => der::sequence(&[der::oid(&oids::OID_SIG_ECDSA_WITH_SHA256)]),
            Self::P384 => der::sequence(&[der::oid(&oids::OID_SIG_ECDSA_WITH_SHA384)]),
            Self::Ed25519 => der::sequence(&[der::oid(&oids::OID_SIG_ED25519)]),
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => {
                der::sequence(&[der::oid(&oids::OID_PKCS1_SHA256WITHRSA), der::null()])
            }
        }
    }

    /// `SubjectPublicKeyInfo` (RFC 5280 §4.1) around the key's own octets.
    #[must_use]
    pub fn public_key_info(self, public_key: &[u8]) -> Spki {
        der::sequence(&[self.public_key_algorithm(), der::bit_string(public_key)]).into()
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyType {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let found = Self::ALL
            .into_iter()
            .find(|key_type| key_type.name() == text);
        found.ok_or_else(|| KeyError::UnknownType(text.to_owned()))
    }
}

fn ec_algorithm(curve: &Oid<'_>) -> Vec<u8> {
    der::sequence(&[der::oid(&oids::OID_KEY_TYPE_EC_PUBLIC_KEY), der::oid(curve)])
}

/// Why a key cannot be made or used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// The system's random source failed.
    #[error("the system's random source failed")]
    Random,
    /// The library does not take the key.
    #[error("the {key_type} key is not usable: {reason}")]
    Rejected {
        /// The type that it claims to have
        key_type: KeyType,
        /// The library's word for it
        reason: String,
    },
    /// A signature could not be made.
    #[error("the {0} key could not sign")]
    Sign(KeyType),
    /// What has the key elsewhere did not sign with it.
    #[error("{message}")]
    Elsewhere {
        /// Why not
        message: String,
        /// What mends it
        hint: Option<String>,
    },
    /// No such type of key.
    #[error("unknown key type `{0}`")]
    UnknownType(String),
}

impl KeyError {
    /// What mends it, as the program says that has the key.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Elsewhere { hint, .. } => hint.as_deref(),
            _ => None,
        }
    }
}

/// A private key with its public half.
#[derive(Debug)]
pub struct PrivateKey {
    key_type: KeyType,
    pkcs8: PrivateKeyDer,
    public_key: Vec<u8>,
}

impl PrivateKey {
    /// Makes a new key from the system's random source.
    ///
    /// # Errors
    ///
    /// Only where that source fails.
    pub fn generate(key_type: KeyType) -> Result<Self, KeyError> {
        wiped(|| match key_type {
            KeyType::P256 => Self::generate_ecdsa(key_type, P256_POINT_LENGTH),
            KeyType::P384 => Self::generate_ecdsa(key_type, P384_POINT_LENGTH),
            KeyType::Ed25519 => Self::generate_ed25519(),
            KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096 => Self::generate_rsa(key_type),
        })
    }

    /// ring generates straight into PKCS#8, whose last octets are the public point (RFC 5915 §3).
    fn generate_ecdsa(key_type: KeyType, point_length: usize) -> Result<Self, KeyError> {
        let document = EcdsaKeyPair::generate_pkcs8(ecdsa(key_type), &SystemRandom::new())
            .map_err(|_| KeyError::Random)?;
        let der = Zeroizing::new(document.as_ref().to_vec());
        let public_key = der[der.len() - point_length..].to_vec();
        Ok(Self {
            key_type,
            pkcs8: PrivateKeyDer::new(der),
            public_key,
        })
    }

    /// PKCS#8 version 1 without the public key: OpenSSL 1.1 and Java read no version 2 (RFC 8410 §7).
    fn generate_ed25519() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        SystemRandom::new()
            .fill(&mut *seed)
            .map_err(|_| KeyError::Random)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed)
            .map_err(|error| rejected(KeyType::Ed25519, error))?;
        let algorithm = der::sequence(&[der::oid(&oids::OID_SIG_ED25519)]);
        let inner = Zeroizing::new(der::octet_string(&*seed));
        Ok(Self {
            key_type: KeyType::Ed25519,
            pkcs8: PrivateKeyDer::wrap(&algorithm, &inner),
            public_key: pair.public_key().as_ref().to_vec(),
        })
    }

    fn generate_rsa(key_type: KeyType) -> Result<Self, KeyError> {
        let bits = key_type.rsa_bits().unwrap_or_default();
        let key = rsa::RsaPrivateKey::new(&mut SystemRng, bits)
            .map_err(|error| rejected(key_type, error))?;
        let pkcs8 = key
            .to_pkcs8_der()
            .map_err(|error| rejected(key_type, error))?;
        Ok(Self {
            key_type,
            pkcs8: PrivateKeyDer::new(pkcs8.to_bytes()),
            public_key: rsa_public_key(&key.n().to_bytes_be(), &key.e().to_bytes_be()),
        })
    }

    /// Puts together what was read elsewhere; the caller has checked that the halves belong together.
    pub(super) fn from_parts(key_type: KeyType, pkcs8: PrivateKeyDer, public_key: Vec<u8>) -> Self {
        Self {
            key_type,
            pkcs8,
            public_key,
        }
    }

    /// Its type.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The content of the `subjectPublicKey` BIT STRING (RFC 5280 §4.1).
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// `SubjectPublicKeyInfo`
    #[must_use]
    pub fn public_key_info(&self) -> Spki {
        self.key_type.public_key_info(&self.public_key)
    }

    /// PKCS#8 `PrivateKeyInfo`, not encrypted.
    #[must_use]
    pub fn pkcs8(&self) -> &PrivateKeyDer {
        &self.pkcs8
    }

    /// One PEM block, not encrypted (RFC 7468 §10).
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        super::pem::encode_secret("PRIVATE KEY", self.pkcs8.expose())
    }
}

/// Octets of an uncompressed point (SEC 1 §2.3.3).
const P256_POINT_LENGTH: usize = 65;
/// Octets of an uncompressed point (SEC 1 §2.3.3).
const P384_POINT_LENGTH: usize = 97;

/// `RSAPublicKey` (RFC 8017 appendix A.1.1).
pub(crate) fn rsa_public_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    der::sequence(&[der::integer(modulus), der::integer(exponent)])
}

fn ecdsa(key_type: KeyType) -> &'static signature::EcdsaSigningAlgorithm {
    match key_type {
        KeyType::P384 => &signature::ECDSA_P384_SHA384_ASN1_SIGNING,
        _ => &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
    }
}

fn rejected(key_type: KeyType, reason: impl fmt::Display) -> KeyError {
    KeyError::Rejected {
        key_type,
        reason: reason.to_string(),
    }
}

/// ring's random source, as the `rsa` crate wants to see it.
struct SystemRng;

impl rand_core::RngCore for SystemRng {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, octets: &mut [u8]) {
        self.try_fill_bytes(octets)
            .expect("getrandom(2) does not fail once the system is up");
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), rand_core::Error> {
        SystemRandom::new()
            .fill(octets)
            .map_err(|_| rand_core::Error::from(std::num::NonZeroU32::MIN))
    }
}

impl rand_core::CryptoRng for SystemRng {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_generates_and_signs_what_its_public_key_verifies() {
        for key_type in KeyType::ALL {
            let key = PrivateKey::generate(key_type).expect("random source");
            let signing = key.to_signing_key().expect("our own key");
            let signature = signing.sign(b"message").expect("signs");
            let algorithm: &dyn signature::VerificationAlgorithm = match key_type {
                KeyType::P256 => &signature::ECDSA_P256_SHA256_ASN1,
                KeyType::P384 => &signature::ECDSA_P384_SHA384_ASN1,
                KeyType::Ed25519 => &signature::ED25519,
                _ => &signature::RSA_PKCS1_2048_8192_SHA256,
            };
            let public = signature::UnparsedPublicKey::new(algorithm, key.public_key());
            assert!(public.verify(b"message", &signature).is_ok(), "{key_type}");
            assert!(public.verify(b"massage", &signature).is_err(), "{key_type}");
            assert_eq!(key_type.name().parse(), Ok(key_type));
        }
    }

    #[test]
    fn debug_output_holds_no_key() {
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        assert!(format!("{:?}", key.pkcs8()).len() < 20);
        assert_eq!(
            format!("{:?}", key.to_signing_key().expect("valid")),
            "SigningKey(p256, …)"
        );
    }
}
