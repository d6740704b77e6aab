//! Public keys that certificates are made for, whoever holds the private half.

use std::borrow::Cow;

use x509_parser::{
    der_parser::oid,
    oid_registry::{self as oids, Oid},
    prelude::FromDer as _,
    public_key::PublicKey as Parsed,
    x509::SubjectPublicKeyInfo,
};

use super::{
    extension::key_identifier,
    key::PrivateKey,
    octets::{KeyId, Spki},
    oid::{dotted, of_value},
    signature::{MIN_RSA_BITS, rsa_bits},
};

/// Longest RSA modulus in bits whose signatures can be checked here.
const MAX_RSA_BITS: usize = 8192;

/// A public key that is fit for a certificate, with its exact DER.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey {
    name: Cow<'static, str>,
    is_rsa: bool,
    info: Spki,
    octets: Vec<u8>,
}

/// Why no certificate is made for a key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PublicKeyError {
    /// It does not hold together.
    #[error("the public key is malformed")]
    Malformed,
    /// Of a kind that servers and clients do not agree on.
    #[error("a public key of type {0} is not supported; RSA, P-256, P-384, P-521 and Ed25519 are")]
    Unsupported(String),
    /// Too short to be safe.
    #[error("the public key is weak: {0}")]
    Weak(String),
}

