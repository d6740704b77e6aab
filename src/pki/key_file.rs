//! Key files: every form of private key that is read, and the encrypted one that is written.

use pkcs8::{
    EncryptedPrivateKeyInfo, ObjectIdentifier, PrivateKeyInfo, der::Decode as _, pkcs5::pbes2,
};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rsa::pkcs1;
use x509_parser::asn1_rs::{Any, FromDer as _, Tag};
use x509_parser::oid_registry as oids;
use zeroize::Zeroizing;

use super::{
    der::{self, tag},
    key::{KeyError, KeyType, PrivateKey, rsa_public_key},
    oid::dotted,
    pem,
    secret::{Passphrase, PrivateKeyDer, wiped},
};

/// PBKDF2 rounds of the keys that certctl encrypts: OWASP's figure for HMAC-SHA256.
const PBKDF2_ROUNDS: u32 = 600_000;

/// Why a file is no private key that can be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyFileError {
    /// It is encrypted and no passphrase was given.
    #[error("the key is encrypted and needs a passphrase")]
    Encrypted,
    /// Encrypted in the way of OpenSSL before 1.0, which has no integrity.
    #[error("the key is encrypted in OpenSSL's traditional form (`Proc-Type: 4,ENCRYPTED`)")]
    TraditionalEncryption,
    /// It belongs to another certificate.
    #[error("the key does not belong to the certificate")]
    Mismatch,
    /// The file holds something else.
    #[error("there is no private key in it")]
    NoKey,
    /// The file holds more than one.
    #[error("there are {0} private keys in it")]
    SeveralKeys(usize),
    /// The key does not hold together.
    #[error("the private key is malformed: {0}")]
    Malformed(String),
    /// A type of key that certctl does not use.
    #[error("the private key is of a type that certctl cannot use ({0})")]
    Unsupported(String),
    /// The curve is described by its numbers, or not at all; RFC 5480 §2.1.1 demands its name.
    #[error("the EC key does not name its curve")]
    ExplicitCurve,
    /// The passphrase does not open it.
    #[error("the passphrase does not open the key")]
    WrongPassphrase,
    /// The encryption is none that certctl reads.
    #[error("the key is encrypted in a way that certctl cannot read ({0})")]
    UnknownEncryption(String),
    /// The public key is nowhere to be found.
    #[error("the private key lacks its public half")]
    NoPublicKey,
    /// The library refused the key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl KeyFileError {
    /// The command that makes a key of `file` that certctl reads, where there is one.
    #[must_use]
    pub fn conversion(&self, file: &str) -> Option<String> {
        let arguments = match self {
            Self::TraditionalEncryption | Self::UnknownEncryption(_) => {
                ["pkcs8 -topk8 -v2 aes256", ""]
            }
            Self::ExplicitCurve => ["ec", " -param_enc named_curve"],
            _ => return None,
        };
        let quoted = |name: &str| match shlex::try_quote(name) {
            Ok(quoted) => quoted.into_owned(),
            Err(_) => String::from("KEY"),
        };
        let (from, to) = (quoted(file), quoted(&format!("{file}.new")));
        let [command, how] = arguments;
        Some(format!("openssl {command} -in {from}{how} -out {to}"))
    }

    /// What is wrong with `file`, and the command that mends it.
    #[must_use]
    pub fn of_file(&self, file: &std::path::Path) -> String {
        match self.conversion(&file.to_string_lossy()) {
            Some(command) => format!("{self}; `{command}` converts it"),
            None => self.to_string(),
        }
    }
}

/// Whether a key file is encrypted, so that a caller knows to ask.
#[must_use]
pub fn is_encrypted(octets: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
    octets.windows(BEGIN.len()).any(|window| window == BEGIN)
        || EncryptedPrivateKeyInfo::from_der(octets).is_ok()
}

