//! What a certificate looks like to programs that do not read a directory of PEM files.
//!
//! A new format is one file below `export/`, and two lines here: its module and its place in [`FORMATS`].

mod der;
mod jks;
mod k8s_secret;
pub mod pem;
mod pkcs12;
mod tar;

use zeroize::Zeroizing;

use crate::pki::{
    certificate::Certificate,
    key::PrivateKey,
    secret::{Passphrase, wiped},
};

/// All formats, by name.
pub const FORMATS: [Format; 6] = [
    der::FORMAT,
    jks::FORMAT,
    k8s_secret::FORMAT,
    pem::FORMAT,
    pkcs12::FORMAT,
    tar::FORMAT,
];

/// One way to write an entry or a CA.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The word on the command line
    pub name: &'static str,
    /// What it does with the private key
    pub key: KeyUse,
    /// Whether a password must be given
    pub needs_password: bool,
    /// Whether a terminal could show it
    pub is_text: bool,
    write: fn(&Material<'_>, &Options<'_>) -> Exported,
}

/// Octets that may hold a key.
type Exported = Result<Zeroizing<Vec<u8>>, ExportError>;

/// What a format does with the private key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyUse {
    /// Takes its file as it is, encrypted or not
    AsFile,
    /// Leaves it out
    Never,
    /// Takes it where there is one
    Optional,
    /// Cannot do without
    Required,
}

/// What is exported.
#[derive(Debug)]
pub struct Material<'a> {
    /// Name of the entry or CA
    pub name: &'a str,
    /// The files of its directory, sorted by name
    pub files: &'a [File],
    /// Its certificate and the intermediates above it, without the root unless it is one
    pub chain: &'a [Certificate],
    /// The trust bundle
    pub roots: &'a [Certificate],
    /// Its private key, where it is here and wanted
    pub key: Option<&'a PrivateKey>,
}

/// One file of a directory.
#[derive(Debug)]
pub struct File {
    /// Its name
    pub name: &'static str,
    /// The permission bits that a file of this name has
    pub mode: u32,
    /// What stands in it
    pub content: Zeroizing<Vec<u8>>,
}

/// What a user may choose.
#[derive(Debug)]
pub struct Options<'a> {
    /// Order of the blocks in one PEM file
    pub order: pem::Order,
    /// Encrypts a key store
    pub password: Option<&'a Passphrase>,
    /// Encrypt as Java 8 and macOS before 15 can read it
    pub legacy: bool,
}

/// Why something cannot be written in a format.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExportError {
    /// The format needs a key, and there is none.
    #[error("{format} needs a private key, and `{name}` comes without one")]
    NoKey {
        /// Name of the format
        format: &'static str,
        /// Name of the entry or CA
        name: String,
    },
    /// A key store without a password is open to everybody.
    #[error("{0} needs a password")]
    NoPassword(&'static str),
    /// A library could not write it.
    #[error("cannot write {format}: {reason}")]
    Failed {
        /// Name of the format
        format: &'static str,
        /// Why not
        reason: String,
    },
}

impl Format {
    /// Writes it.
    ///
    /// # Errors
    ///
    /// Where something is missing that the format needs.
    pub fn write(&self, material: &Material<'_>, options: &Options<'_>) -> Exported {
        if self.key == KeyUse::Required && material.key.is_none() {
            return Err(ExportError::NoKey {
                format: self.name,
                name: material.name.to_owned(),
            });
        }
        wiped(|| (self.write)(material, options))
    }
}

/// Blocks of PEM, one after the other.
fn certificates_pem(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}
