//! Describes what stands in a file, PEM or DER, in words and numbers for people and programs.

mod certificate;
mod extensions;
mod key;
mod request;
mod revocation_list;

use ring::digest::{SHA256, digest};
use serde::Serialize;

use super::{
    certificate::Certificate,
    der::tag,
    name::visible,
    pem::{self, Block, CERTIFICATE_LABELS, PemError},
    pkcs7::{self, Pkcs7Error},
    recognize::{DerKind, Foreign, der_kind, foreign},
    revocation_list::LABEL as REVOCATION_LIST_LABEL,
};

pub use certificate::CertificateInfo;
pub use extensions::{ExtensionInfo, ExtensionsInfo};
pub use key::{PrivateKeyInfo, PublicKeyInfo};
pub use request::RequestInfo;
pub use revocation_list::{RevocationListInfo, RevokedInfo};

/// One thing that was found.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Item {
    /// Line of its `BEGIN`; none for DER
    pub line: Option<usize>,
    /// What it is
    #[serde(flatten)]
    pub content: Content,
}

/// What a thing is.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Content {
    /// A certificate
    Certificate(Box<CertificateInfo>),
    /// A CRL
    Crl(RevocationListInfo),
    /// A PEM block of a kind that is not taken apart
    Other {
        /// What stands after `BEGIN`
        label: String,
    },
    /// A private key; nothing of it but what may be told
    PrivateKey(PrivateKeyInfo),
    /// A public key
    PublicKey(PublicKeyInfo),
    /// A certificate request
    Request(Box<RequestInfo>),
}

/// Why a file cannot be described.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InspectError {
    /// It is something else.
    #[error("this is {}", .0.name)]
    Foreign(Foreign),
    /// DER of which nothing is known, or other octets.
    #[error("neither PEM nor DER of a certificate, key, request or CRL")]
    Unknown,
    /// The PEM text is broken.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// A bag of certificates that cannot be opened.
    #[error(transparent)]
    Pkcs7(#[from] Pkcs7Error),
    /// A block does not hold what its label says.
    #[error("line {line}: what is labelled {label} is none, or is broken")]
    Block {
        /// Number of its `BEGIN` line
        line: usize,
        /// What stands after `BEGIN`
        label: String,
    },
}

/// Describes everything in a file: one DER value, or all blocks of PEM text.
///
/// # Errors
///
/// What is wrong with it, or what it is instead.
pub fn inspect(octets: &[u8]) -> Result<Vec<Item>, InspectError> {
    if octets.first() == Some(&tag::SEQUENCE) {
        if der_kind(octets) == Some(DerKind::Pkcs7) {
            return inspect_bag(octets, None);
        }
        let content = inspect_der(octets)?;
        return Ok(vec![Item {
            line: None,
            content,
        }]);
    }
    let blocks = pem::decode(octets)?;
    if blocks.is_empty() {
        return Err(foreign(octets).map_or(InspectError::Unknown, InspectError::Foreign));
    }
    let mut items = Vec::new();
    for block in &blocks {
        match pkcs7::LABELS.contains(&block.label.as_str()) {
            true => items.extend(inspect_bag(&block.contents, Some(block.line))?),
            false => items.push(inspect_block(block)?),
        }
    }
    Ok(items)
}

/// The certificates of a PKCS#7 bag.
fn inspect_bag(der: &[u8], line: Option<usize>) -> Result<Vec<Item>, InspectError> {
    let item = |certificate: &Certificate| Item {
        line,
        content: Content::Certificate(Box::new(CertificateInfo::new(certificate))),
    };
    let certificates = pkcs7::certificates(der)?;
    Ok(certificates.iter().map(item).collect())
}

fn inspect_der(der: &[u8]) -> Result<Content, InspectError> {
    let content = der_kind(der).and_then(|kind| describe(kind, der));
    content.ok_or_else(|| foreign(der).map_or(InspectError::Unknown, InspectError::Foreign))
}

fn describe(kind: DerKind, der: &[u8]) -> Option<Content> {
    match kind {
        DerKind::Certificate => {
            let certificate = Certificate::from_der(der.to_vec()).ok()?;
            Some(Content::Certificate(Box::new(CertificateInfo::new(
                &certificate,
            ))))
        }
        DerKind::EncryptedPrivateKey => key::encrypted(der).map(Content::PrivateKey),
        DerKind::PrivateKey => key::private(der).map(Content::PrivateKey),
        DerKind::PublicKey => key::public(der).map(Content::PublicKey),
        DerKind::Request => request::describe(der).map(Box::new).map(Content::Request),
        DerKind::RevocationList => revocation_list::describe(der).map(Content::Crl),
        DerKind::Pkcs7 | DerKind::Pkcs12 => None,
    }
}

/// The label decides what a block has to be; labels that are not known here are only named.
fn inspect_block(block: &Block) -> Result<Item, InspectError> {
    let kind = match block.label.as_str() {
        label if CERTIFICATE_LABELS.contains(&label) => Some(DerKind::Certificate),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Some(DerKind::Request),
        REVOCATION_LIST_LABEL => Some(DerKind::RevocationList),
        "ENCRYPTED PRIVATE KEY" => Some(DerKind::EncryptedPrivateKey),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => Some(DerKind::PrivateKey),
        "PUBLIC KEY" => Some(DerKind::PublicKey),
        _ => None,
    };
    let content = match (kind, key::traditional(block)) {
        (_, Some(key)) => Content::PrivateKey(key),
        (Some(kind), None) => {
            describe(kind, &block.contents).ok_or_else(|| InspectError::Block {
                line: block.line,
                label: visible(&block.label).into_owned(),
            })?
        }
        (None, None) => Content::Other {
            label: visible(&block.label).into_owned(),
        },
    };
    let line = Some(block.line);
    Ok(Item { line, content })
}

/// Upper-case hexadecimal of a SHA-256 digest.
fn sha256(octets: &[u8]) -> String {
    base16ct::upper::encode_string(digest(&SHA256, octets).as_ref())
}