/// Reads the one private key of a file: PEM or DER; PKCS#8, PKCS#1 or SEC1; plain or PBES2-encrypted.
///
/// Blocks of other kinds beside it, certificates or EC parameters, are passed over.
/// `public_key` stands in where a SEC1 or PKCS#8 key lacks its public half.
///
/// # Errors
///
/// Where there is not just one key, it is not usable, or the passphrase is missing or wrong.
pub fn read(
    octets: &[u8],
    passphrase: Option<&Passphrase>,
    public_key: Option<&[u8]>,
) -> Result<PrivateKey, KeyFileError> {
    wiped(|| read_any(octets, passphrase, public_key))
}

fn read_any(
    octets: &[u8],
    passphrase: Option<&Passphrase>,
    public_key: Option<&[u8]>,
) -> Result<PrivateKey, KeyFileError> {
    if octets.first() == Some(&tag::SEQUENCE) {
        return read_der(octets, passphrase, public_key);
    }
    let blocks = pem::decode(octets).map_err(|error| malformed(&error))?;
    let keys: Vec<_> = blocks
        .iter()
        .filter(|block| block.label.ends_with("PRIVATE KEY"))
        .collect();
    match keys[..] {
        [] => Err(KeyFileError::NoKey),
        [key]
            if key
                .headers
                .lines()
                .any(|line| line.starts_with("Proc-Type:")) =>
        {
            Err(KeyFileError::TraditionalEncryption)
        }
        [key] => read_der(&key.contents, passphrase, public_key),
        _ => Err(KeyFileError::SeveralKeys(keys.len())),
    }
}

/// Tells the four forms apart by their second element, not by a label that may be wrong.
fn read_der(
    der: &[u8],
    passphrase: Option<&Passphrase>,
    public_key: Option<&[u8]>,
) -> Result<PrivateKey, KeyFileError> {
    if let Ok(encrypted) = EncryptedPrivateKeyInfo::from_der(der) {
        let plain = decrypt(&encrypted, passphrase.ok_or(KeyFileError::Encrypted)?)?;
        return read_pkcs8(&plain, public_key);
    }
    let elements = elements(der)?;
    let tags: Vec<_> = elements.iter().map(|element| element.tag().0).collect();
    match tags[..] {
        [16, 4] => Err(KeyFileError::UnknownEncryption(String::from("not PBES2"))),
        [_, 16, ..] => read_pkcs8(der, public_key),
        [_, 2, ..] => read_pkcs1(der),
        [_, 4, ..] => read_sec1(der, None, public_key),
        _ => Err(KeyFileError::NoKey),
    }
}

fn decrypt(
    encrypted: &EncryptedPrivateKeyInfo<'_>,
    passphrase: &Passphrase,
) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    match encrypted.decrypt(passphrase.expose()) {
        Ok(document) => Ok(document.to_bytes()),
        // Wrong padding after AES comes as `EncryptFailed`. One wrong passphrase in 256 leaves padding
        // that looks right, before octets that are no DER.
        Err(
            pkcs8::Error::EncryptedPrivateKey(
                pkcs8::pkcs5::Error::DecryptFailed | pkcs8::pkcs5::Error::EncryptFailed,
            )
            | pkcs8::Error::Asn1(_),
        ) => Err(KeyFileError::WrongPassphrase),
        Err(error) => Err(KeyFileError::UnknownEncryption(error.to_string())),
    }
}

fn read_pkcs8(der: &[u8], public_key: Option<&[u8]>) -> Result<PrivateKey, KeyFileError> {
    let info = PrivateKeyInfo::from_der(der).map_err(|error| malformed(&error))?;
    let algorithm = info.algorithm.oid.as_bytes();
    if algorithm == oids::OID_PKCS1_RSAENCRYPTION.as_bytes() {
        return read_pkcs1(info.private_key);
    }
    if algorithm == oids::OID_KEY_TYPE_EC_PUBLIC_KEY.as_bytes() {
        let curve = info.algorithm.parameters;
        let curve = curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
        let curve = curve.ok_or(KeyFileError::ExplicitCurve)?;
        return read_sec1(info.private_key, Some(curve.as_bytes()), public_key);
    }
    if algorithm == oids::OID_SIG_ED25519.as_bytes() {
        return read_ed25519(der);
    }
    Err(KeyFileError::Unsupported(info.algorithm.oid.to_string()))
}

