//! A key of ours as rcgen takes one: rcgen lays out what is signed, and the signature is made here.

use std::cell::Cell;

use rcgen::{
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData,
    SignatureAlgorithm, SigningKey as RcgenKey,
};

use super::key::{KeyError, KeyType, PrivateKey, SigningKey};

/// A key pair; rcgen's own would leave copies of the key in memory.
pub(super) struct Signer<'k> {
    key: SigningKey,
    public_key: &'k [u8],
    /// Why it did not sign: rcgen has no word for it
    failed: Cell<Option<KeyError>>,
}

impl<'k> Signer<'k> {
    pub(super) fn new(key: &'k PrivateKey) -> Result<Self, KeyError> {
        Ok(Self {
            key: key.to_signing_key()?,
            public_key: key.public_key(),
            failed: Cell::new(None),
        })
    }

    /// What rcgen's error means: the key's own, or else that the key cannot sign what was to be laid out.
    pub(super) fn error(&self, _: &rcgen::Error) -> KeyError {
        let failed = self.failed.take();
        failed.unwrap_or(KeyError::Sign(self.key.key_type()))
    }
}

impl PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.public_key
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.key.key_type() {
            KeyType::P256 => &PKCS_ECDSA_P256_SHA256,
            KeyType::P384 => &PKCS_ECDSA_P384_SHA384,
            KeyType::Ed25519 => &PKCS_ED25519,
            KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096 => &PKCS_RSA_SHA256,
        }
    }
}

impl RcgenKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.key.sign(message).map_err(|error| {
            self.failed.set(Some(error));
            rcgen::Error::RemoteKeyError
        })
    }
}
