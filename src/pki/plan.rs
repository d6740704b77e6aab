//! From a request to a certificate: plan → (record) → sign. A plan is complete, and can be signed once.

use x509_parser::{
    extensions::SubjectAlternativeName, oid_registry as oids, prelude::FromDer as _,
};

use super::{
    certificate::{Certificate, CertificateError},
    der::{self, tag},
    extension::Extension,
    general_name::GeneralName,
    key::{KeyError, KeyType, SigningKey},
    serial::Serial,
    signature,
    validity::Validity,
};

/// What planning and signing need to know of an issuer.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Exact DER of its subject: what chaining compares (RFC 5280 §6.1.3 (a)(4))
    pub subject: Vec<u8>,
    /// Its subject key identifier
    pub key_identifier: Vec<u8>,
    /// Exact DER of the name of its own issuer
    pub issuer: Vec<u8>,
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
            subject: parsed.subject().as_raw().to_vec(),
            key_identifier: certificate.key_identifier(),
            issuer: parsed.issuer().as_raw().to_vec(),
            serial: certificate.serial(),
            validity: certificate.validity(),
            key_type: certificate.key_type().ok_or(IssuerError::KeyType)?,
            path_len: constraints.value.path_len_constraint,
        })
    }
}

/// Everything that a certificate will say, but for the issuer.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Unique for the issuer
    pub serial: Serial,
    /// Exact DER of the subject
    pub subject: Vec<u8>,
    /// When it is valid
    pub validity: Validity,
    /// `SubjectPublicKeyInfo`
    pub public_key_info: Vec<u8>,
    /// In the order in which they are written
    pub extensions: Vec<Extension>,
}

/// A certificate that only lacks its signature.
#[derive(Debug)]
pub struct Planned {
    serial: Serial,
    validity: Validity,
    signature_algorithm: Vec<u8>,
    issuer_key: KeyType,
    names: Vec<GeneralName>,
    tbs: Vec<u8>,
}

impl Planned {
    /// Writes the `TBSCertificate` (RFC 5280 §4.1), version 3.
    ///
    /// A subject alternative name becomes critical where the subject is empty (§4.2.1.6).
    #[must_use]
    pub fn new(mut contents: Contents, issuer: &Issuer) -> Self {
        /// An empty SEQUENCE OF
        const EMPTY_NAME: [u8; 2] = [tag::SEQUENCE, 0];
        if contents.subject == EMPTY_NAME {
            for extension in &mut contents.extensions {
                extension.critical |= extension.oid == oids::OID_X509_EXT_SUBJECT_ALT_NAME;
            }
        }
        let names = names(&contents.extensions);
        let signature_algorithm = issuer.key_type.signature_algorithm();
        let extensions: Vec<_> = contents.extensions.iter().map(Extension::to_der).collect();
        let extensions = der::sequence(&extensions);
        let version = der::constructed(tag::context_constructed(0), &[der::integer(&[2])]);
        let tbs = der::sequence(&[
            &version[..],
            &der::integer(contents.serial.as_bytes()),
            &signature_algorithm,
            &issuer.subject,
            &contents.validity.to_der(),
            &contents.subject,
            &contents.public_key_info,
            &der::constructed(tag::context_constructed(3), &[extensions]),
        ]);
        Self {
            serial: contents.serial,
            validity: contents.validity,
            signature_algorithm,
            issuer_key: issuer.key_type,
            names,
            tbs,
        }
    }

    /// Its serial number.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// When it will be valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Its subject alternative names, in their order.
    #[must_use]
    pub fn names(&self) -> &[GeneralName] {
        &self.names
    }

    /// The octets that will be signed: what the ledger records beforehand.
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.tbs
    }

    /// The plan as a certificate whose signature is empty, for checks before anything is signed.
    #[must_use]
    pub fn unsigned(&self) -> Vec<u8> {
        self.assemble(&[])
    }

    /// Signs the plan.
    ///
    /// # Errors
    ///
    /// Where the key fails, or is of another type than the issuer's certificate says.
    pub fn sign(&self, key: &SigningKey) -> Result<Certificate, SignError> {
        if key.key_type() != self.issuer_key {
            return Err(SignError::WrongKey {
                expected: self.issuer_key,
                found: key.key_type(),
            });
        }
        let signature = key.sign(&self.tbs)?;
        Ok(Certificate::from_der(self.assemble(&signature))?)
    }

    fn assemble(&self, signature: &[u8]) -> Vec<u8> {
        der::sequence(&[
            &self.tbs[..],
            &self.signature_algorithm,
            &der::bit_string(signature),
        ])
    }
}

/// Names of the subject alternative name extension; none where it does not parse, which checks tell.
fn names(extensions: &[Extension]) -> Vec<GeneralName> {
    let found = extensions
        .iter()
        .find(|found| found.oid == oids::OID_X509_EXT_SUBJECT_ALT_NAME);
    let parsed = found.and_then(|found| SubjectAlternativeName::from_der(&found.value).ok());
    let names = parsed
        .map(|(_, names)| names.general_names)
        .unwrap_or_default();
    names.iter().map(GeneralName::from_parsed).collect()
}

/// Why a plan was not signed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignError {
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What was signed does not parse.
    #[error("what was signed is {0}")]
    Result(#[from] CertificateError),
    /// The key is not the issuer's.
    #[error("the issuer's certificate has a {expected} key, the key file holds {found}")]
    WrongKey {
        /// Type in the certificate
        expected: KeyType,
        /// Type of the key
        found: KeyType,
    },
}

/// Checks a signature with the issuer's public key, as a verifier would.
#[must_use]
pub fn signature_holds(certificate: &Certificate, issuer: &Certificate) -> bool {
    let (certificate, issuer) = (certificate.parsed(), issuer.parsed());
    signature::check(
        issuer.public_key(),
        &certificate.signature_algorithm,
        &certificate.signature_value,
        certificate.tbs_certificate.as_ref(),
    )
    .is_ok()
}