fn read_ed25519(der: &[u8]) -> Result<PrivateKey, KeyFileError> {
    let pair =
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|error| malformed(&error))?;
    let public_key = pair.public_key().as_ref().to_vec();
    Ok(PrivateKey::from_parts(
        KeyType::Ed25519,
        owned(der),
        public_key,
    ))
}

/// `RSAPrivateKey` (RFC 8017 appendix A.1.2)
fn read_pkcs1(der: &[u8]) -> Result<PrivateKey, KeyFileError> {
    let key = pkcs1::RsaPrivateKey::try_from(der).map_err(|error| malformed(&error))?;
    let modulus = key.modulus.as_bytes();
    let bits = modulus.len() * 8
        - modulus
            .first()
            .map_or(0, |first| first.leading_zeros() as usize);
    let key_type = KeyType::of_rsa_bits(bits)
        .ok_or_else(|| KeyFileError::Unsupported(format!("RSA with {bits} bits")))?;
    let public_key = rsa_public_key(modulus, key.public_exponent.as_bytes());
    let algorithm = der::sequence(&[der::oid(&oids::OID_PKCS1_RSAENCRYPTION), der::null()]);
    Ok(PrivateKey::from_parts(
        key_type,
        PrivateKeyDer::wrap(&algorithm, der),
        public_key,
    ))
}

/// `ECPrivateKey` (RFC 5915 §3); inside PKCS#8 the curve stands outside.
fn read_sec1(
    der: &[u8],
    curve: Option<&[u8]>,
    public_key: Option<&[u8]>,
) -> Result<PrivateKey, KeyFileError> {
    let elements = elements(der)?;
    let scalar = elements.get(1).ok_or(KeyFileError::NoKey)?.data;
    let explicit = |number| {
        let found = elements
            .iter()
            .find(|element| element.header.is_contextspecific() && element.tag().0 == number)?;
        Any::from_der(found.data).ok().map(|(_, inner)| inner)
    };
    let named = explicit(0).filter(|curve| curve.tag() == Tag::Oid);
    let curve = curve
        .or(named.map(|curve| curve.data))
        .ok_or(KeyFileError::ExplicitCurve)?;
    let curve = oids::Oid::new(curve.into());
    let key_type = KeyType::of_curve(&curve)
        .ok_or_else(|| KeyFileError::Unsupported(format!("EC curve {}", dotted(&curve))))?;
    // The BIT STRING's first octet counts unused bits: none.
    let carried = explicit(1)
        .and_then(|bits| bits.data.split_first())
        .map(|(_, point)| point);
    let public_key = carried
        .or(public_key)
        .ok_or(KeyFileError::NoPublicKey)?
        .to_vec();
    let scalar = Zeroizing::new(der::octet_string(scalar));
    let point = [der::bit_string(&public_key)];
    let point = der::constructed(tag::context_constructed(1), &point);
    let key = Zeroizing::new(der::sequence(&[&der::integer(&[1])[..], &scalar, &point]));
    let algorithm = der::sequence(&[
        der::oid(&oids::OID_KEY_TYPE_EC_PUBLIC_KEY),
        der::oid(&curve),
    ]);
    let key = PrivateKey::from_parts(key_type, PrivateKeyDer::wrap(&algorithm, &key), public_key);
    // ring computes the public half from the scalar and compares.
    key.to_signing_key()?;
    Ok(key)
}

fn owned(der: &[u8]) -> PrivateKeyDer {
    PrivateKeyDer::new(Zeroizing::new(der.to_vec()))
}

fn elements(der: &[u8]) -> Result<Vec<Any<'_>>, KeyFileError> {
    let (rest, outer) = Any::from_der(der).map_err(|error| malformed(&error))?;
    if !rest.is_empty() || outer.tag().0 != 16 {
        return Err(KeyFileError::NoKey);
    }
    let mut elements = Vec::new();
    let mut rest = outer.data;
    while !rest.is_empty() {
        let (after, element) = Any::from_der(rest).map_err(|error| malformed(&error))?;
        elements.push(element);
        rest = after;
    }
    Ok(elements)
}

