//! Who signs a certificate: what planning and signing need to know of it.

use super::{
    certificate::Certificate,
    key::KeyType,
    octets::{KeyId, Name},
    serial::Serial,
    validity::Validity,
};

/// What planning and signing need to know of an issuer.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Exact DER of its subject: what chaining compares (RFC 5280 §6.1.3 (a)(4))
    pub subject: Name,
    /// Its subject key identifier
    pub key_identifier: KeyId,
    /// Exact DER of the name of its own issuer
    pub issuer: Name,
    /// Its serial number
    pub serial: Serial,
    /// When it is valid
    pub validity: Validity,
    /// Type of its key, which decides the signature algorithm
    pub key_type: KeyType,
    /// How many CAs may follow below it
    pub path_len: Option<u32>,
}

/// Why a certificate cannot be an issuer here.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IssuerError {
    /// It may not sign certificates.
    #[error(
        "the certificate is not a CA (basicConstraints CA:TRUE and keyUsage keyCertSign are needed)"
    )]
    NotACa,
    /// Its public key is of a type that certctl does not sign with.
    #[error("the CA's key is of a type that certctl cannot sign with")]
    KeyType,
    /// Nobody could name it as an issuer (RFC 5280 §4.1.2.4).
    #[error("the CA certificate has an empty subject")]
    NoSubject,
    /// An extension is broken.
    #[error("the CA certificate does not hold together: {0}")]
    Malformed(String),
}

impl Issuer {
    /// The issuer of a certificate that is signed with its own key.
    #[must_use]
    pub fn of_itself(
        subject: &Name,
        key_identifier: KeyId,
        serial: &Serial,
        validity: Validity,
        key_type: KeyType,
    ) -> Self {
        Self {
            subject: subject.clone(),
            key_identifier,
            issuer: subject.clone(),
            serial: serial.clone(),
            validity,
            key_type,
            path_len: None,
        }
    }

    /// Looks up in a CA certificate what issuing needs.
    ///
    /// # Errors
    ///
    /// Where it may not sign certificates, or its key is of another type.
    pub fn from_certificate(certificate: &Certificate) -> Result<Self, IssuerError> {
        let parsed = certificate.parsed();
        let malformed = |error: &dyn ToString| IssuerError::Malformed(error.to_string());
        let constraints = parsed
            .basic_constraints()
            .map_err(|error| malformed(&error))?;
        let constraints = constraints
            .filter(|found| found.value.ca)
            .ok_or(IssuerError::NotACa)?;
        if parsed.subject().iter().next().is_none() {
            return Err(IssuerError::NoSubject);
        }
        let usage = parsed.key_usage().map_err(|error| malformed(&error))?;
        if usage.is_some_and(|usage| !usage.value.key_cert_sign()) {
            return Err(IssuerError::NotACa);
        }
        Ok(Self {
            subject: certificate.subject(),
            key_identifier: certificate.key_identifier(),
            issuer: certificate.issuer(),
            serial: certificate.serial(),
            validity: certificate.validity(),
            key_type: certificate.key_type().ok_or(IssuerError::KeyType)?,
            path_len: constraints.value.path_len_constraint,
        })
    }
}