/// Curves (RFC 5480 §2.1.1.1): those that are taken, with the key's name; those that are too short.
static CURVES: [(Oid<'static>, &str); 3] = [
    (oids::OID_EC_P256, "p256"),
    (oids::OID_NIST_EC_P384, "p384"),
    (oids::OID_NIST_EC_P521, "p521"),
];
static SHORT_CURVES: [(Oid<'static>, &str); 2] = [
    (oid!(1.2.840.10045.3.1.1), "P-192"),
    (oid!(1.3.132.0.33), "P-224"),
];

impl PublicKey {
    /// Takes a `SubjectPublicKeyInfo` that was made elsewhere (RFC 5280 §4.1.2.7).
    ///
    /// # Errors
    ///
    /// Where the key is weak, of no common kind, or no key.
    pub fn from_info(info: &[u8]) -> Result<Self, PublicKeyError> {
        let Ok(([], parsed)) = SubjectPublicKeyInfo::from_der(info) else {
            return Err(PublicKeyError::Malformed);
        };
        let name = name(&parsed)?;
        Ok(Self {
            is_rsa: parsed.algorithm.algorithm == oids::OID_PKCS1_RSAENCRYPTION,
            info: info.into(),
            octets: parsed.subject_public_key.data.to_vec(),
            name,
        })
    }

    /// The word for its type in JSON and in the ledger: `p256`, `rsa2048`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is an RSA key.
    #[must_use]
    pub fn is_rsa(&self) -> bool {
        self.is_rsa
    }

    /// `SubjectPublicKeyInfo`
    #[must_use]
    pub fn info(&self) -> &Spki {
        &self.info
    }

    /// The content of the `subjectPublicKey` BIT STRING
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// What names the key in certificates (RFC 5280 §4.2.1.2).
    #[must_use]
    pub fn identifier(&self) -> KeyId {
        key_identifier(&self.octets)
    }
}

impl From<&PrivateKey> for PublicKey {
    fn from(key: &PrivateKey) -> Self {
        Self {
            name: Cow::Borrowed(key.key_type().name()),
            is_rsa: key.key_type().rsa_bits().is_some(),
            info: key.public_key_info(),
            octets: key.public_key().to_vec(),
        }
    }
}

fn name(info: &SubjectPublicKeyInfo<'_>) -> Result<Cow<'static, str>, PublicKeyError> {
    let algorithm = &info.algorithm.algorithm;
    if *algorithm == oids::OID_SIG_ED25519 {
        return match info.subject_public_key.data.len() {
            32 => Ok(Cow::Borrowed("ed25519")),
            _ => Err(PublicKeyError::Malformed),
        };
    }
    if *algorithm == oids::OID_KEY_TYPE_EC_PUBLIC_KEY {
        return curve_name(info).map(Cow::Borrowed);
    }
    match rsa_bits(info) {
        Some(bits) if bits < MIN_RSA_BITS => Err(PublicKeyError::Weak(format!(
            "RSA with {bits} bits, {MIN_RSA_BITS} are the least"
        ))),
        Some(bits) if bits > MAX_RSA_BITS => Err(unsupported(&format!("RSA with {bits} bits"))),
        Some(bits) => rsa_exponent(info).map(|()| Cow::Owned(format!("rsa{bits}"))),
        None => Err(unsupported(&dotted(algorithm))),
    }
}

fn unsupported(kind: &str) -> PublicKeyError {
    PublicKeyError::Unsupported(kind.to_owned())
}

fn curve_name(info: &SubjectPublicKeyInfo<'_>) -> Result<&'static str, PublicKeyError> {
    let parameters = info.algorithm.parameters.as_ref();
    let curve = parameters
        .and_then(of_value)
        .ok_or_else(|| unsupported("EC without a named curve"))?;
    let find = |curves: &[(Oid<'_>, &'static str)]| {
        let found = curves.iter().find(|(known, _)| *known == curve);
        found.map(|(_, name)| *name)
    };
    match (find(&CURVES), find(&SHORT_CURVES)) {
        (Some(name), _) => Ok(name),
        (None, Some(name)) => Err(PublicKeyError::Weak(format!(
            "the curve {name} is too short"
        ))),
        (None, None) => Err(unsupported(&format!("EC on {}", dotted(&curve)))),
    }
}

/// An exponent of 1 or an even one makes signatures that anybody can make (RFC 8017 §3.1).
fn rsa_exponent(info: &SubjectPublicKeyInfo<'_>) -> Result<(), PublicKeyError> {
    let Ok(Parsed::RSA(key)) = info.parsed() else {
        return Err(PublicKeyError::Malformed);
    };
    let is_even = key.exponent.last().is_none_or(|last| last % 2 == 0);
    match key.try_exponent() {
        Ok(exponent) if exponent < 3 || is_even => Err(PublicKeyError::Weak(format!(
            "RSA with the exponent {exponent}"
        ))),
        Err(_) if is_even => Err(PublicKeyError::Malformed),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{
        der,
        key::{KeyType, rsa_public_key},
    };

    fn rsa(octets: usize, exponent: &[u8]) -> Spki {
        KeyType::Rsa2048.public_key_info(&rsa_public_key(&vec![0xff; octets], exponent))
    }

    fn ec(curve: &Oid<'_>) -> Spki {
        let algorithm =
            der::sequence(&[der::oid(&oids::OID_KEY_TYPE_EC_PUBLIC_KEY), der::oid(curve)]);
        der::sequence(&[algorithm, der::bit_string(&[4; 65])]).into()
    }

    #[test]
    fn kinds() {
        let weak = |text: &str| Err(PublicKeyError::Weak(text.to_owned()));
        let unsupported = |text: &str| Err(PublicKeyError::Unsupported(text.to_owned()));
        let secp256k1 = oid!(1.3.132.0.10);
        for (name, info, expected) in [
            ("P-256", ec(&oids::OID_EC_P256), Ok("p256")),
            ("P-521", ec(&oids::OID_NIST_EC_P521), Ok("p521")),
            (
                "P-192",
                ec(&SHORT_CURVES[0].0),
                weak("the curve P-192 is too short"),
            ),
            (
                "Bitcoin's",
                ec(&secp256k1),
                unsupported("EC on 1.3.132.0.10"),
            ),
            ("RSA", rsa(384, &[1, 0, 1]), Ok("rsa3072")),
            ("an unusual length", rsa(320, &[3]), Ok("rsa2560")),
            (
                "short RSA",
                rsa(128, &[1, 0, 1]),
                weak("RSA with 1024 bits, 2048 are the least"),
            ),
            (
                "long RSA",
                rsa(2048, &[1, 0, 1]),
                unsupported("RSA with 16384 bits"),
            ),
            (
                "RSA that is none",
                rsa(256, &[1]),
                weak("RSA with the exponent 1"),
            ),
            (
                "even exponent",
                rsa(256, &[4]),
                weak("RSA with the exponent 4"),
            ),
            (
                "Ed25519",
                KeyType::Ed25519.public_key_info(&[7; 32]),
                Ok("ed25519"),
            ),
            (
                "Ed25519, cut off",
                KeyType::Ed25519.public_key_info(&[7; 31]),
                Err(PublicKeyError::Malformed),
            ),
            ("nothing", Spki::default(), Err(PublicKeyError::Malformed)),
        ] {
            let found = PublicKey::from_info(&info);
            let found = found.as_ref().map(PublicKey::name).map_err(Clone::clone);
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn an_own_key_is_the_same_read_back() {
        for key_type in [KeyType::P256, KeyType::Ed25519, KeyType::Rsa2048] {
            let key = PrivateKey::generate(key_type).expect("random source");
            let public = PublicKey::from(&key);
            assert_eq!(PublicKey::from_info(public.info()), Ok(public));
        }
    }
}
