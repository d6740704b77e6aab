//! The key of a CA that is made here: in a file of the PKI directory, or elsewhere under a reference.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::IssueError;
use crate::{
    pki::{
        key::{KeyType, PrivateKey, Signer},
        key_file,
        key_uri::KeyUri,
        secret::Passphrase,
    },
    store::{layout::file, stage::StagedFile},
};

/// A key that is in a token or an agent, ready to sign.
#[derive(Debug)]
pub struct Held {
    /// What names it
    pub uri: KeyUri,
    /// What signs with it
    pub signer: Arc<dyn Signer>,
}

/// Where the key of a new CA is kept.
#[derive(Clone, Copy, Debug)]
pub enum Keeping<'a> {
    /// It is made, and lies in a file, encrypted where there is a passphrase
    File(Option<&'a Passphrase>),
    /// It is there already, where no file has it
    Held(&'a Held),
}

impl Keeping<'_> {
    /// The type of the key; `wanted` where it is made yet.
    #[must_use]
    pub fn key_type(self, wanted: KeyType) -> KeyType {
        match self {
            Self::File(_) => wanted,
            Self::Held(held) => held.signer.key_type(),
        }
    }
}

impl Default for Keeping<'_> {
    /// In a file that is not encrypted
    fn default() -> Self {
        Self::File(None)
    }
}

/// The key of a new CA, and the file that stands for it.
pub(super) struct OwnKey {
    pub(super) signer: Arc<dyn Signer>,
    file: KeyFile,
}

/// What lies in the CA's directory.
pub(super) enum KeyFile {
    Key(Zeroizing<String>),
    Reference(String),
}

impl OwnKey {
    /// Makes a key of this type, unless there is one.
    pub(super) fn new(key_type: KeyType, keeping: Keeping<'_>) -> Result<Self, IssueError> {
        let passphrase = match keeping {
            Keeping::File(passphrase) => passphrase,
            Keeping::Held(held) => {
                return Ok(Self {
                    signer: Arc::clone(&held.signer),
                    file: KeyFile::Reference(held.uri.to_file()),
                });
            }
        };
        Self::of(&PrivateKey::generate(key_type)?, passphrase)
    }

    /// A key that lies in a file, encrypted where there is a passphrase.
    pub(super) fn of(
        key: &PrivateKey,
        passphrase: Option<&Passphrase>,
    ) -> Result<Self, IssueError> {
        Ok(Self {
            signer: key.to_signer()?,
            file: KeyFile::Key(key_pem(key, passphrase)?),
        })
    }

    /// As it is staged.
    pub(super) fn staged(&self) -> StagedFile<'_> {
        self.file.staged()
    }
}

impl KeyFile {
    pub(super) fn staged(&self) -> StagedFile<'_> {
        match self {
            Self::Key(pem) => StagedFile::private(file::KEY, pem),
            Self::Reference(text) => StagedFile::public(file::KEY_URI, text),
        }
    }
}

pub(super) fn key_pem(
    key: &PrivateKey,
    passphrase: Option<&Passphrase>,
) -> Result<Zeroizing<String>, IssueError> {
    match passphrase {
        Some(passphrase) => Ok(key_file::to_encrypted_pem(key, passphrase)?),
        None => Ok(key.to_pem()),
    }
}
