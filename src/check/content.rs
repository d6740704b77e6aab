//! What is in a file: what it should hold, or why it is nothing.

use std::fmt::Display;

use super::beside;
use crate::emit::Holds;
use crate::pki::{
    certificate::Certificate,
    key_file::{self, KeyFileError},
    key_uri::KeyUri,
    pem,
    recognize::{self, Foreign, ReadError},
    revocation_list::RevocationList,
};

/// What a file or directory is there for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// A directory in `archive/`
    Archive,
    /// What a server's option names besides certificate, key, roots and CRLs
    Beside(Holds),
    /// The trust bundle of a root
    Bundle,
    /// The certificate; in an entry with its intermediates
    Certificate,
    /// Of an intermediate CA: itself and its parents
    Chain,
    /// A CRL
    Crl,
    /// CRLs that wait until their time has come
    CrlAhead,
    /// The CRLs of a root and of all CAs below it
    CrlBundle,
    /// A directory in which keys lie
    Directory,
    /// The private key
    Key,
    /// What names the private key where that is in a token or an agent
    KeyUri,
    /// The ledger, and what SQLite puts beside it
    Ledger,
    /// A directory above
    Parent,
    /// Certificates of others that are accepted themselves
    Peers,
    /// Passphrases of a key
    Passphrase,
    /// A certificate signing request
    Request,
    /// What an interrupted command left
    Staging,
    /// Nothing that belongs there
    Stray,
    /// The trust bundle of an entry
    Trust,
    /// The trust bundle of an entry and the intermediates
    TrustChain,
    /// The private key that waits for the next certificate
    WaitingKey,
}

impl Part {
    /// Whether it is a private key.
    #[must_use]
    pub const fn is_key(self) -> bool {
        matches!(self, Self::Key | Self::WaitingKey)
    }

    /// Whether who reads it can be who he should not be.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        let Self::Beside(holds) = self else {
            return self.is_key() || matches!(self, Self::Passphrase);
        };
        matches!(
            holds,
            Holds::Identities | Holds::Key | Holds::Secret | Holds::TicketKey | Holds::TicketKeys
        )
    }

    /// Whether it is a program.
    #[must_use]
    pub const fn is_program(self) -> bool {
        matches!(self, Self::Beside(Holds::Program))
    }

    /// Whether a server wants a folder there.
    #[must_use]
    pub const fn is_folder(self) -> bool {
        matches!(self, Self::Beside(Holds::Folder))
    }

    /// Whether nothing lacks where it is not there.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        matches!(
            self,
            Self::Crl
                | Self::CrlAhead
                | Self::CrlBundle
                | Self::KeyUri
                | Self::Request
                | Self::WaitingKey
        )
    }
}

/// What is in a file.
#[derive(Clone, Debug)]
pub enum Content {
    /// At least one certificate
    Certificates(Vec<Certificate>),
    /// It is something else, which may be converted
    Foreign(Foreign),
    /// A private key
    Key(PublicHalf),
    /// What names a private key elsewhere
    KeyUri(KeyUri),
    /// It does not hold what it should
    Malformed(String),
    /// Nobody looked
    None,
    /// Parameters of a Diffie-Hellman exchange, with so many bits
    Parameters(usize),
    /// At least one CRL
    RevocationLists(Vec<RevocationList>),
    /// The operating system refused
    Unreadable(String),
}

/// What is known of a private key without using it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PublicHalf {
    /// Only its passphrase would tell
    Encrypted,
    /// The content of the certificate's `subjectPublicKey`
    Known(Vec<u8>),
    /// The passphrase that is given for it does not open it
    Locked,
    /// A kind of key that cannot be compared, in words
    Unknown(String),
}

impl Content {
    /// Reads what a file of this kind should hold.
    #[must_use]
    pub fn parse(part: Part, octets: &[u8]) -> Self {
        match part {
            Part::Beside(Holds::Key) => Self::parse(Part::Key, octets),
            Part::Beside(Holds::Crls) => Self::parse(Part::Crl, octets),
            Part::Beside(
                holds @ (Holds::Identities
                | Holds::Parameters
                | Holds::Response
                | Holds::TicketKey
                | Holds::TicketKeys),
            ) => match beside::read(holds, octets) {
                Ok(Some(bits)) => Self::Parameters(bits),
                Ok(None) => Self::None,
                Err(reason) => malformed(octets, &reason),
            },
            Part::Beside(Holds::Certificates)
            | Part::Bundle
            | Part::Certificate
            | Part::Chain
            | Part::Peers
            | Part::Trust
            | Part::TrustChain => match pem::decode_certificates(octets) {
                Ok(certificates) => Self::Certificates(certificates),
                Err(error) => malformed(octets, &error),
            },
            Part::Crl | Part::CrlAhead | Part::CrlBundle => match RevocationList::read(octets) {
                Ok(lists) => Self::RevocationLists(lists),
                Err(error) => malformed(octets, &error),
            },
            Part::Key | Part::WaitingKey => match key_file::read(octets, None, None) {
                Ok(key) => Self::Key(PublicHalf::Known(key.public_key().to_vec())),
                Err(
                    KeyFileError::Encrypted
                    | KeyFileError::TraditionalEncryption
                    | KeyFileError::UnknownEncryption(_),
                ) => Self::Key(PublicHalf::Encrypted),
                Err(
                    error @ (KeyFileError::ExplicitCurve
                    | KeyFileError::NoPublicKey
                    | KeyFileError::Unsupported(_)),
                ) => Self::Key(PublicHalf::Unknown(error.to_string())),
                Err(error) => malformed(octets, &error),
            },
            Part::KeyUri => match KeyUri::from_file(octets) {
                Ok(uri) => Self::KeyUri(uri),
                Err(error) => Self::Malformed(error.to_string()),
            },
            _ => Self::None,
        }
    }
}

/// Whether a private key stands in a PEM file, whatever else does.
#[must_use]
pub fn holds_key(octets: &[u8]) -> bool {
    const LABEL_END: &[u8] = b"PRIVATE KEY-----";
    octets
        .windows(LABEL_END.len())
        .any(|window| window == LABEL_END)
}

/// What is in a file that is no PEM of a certificate, key or CRL, as far as that can be told: certificates in
/// another form, a PEM file that is broken, or another format.
#[must_use]
pub fn stray(octets: &[u8]) -> Content {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let is_pem = octets.windows(BEGIN.len()).any(|window| window == BEGIN);
    match recognize::certificates(octets) {
        Ok(certificates) => Content::Certificates(certificates),
        Err(ReadError::Foreign(foreign)) => Content::Foreign(foreign),
        Err(error @ ReadError::Pkcs7(_)) => Content::Malformed(error.to_string()),
        Err(error) if is_pem => Content::Malformed(error.to_string()),
        Err(_) => Content::None,
    }
}

/// That a file that a server reads holds something else than the PEM that belongs there.
fn malformed(octets: &[u8], error: &dyn Display) -> Content {
    let malformed = || Content::Malformed(error.to_string());
    recognize::instead(octets).map_or_else(malformed, Content::Foreign)
}

/// What a file is for that somebody named, by what is in it.
#[must_use]
pub fn part_of(octets: &[u8]) -> Part {
    let is = |part| {
        let found = Content::parse(part, octets);
        !matches!(found, Content::Malformed(_) | Content::Foreign(_))
    };
    let kinds = [Part::Certificate, Part::Key, Part::Crl];
    kinds
        .into_iter()
        .find(|&part| is(part))
        .unwrap_or(Part::Stray)
}
