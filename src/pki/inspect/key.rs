//! Describes keys, without a single octet of a private one.

use pkcs8::{
    EncryptedPrivateKeyInfo, PrivateKeyInfo as Pkcs8,
    der::Decode as _,
    pkcs5::{
        EncryptionScheme as Scheme,
        pbes2::{EncryptionScheme as Cipher, Kdf, Pbkdf2Prf},
    },
};
use rsa::pkcs1;
use serde::Serialize;
use x509_parser::{
    asn1_rs::{Any, Tag},
    der_parser::oid,
    oid_registry::{self as oids, Oid},
    prelude::FromDer as _,
    x509::SubjectPublicKeyInfo,
};

use super::sha256;
use crate::pki::{
    key::KeyType,
    key_file,
    oid::{dotted, of_value},
    pem::Block,
    signature::rsa_bits,
};

/// What is known of a public key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PublicKeyInfo {
    /// `p256`, `rsa2048` …, or the number of an algorithm that certctl does not know
    pub key_type: String,
    /// Digest of the `SubjectPublicKeyInfo`: equal for a key, its certificates and its requests
    pub public_key_sha256: String,
}

/// What may be told of a private key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrivateKeyInfo {
    /// As that of a public key; `None` where it is encrypted
    pub key_type: Option<String>,
    /// As that of a public key; `None` where it is encrypted or carries no public half
    pub public_key_sha256: Option<String>,
    /// How it is written: `PKCS#8`, `PKCS#1`, `SEC1`
    pub format: &'static str,
    /// How it is encrypted; `None` where it is not
    pub encryption: Option<String>,
}

/// Describes a public key.
pub(super) fn public_info(info: &SubjectPublicKeyInfo<'_>) -> PublicKeyInfo {
    PublicKeyInfo {
        key_type: public_type(info),
        public_key_sha256: sha256(info.raw),
    }
}

/// `SubjectPublicKeyInfo` (RFC 5280 §4.1)
pub(super) fn public(der: &[u8]) -> Option<PublicKeyInfo> {
    match SubjectPublicKeyInfo::from_der(der) {
        Ok(([], info)) => Some(public_info(&info)),
        _ => None,
    }
}

fn public_type(info: &SubjectPublicKeyInfo<'_>) -> String {
    if let Some(bits) = rsa_bits(info) {
        return format!("rsa{bits}");
    }
    let curve = info.algorithm.parameters.as_ref().and_then(of_value);
    type_of(&info.algorithm.algorithm, curve.as_ref())
}

/// A word for an algorithm, or for the curve that it is used on.
fn type_of(algorithm: &Oid<'_>, curve: Option<&Oid<'_>>) -> String {
    let names = [
        (oids::OID_EC_P256, KeyType::P256.name()),
        (oids::OID_NIST_EC_P384, KeyType::P384.name()),
        (oids::OID_NIST_EC_P521, "p521"),
        (oid!(1.3.132.0.10), "secp256k1"),
        (oids::OID_SIG_ED25519, KeyType::Ed25519.name()),
        (oids::OID_SIG_ED448, "ed448"),
        (oid!(1.3.101.110), "x25519"),
        (oids::OID_PKCS1_RSAENCRYPTION, "rsa"),
        (oids::OID_PKCS1_RSASSAPSS, "rsa-pss"),
        (oids::OID_KEY_TYPE_DSA, "dsa"),
    ];
    let is_ec = *algorithm == oids::OID_KEY_TYPE_EC_PUBLIC_KEY;
    let wanted = match (is_ec, curve) {
        (true, None) => return String::from("ec, its curve not named"),
        (true, Some(curve)) => curve,
        (false, _) => algorithm,
    };
    let known = names.iter().find(|(oid, _)| oid == wanted);
    known.map_or_else(|| dotted(wanted), |(_, name)| (*name).to_owned())
}

/// A private key that is not encrypted: PKCS#8, PKCS#1 or SEC1.
pub(super) fn private(der: &[u8]) -> Option<PrivateKeyInfo> {
    let (key_type, format) = private_type(der)?;
    let whole = key_file::read(der, None, None).ok();
    let public = whole.and_then(|key| public(&key.public_key_info()));
    Some(PrivateKeyInfo {
        key_type: Some(
            public
                .as_ref()
                .map_or(key_type, |public| public.key_type.clone()),
        ),
        public_key_sha256: public.map(|public| public.public_key_sha256),
        format,
        encryption: None,
    })
}

