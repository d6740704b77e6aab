//! What signs: keys made ready for it, and keys that are elsewhere.

use std::{fmt, sync::Arc};

use ring::{
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair},
};

use super::{KeyError, KeyType, PrivateKey, ecdsa, rejected, wiped};

/// What signs certificates, CRLs and requests: a key of this process, or one that never enters it.
///
/// A signature is made with the key's own algorithm, and shaped as X.509 wants it: RSA is PKCS#1 v1.5 with SHA-256
/// (RFC 4055 §5), ECDSA a SEQUENCE of two numbers (RFC 5758 §3.2).
pub trait Signer: fmt::Debug + Send + Sync {
    /// Its type, which decides the signature algorithm.
    fn key_type(&self) -> KeyType;

    /// The content of the certificate's `subjectPublicKey`.
    fn public_key(&self) -> &[u8];

    /// Signs a message.
    ///
    /// # Errors
    ///
    /// Where the random source or the key fails, or what has the key.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError>;

    /// Whether a signature is waited for, as one from a token is, so that others may be asked for meanwhile.
    fn is_waited_for(&self) -> bool {
        false
    }
}

/// A key in this process.
pub struct SigningKey {
    key_type: KeyType,
    public_key: Vec<u8>,
    /// In one place: each move would leave a copy, which ring does not wipe
    pair: Box<Pair>,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl PrivateKey {
    /// Makes the key ready to sign.
    ///
    /// # Errors
    ///
    /// Where the key does not hold together.
    pub fn to_signing_key(&self) -> Result<SigningKey, KeyError> {
        let pair = wiped(|| self.pair().map(Box::new))?;
        Ok(SigningKey {
            key_type: self.key_type,
            public_key: self.public_key.clone(),
            pair,
        })
    }

    /// The same, for whoever does not care where a key is.
    ///
    /// # Errors
    ///
    /// Where the key does not hold together.
    pub fn to_signer(&self) -> Result<Arc<dyn Signer>, KeyError> {
        Ok(Arc::new(self.to_signing_key()?))
    }

    fn pair(&self) -> Result<Pair, KeyError> {
        let reject = |error: ring::error::KeyRejected| rejected(self.key_type, error);
        let der = self.pkcs8.expose();
        Ok(match self.key_type {
            KeyType::P256 | KeyType::P384 => Pair::Ecdsa(
                EcdsaKeyPair::from_pkcs8(ecdsa(self.key_type), der, &SystemRandom::new())
                    .map_err(reject)?,
            ),
            KeyType::Ed25519 => {
                Pair::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(reject)?)
            }
            KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096 => {
                Pair::Rsa(RsaKeyPair::from_pkcs8(der).map_err(reject)?)
            }
        })
    }
}

impl Signer for SigningKey {
    fn key_type(&self) -> KeyType {
        self.key_type
    }

    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        // Who knows the random number of an ECDSA signature knows the key.
        wiped(|| self.signature(message))
    }
}

impl SigningKey {
    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        let failed = |_| KeyError::Sign(self.key_type);
        match &*self.pair {
            Pair::Ecdsa(pair) => Ok(pair
                .sign(&random, message)
                .map_err(failed)?
                .as_ref()
                .to_vec()),
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(
                    &signature::RSA_PKCS1_SHA256,
                    &random,
                    message,
                    &mut signature,
                )
                .map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, …)", self.key_type)
    }
}
