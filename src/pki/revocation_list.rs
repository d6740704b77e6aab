//! Certificate revocation lists that were read: their exact DER, and what is looked up in it.

use time::OffsetDateTime;
use x509_parser::prelude::{CertificateRevocationList, FromDer as _};

use super::{
    certificate::parse_fault,
    der::tag,
    pem::{self, PemError},
    recognize::is_signed_value,
};

/// Label of a CRL's PEM block (RFC 7468 §6).
pub const LABEL: &str = "X509 CRL";

/// A CRL that parses; nothing is promised about its signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevocationList {
    der: Vec<u8>,
}

/// Why octets are no CRL.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RevocationListError {
    /// The DER does not hold together.
    #[error("not a CRL: {0}")]
    Malformed(String),
    /// PEM, but no CRL in it.
    #[error("no CRL in it")]
    None,
    /// The PEM does not hold together.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// Octets follow the CRL.
    #[error("{0} octets after the end of the CRL")]
    TrailingData(usize),
}

impl RevocationList {
    /// Takes the DER of one CRL (RFC 5280 §5.1).
    ///
    /// # Errors
    ///
    /// Where it does not parse, or more octets follow it.
    pub fn from_der(der: Vec<u8>) -> Result<Self, RevocationListError> {
        match CertificateRevocationList::from_der(&der) {
            Ok(([], _)) if !is_signed_value(&der) => Err(RevocationListError::Malformed(
                String::from("not three parts"),
            )),
            Ok(([], _)) => Ok(Self { der }),
            Ok((rest, _)) => Err(RevocationListError::TrailingData(rest.len())),
            Err(error) => Err(RevocationListError::Malformed(parse_fault(&error))),
        }
    }

    /// Reads a file: one CRL as DER, or all that stand in PEM text.
    ///
    /// # Errors
    ///
    /// Where there is none, or one is broken.
    pub fn read(octets: &[u8]) -> Result<Vec<Self>, RevocationListError> {
        if octets.first() == Some(&tag::SEQUENCE) {
            return Ok(vec![Self::from_der(octets.to_vec())?]);
        }
        let lists = pem::decode(octets)?
            .into_iter()
            .filter(|block| block.label == LABEL)
            .map(|block| Self::from_der(block.contents.to_vec()))
            .collect::<Result<Vec<_>, _>>()?;
        if lists.is_empty() {
            return Err(RevocationListError::None);
        }
        Ok(lists)
    }

    /// The exact octets.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// When it was made.
    #[must_use]
    pub fn this_update(&self) -> OffsetDateTime {
        self.parsed().last_update().to_datetime()
    }

    /// When the next one is due at the latest; RFC 5280 §5.1.2.5 demands it, others leave it out.
    #[must_use]
    pub fn next_update(&self) -> Option<OffsetDateTime> {
        Some(self.parsed().next_update()?.to_datetime())
    }

    /// The parsed view.
    ///
    /// # Panics
    ///
    /// Never: `from_der` has parsed the same octets.
    #[must_use]
    pub fn parsed(&self) -> CertificateRevocationList<'_> {
        let (_, parsed) =
            CertificateRevocationList::from_der(&self.der).expect("parsed when it was made");
        parsed
    }
}

/// What RFC 5280 §5.3.1 calls a reason; `None` for 7 and beyond 10, which it leaves out.
#[must_use]
pub fn reason_name(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => return None,
    })
}
