//! Certificates that were read: their exact DER, and what is looked up in it.

use ring::digest::{Context, SHA256};
use x509_parser::{
    error::X509Error,
    extensions::ParsedExtension,
    nom,
    prelude::{FromDer as _, X509Certificate},
};

use super::{
    authority_key,
    extension::key_identifier,
    general_name::GeneralName,
    key::KeyType,
    octets::{KeyId, Name},
    pem::writer::encode,
    serial::Serial,
    signed_value::is_signed_value,
    validity::Validity,
};

/// A certificate that parses as X.509; nothing is promised about its signature.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Certificate {
    der: Vec<u8>,
}

/// What a parser did not like, without its wrapping.
pub(super) fn parse_fault(error: &nom::Err<X509Error>) -> String {
    match error {
        nom::Err::Error(fault) | nom::Err::Failure(fault) => fault.to_string(),
        nom::Err::Incomplete(_) => String::from("cut off"),
    }
}

/// Largest certificate, ten times what OpenSSL takes of a whole chain (`SSL_CTX_set_max_cert_list`).
const MAX_OCTETS: usize = 1 << 20;

/// Why bytes are not a certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CertificateError {
    /// No TLS program takes so large a certificate, and what looks into it need not expect it.
    #[error("it is larger than 1 MiB, the most that certctl reads of one certificate")]
    TooLarge,
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
        Self::parse(&der)?;
        Ok(Self { der })
    }

    /// The same, to look at once.
    ///
    /// # Errors
    ///
    /// As [`Self::from_der`].
    pub fn parse(der: &[u8]) -> Result<X509Certificate<'_>, CertificateError> {
        if der.len() > MAX_OCTETS {
            return Err(CertificateError::TooLarge);
        }
        match X509Certificate::from_der(der) {
            Ok(([], _)) if !is_signed_value(der) => {
                Err(CertificateError::Malformed(String::from("not three parts")))
            }
            Ok(([], parsed)) => Ok(parsed),
            Ok((rest, _)) => Err(CertificateError::TrailingData(rest.len())),
            Err(error) => Err(CertificateError::Malformed(parse_fault(&error))),
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

    /// Exact DER of the subject.
    #[must_use]
    pub fn subject(&self) -> Name {
        self.parsed().subject().as_raw().into()
    }

    /// Exact DER of the issuer's name.
    #[must_use]
    pub fn issuer(&self) -> Name {
        self.parsed().issuer().as_raw().into()
    }

    /// Whether it is its own issuer, as far as it says; an intermediate may have its issuer's name (RFC 5280 §3.2).
    #[must_use]
    pub fn is_self_signed(&self) -> bool {
        authority_key::is_self_signed(&self.parsed())
    }

    /// SHA-256 of its DER.
    #[must_use]
    pub fn fingerprint(&self) -> Vec<u8> {
        bundle_digest(std::slice::from_ref(self))
    }

    /// Whether it may be signed with the key of this issuer, as far as it says.
    #[must_use]
    pub fn may_name_key_of(&self, issuer: &Self) -> bool {
        let unlike = authority_key::unlike(&self.parsed(), &issuer.parsed());
        unlike != Some(authority_key::Unlike::Key)
    }

    /// Its serial number.
    #[must_use]
    pub fn serial(&self) -> Serial {
        Serial::from_integer(self.parsed().raw_serial())
    }

    /// When it is valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        let parsed = self.parsed();
        let validity = parsed.validity();
        Validity {
            not_before: validity.not_before.to_datetime(),
            not_after: validity.not_after.to_datetime(),
        }
    }

    /// Type of its public key; `None` where it is none that certctl makes.
    #[must_use]
    pub fn key_type(&self) -> Option<KeyType> {
        KeyType::of_public_key(self.parsed().public_key())
    }

    /// The content of its `subjectPublicKey` BIT STRING.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.parsed().public_key().subject_public_key.data.to_vec()
    }

    /// Its subject key identifier, computed where it carries none (RFC 5280 §4.2.1.2).
    #[must_use]
    pub fn key_identifier(&self) -> KeyId {
        let parsed = self.parsed();
        let carried = parsed
            .extensions()
            .iter()
            .find_map(|found| match found.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0.into()),
                _ => None,
            });
        carried.unwrap_or_else(|| key_identifier(&parsed.public_key().subject_public_key.data))
    }

    /// Its subject alternative names, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<GeneralName> {
        let parsed = self.parsed();
        let Ok(Some(names)) = parsed.subject_alternative_name() else {
            return Vec::new();
        };
        names
            .value
            .general_names
            .iter()
            .map(GeneralName::from_parsed)
            .collect()
    }

    /// One PEM block (RFC 7468 §5).
    #[must_use]
    pub fn to_pem(&self) -> String {
        encode("CERTIFICATE", &self.der)
    }
}

/// [`bundle_digest`] of what is sent behind a certificate; a root, which some send along, leads nowhere and does not
/// count.
#[must_use]
pub fn chain_digest(leaf: &Certificate, sent: &[Certificate]) -> Vec<u8> {
    let leads_on = |it: &&Certificate| *it != leaf && !it.is_self_signed();
    let behind: Vec<_> = sent.iter().filter(leads_on).cloned().collect();
    bundle_digest(&behind)
}

/// SHA-256 of certificates, the DER of one after the other: whatever else stands in their file does not count.
#[must_use]
pub fn bundle_digest(certificates: &[Certificate]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    for certificate in certificates {
        context.update(certificate.der());
    }
    context.finish().as_ref().to_vec()
}