fn private_type(der: &[u8]) -> Option<(String, &'static str)> {
    if let Ok(info) = Pkcs8::from_der(der) {
        let algorithm = Oid::new(info.algorithm.oid.as_bytes().into());
        let curve = info.algorithm.parameters_oid().ok();
        let curve = curve
            .as_ref()
            .map(|curve| Oid::new(curve.as_bytes().into()));
        let rsa = rsa_type(info.private_key).filter(|_| algorithm == oids::OID_PKCS1_RSAENCRYPTION);
        return Some((
            rsa.unwrap_or_else(|| type_of(&algorithm, curve.as_ref())),
            "PKCS#8",
        ));
    }
    if let Some(rsa) = rsa_type(der) {
        return Some((rsa, "PKCS#1"));
    }
    sec1_curve(der).map(|curve| (curve, "SEC1"))
}

/// `RSAPrivateKey` (RFC 8017 appendix A.1.2)
fn rsa_type(der: &[u8]) -> Option<String> {
    let key = pkcs1::RsaPrivateKey::try_from(der).ok()?;
    let modulus = key.modulus.as_bytes();
    let unused = modulus.first()?.leading_zeros() as usize;
    Some(format!("rsa{}", modulus.len() * 8 - unused))
}

/// `ECPrivateKey` (RFC 5915 §3)
fn sec1_curve(der: &[u8]) -> Option<String> {
    let (_, sequence) = Any::from_der(der).ok()?;
    let (rest, version) = Any::from_der(sequence.data).ok()?;
    let (rest, scalar) = Any::from_der(rest).ok()?;
    let shape = (version.tag(), scalar.tag()) == (Tag::Integer, Tag::OctetString);
    let (_, parameters) = Any::from_der(rest).ok().filter(|_| shape)?;
    let (_, curve) = Any::from_der(parameters.data).ok()?;
    let curve = of_value(&curve);
    Some(type_of(&oids::OID_KEY_TYPE_EC_PUBLIC_KEY, curve.as_ref()))
}

/// `EncryptedPrivateKeyInfo` (RFC 5958 §3)
pub(super) fn encrypted(der: &[u8]) -> Option<PrivateKeyInfo> {
    let encryption = match EncryptedPrivateKeyInfo::from_der(der) {
        Ok(info) => scheme(&info.encryption_algorithm),
        // An algorithm that the parser does not know, but the right shape.
        Err(_) => algorithm_number(der)?,
    };
    Some(PrivateKeyInfo {
        key_type: None,
        public_key_sha256: None,
        format: "PKCS#8",
        encryption: Some(encryption),
    })
}

fn algorithm_number(der: &[u8]) -> Option<String> {
    let (_, outer) = Any::from_der(der).ok()?;
    let (_, algorithm) = Any::from_der(outer.data).ok()?;
    let (_, oid) = Oid::from_der(algorithm.data).ok()?;
    Some(dotted(&oid))
}

fn scheme(scheme: &Scheme<'_>) -> String {
    let Scheme::Pbes2(parameters) = scheme else {
        return String::from("PBES1");
    };
    let derivation = match &parameters.kdf {
        Kdf::Pbkdf2(found) => {
            let hash = match found.prf {
                Pbkdf2Prf::HmacWithSha1 => "SHA1",
                Pbkdf2Prf::HmacWithSha224 => "SHA224",
                Pbkdf2Prf::HmacWithSha256 => "SHA256",
                Pbkdf2Prf::HmacWithSha384 => "SHA384",
                Pbkdf2Prf::HmacWithSha512 => "SHA512",
                _ => "another hash",
            };
            format!("PBKDF2-HMAC-{hash} with {} rounds", found.iteration_count)
        }
        Kdf::Scrypt(found) => format!("scrypt with N={}", found.cost_parameter),
        _ => String::from("an unknown derivation"),
    };
    let cipher = match parameters.encryption {
        Cipher::Aes128Cbc { .. } => "AES-128-CBC",
        Cipher::Aes192Cbc { .. } => "AES-192-CBC",
        Cipher::Aes256Cbc { .. } => "AES-256-CBC",
        Cipher::DesEde3Cbc { .. } => "3DES-CBC",
        _ => "an unknown cipher",
    };
    format!("{cipher}, {derivation}")
}

/// A key encrypted as OpenSSL did before 1.0: the cipher stands in a header (RFC 1421 §4.6.1.3).
pub(super) fn traditional(block: &Block) -> Option<PrivateKeyInfo> {
    let header = |name: &str| {
        block
            .headers
            .lines()
            .find_map(|line| line.strip_prefix(name))
    };
    header("Proc-Type:").filter(|value| value.contains("ENCRYPTED"))?;
    let info = header("DEK-Info:").unwrap_or_default();
    let cipher = info.split(',').next().unwrap_or_default().trim();
    Some(PrivateKeyInfo {
        key_type: None,
        public_key_sha256: None,
        format: "OpenSSL traditional",
        encryption: Some(crate::pki::name::visible(cipher).into_owned()),
    })
}