fn malformed(error: &dyn ToString) -> KeyFileError {
    KeyFileError::Malformed(error.to_string())
}

/// Writes an encrypted PEM block: PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018 §6.2).
///
/// These are what openssl, GnuTLS and Java all open; scrypt is not.
///
/// # Errors
///
/// Where the system's random source fails.
pub fn to_encrypted_pem(
    key: &PrivateKey,
    passphrase: &Passphrase,
) -> Result<Zeroizing<String>, KeyFileError> {
    let mut salt = [0; 16];
    let mut iv = [0; 16];
    let random = SystemRandom::new();
    random
        .fill(&mut salt)
        .and_then(|()| random.fill(&mut iv))
        .map_err(|_| KeyError::Random)?;
    let parameters = pbes2::Parameters::pbkdf2_sha256_aes256cbc(PBKDF2_ROUNDS, &salt, &iv)
        .map_err(|error| KeyFileError::UnknownEncryption(error.to_string()))?;
    let info = PrivateKeyInfo::from_der(key.pkcs8().expose()).map_err(|error| malformed(&error))?;
    let encrypted = wiped(|| info.encrypt_with_params(parameters, passphrase.expose()))
        .map_err(|error| KeyFileError::UnknownEncryption(error.to_string()))?;
    Ok(pem::encode_secret(
        "ENCRYPTED PRIVATE KEY",
        encrypted.as_bytes(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn every_type_survives_both_forms() {
        for key_type in KeyType::QUICK {
            let key = PrivateKey::generate(key_type).expect("random source");
            let plain = read(key.to_pem().as_bytes(), None, None).expect("reads its own form");
            assert_eq!(plain.public_key(), key.public_key(), "{key_type}");
            let pem = to_encrypted_pem(&key, &passphrase("correct")).expect("encrypts");
            assert!(is_encrypted(pem.as_bytes()));
            let read_with = |text: Option<&str>| {
                let found = read(pem.as_bytes(), text.map(passphrase).as_ref(), None);
                found.map(|key| key.public_key().to_vec())
            };
            assert_eq!(
                read_with(Some("correct")),
                Ok(key.public_key().to_vec()),
                "{key_type}"
            );
            assert_eq!(read_with(Some("wrong")), Err(KeyFileError::WrongPassphrase));
            assert_eq!(read_with(None), Err(KeyFileError::Encrypted));
        }
    }

    #[test]
    fn every_wrong_passphrase_is_called_wrong() {
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        let info = PrivateKeyInfo::from_der(key.pkcs8().expose()).expect("its own form");
        let fast = pbes2::Parameters::pbkdf2_sha256_aes256cbc(1, &[7; 16], &[7; 16]);
        let fast = fast.expect("parameters that PBES2 takes");
        let encrypted = info.encrypt_with_params(fast, "right").expect("encrypts");
        for number in 0..2000 {
            let wrong = passphrase(&format!("wrong {number}"));
            let found = read(encrypted.as_bytes(), Some(&wrong), None).map(drop);
            assert_eq!(found, Err(KeyFileError::WrongPassphrase), "{number}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let key = PrivateKey::generate(KeyType::P256)
            .expect("random source")
            .to_pem();
        let two = format!("{}{}", *key, *key);
        let legacy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        for (name, octets, expected) in [
            ("empty", &b""[..], KeyFileError::NoKey),
            ("other text", b"hello", KeyFileError::NoKey),
            ("two keys", two.as_bytes(), KeyFileError::SeveralKeys(2)),
            (
                "traditional",
                legacy.as_bytes(),
                KeyFileError::TraditionalEncryption,
            ),
        ] {
            assert_eq!(
                read(octets, None, None).map(|_| ()),
                Err(expected),
                "{name}"
            );
        }
        assert!(matches!(
            read(&[0x30, 0x03, 2, 1, 0], None, None),
            Err(KeyFileError::NoKey)
        ));
    }
}
