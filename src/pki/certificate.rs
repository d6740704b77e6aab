//! Certificates that were read: their exact DER, and what is looked up in it.

use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::pem;

/// A certificate that parses as X.509; nothing is promised about its signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    der: Vec<u8>,
}

/// Why bytes are not a certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CertificateError {
    /// The DER does not hold together.
    #[error("not an X.509 certificate: {0}")]
    Malformed(String),
    /// Octets follow the certificate.
    #[error("{0} octets after the end of the certificate")]
    TrailingData(usize),
}

impl Certificate {
    /// Takes the DER of one certificate.
    ///
    /// # Errors
    ///
    /// Where it does not parse (RFC 5280 §4.1), or more octets follow it.
    pub fn from_der(der: Vec<u8>) -> Result<Self, CertificateError> {
        match X509Certificate::from_der(&der) {
            Ok(([], _)) => Ok(Self { der }),
            Ok((rest, _)) => Err(CertificateError::TrailingData(rest.len())),
            Err(error) => Err(CertificateError::Malformed(error.to_string())),
        }
    }

    /// The exact octets.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The parsed view.
    ///
    /// # Panics
    ///
    /// Never: `from_der` has parsed the same octets.
    #[must_use]
    pub fn parsed(&self) -> X509Certificate<'_> {
        let (_, parsed) = X509Certificate::from_der(&self.der).expect("parsed when it was made");
        parsed
    }

    /// One PEM block (RFC 7468 §5).
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der)
    }
}
