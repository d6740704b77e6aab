//! What keeps a store secret and whole: PBES2 and HMAC-SHA256, or what programs of twenty years ago know.

use cbc::cipher::{BlockEncryptMut as _, KeyIvInit as _, block_padding::Pkcs7};
use pkcs8::{
    der::Encode as _,
    pkcs5::{EncryptionScheme, pbes2},
};
use ring::{
    digest, hmac,
    rand::{SecureRandom as _, SystemRandom},
};
use x509_parser::asn1_rs::{Oid, oid};
use zeroize::Zeroizing;

use super::{
    bag::{DATA, explicit},
    derivation::{Use, derive},
};
use crate::{
    export::{ExportError, Options},
    pki::{
        der::{self, tag},
        secret::Passphrase,
    },
};

/// Rounds of key derivation, for encryption and integrity each.
const ROUNDS: u32 = 200_000;
/// What Java 8 and old macOS take in reasonable time; the old algorithms gain little from more.
const LEGACY_ROUNDS: u32 = 50_000;

/// Octets of salt: as many as a SHA-256 digest has, and as many as one of SHA-1.
const SALT: usize = 32;
const LEGACY_SALT: usize = 20;

/// Length of a block of DES in octets, and of AES.
const DES_BLOCK: usize = 8;
const AES_BLOCK: usize = 16;

/// `encryptedData` (RFC 2315 §13)
const ENCRYPTED_DATA: Oid<'static> = oid!(1.2.840.113549.1.7.6);
/// `pbeWithSHAAnd3-KeyTripleDES-CBC` (RFC 7292 appendix C)
const SHA1_3DES: Oid<'static> = oid!(1.2.840.113549.1.12.1.3);
const SHA1: Oid<'static> = oid!(1.3.14.3.2.26);
const SHA256: Oid<'static> = oid!(2.16.840.1.101.3.4.2.1);

/// How one store is protected.
pub(super) struct Protection<'a> {
    format: &'static str,
    password: &'a Passphrase,
    is_legacy: bool,
}

/// Octets that only the password opens.
pub(super) struct Encrypted {
    /// `AlgorithmIdentifier`
    algorithm: Vec<u8>,
    octets: Zeroizing<Vec<u8>>,
}

impl Encrypted {
    /// `EncryptedPrivateKeyInfo` (RFC 5958 §3)
    pub(super) fn key_info(&self) -> Vec<u8> {
        der::sequence(&[&self.algorithm[..], &der::octet_string(&self.octets)])
    }

    /// `ContentInfo` with `EncryptedData` (RFC 2315 §13)
    pub(super) fn content_info(&self) -> Vec<u8> {
        let content = der::sequence(&[
            &der::oid(&DATA)[..],
            &self.algorithm,
            &der::tlv(tag::context(0), &self.octets),
        ]);
        let data = der::sequence(&[der::integer(&[]), content]);
        der::sequence(&[der::oid(&ENCRYPTED_DATA), explicit(&data)])
    }
}

impl<'a> Protection<'a> {
    pub(super) fn of(format: &'static str, options: &Options<'a>) -> Result<Self, ExportError> {
        Ok(Self {
            format,
            password: options.password.ok_or(ExportError::NoPassword(format))?,
            is_legacy: options.legacy,
        })
    }

    /// Encrypts octets; no copy of them is left.
    pub(super) fn encrypt(&self, plain: &[u8]) -> Result<Encrypted, ExportError> {
        // The last block is padded, by a whole block where it is full.
        let mut buffer = Zeroizing::new(Vec::with_capacity(plain.len() + AES_BLOCK));
        buffer.extend_from_slice(plain);
        buffer.resize(plain.len() + AES_BLOCK, 0);
        let (algorithm, length) = match self.is_legacy {
            true => self.encrypt_3des(&mut buffer, plain.len())?,
            false => self.encrypt_aes(&mut buffer, plain.len())?,
        };
        buffer.truncate(length);
        let octets = buffer;
        Ok(Encrypted { algorithm, octets })
    }

    /// PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018 §6.2).
    fn encrypt_aes(
        &self,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<(Vec<u8>, usize), ExportError> {
        let (salt, vector) = (self.random::<SALT>()?, self.random::<AES_BLOCK>()?);
        let failed = |error: &dyn ToString| self.failed(error.to_string());
        let parameters = pbes2::Parameters::pbkdf2_sha256_aes256cbc(ROUNDS, &salt, &vector)
            .map_err(|error| failed(&error))?;
        let encrypted = parameters
            .encrypt_in_place(self.password.expose(), buffer, length)
            .map_err(|error| failed(&error))?
            .len();
        let algorithm = EncryptionScheme::from(parameters).to_der();
        Ok((algorithm.map_err(|error| failed(&error))?, encrypted))
    }

    /// The key, 24 octets, and the first block from the password (RFC 7292 appendix C).
    fn encrypt_3des(
        &self,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<(Vec<u8>, usize), ExportError> {
        let salt = self.random::<LEGACY_SALT>()?;
        let derived = |of, length| {
            let hash = &digest::SHA1_FOR_LEGACY_USE_ONLY;
            let password = self.password.expose_text();
            derive(hash, of, password, &salt, LEGACY_ROUNDS, length)
        };
        let (key, vector) = (
            derived(Use::Key, 24),
            derived(Use::InitialVector, DES_BLOCK),
        );
        let cipher = cbc::Encryptor::<des::TdesEde3>::new_from_slices(&key, &vector)
            .map_err(|error| self.failed(error.to_string()))?;
        let encrypted = cipher
            .encrypt_padded_mut::<Pkcs7>(buffer, length)
            .map_err(|error| self.failed(error.to_string()))?
            .len();
        let rounds = der::integer(&LEGACY_ROUNDS.to_be_bytes());
        let parameters = der::sequence(&[der::octet_string(&salt), rounds]);
        let algorithm = der::sequence(&[der::oid(&SHA1_3DES), parameters]);
        Ok((algorithm, encrypted))
    }

    /// `MacData` of what the store holds (RFC 7292 §5.1).
    pub(super) fn integrity(&self, contents: &[u8]) -> Result<Vec<u8>, ExportError> {
        let salt = self.random::<LEGACY_SALT>()?;
        let (hash, mac, oid, rounds) = match self.is_legacy {
            true => (
                &digest::SHA1_FOR_LEGACY_USE_ONLY,
                hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                SHA1,
                LEGACY_ROUNDS,
            ),
            false => (&digest::SHA256, hmac::HMAC_SHA256, SHA256, ROUNDS),
        };
        let password = self.password.expose_text();
        let key = derive(
            hash,
            Use::Integrity,
            password,
            &salt,
            rounds,
            hash.output_len(),
        );
        let code = hmac::sign(&hmac::Key::new(mac, &key), contents);
        let algorithm = der::sequence(&[der::oid(&oid), der::null()]);
        let code = der::sequence(&[algorithm, der::octet_string(code.as_ref())]);
        let rounds = der::integer(&rounds.to_be_bytes());
        Ok(der::sequence(&[code, der::octet_string(&salt), rounds]))
    }

    fn random<const N: usize>(&self) -> Result<[u8; N], ExportError> {
        let mut octets = [0; N];
        let filled = SystemRandom::new().fill(&mut octets);
        filled.map_err(|_| self.failed(String::from("the system's random source failed")))?;
        Ok(octets)
    }

    fn failed(&self, reason: String) -> ExportError {
        let format = self.format;
        ExportError::Failed { format, reason }
    }
}
