//! Describes certificates.

use serde::Serialize;
use time::OffsetDateTime;

use super::{
    extensions::{self, ExtensionsInfo},
    key::{PublicKeyInfo, public_info},
    sha256,
};
use crate::pki::{
    certificate::Certificate,
    name,
    signature::{self, algorithm_name},
};

/// What a certificate says.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CertificateInfo {
    /// Its subject
    pub subject: String,
    /// Its issuer
    pub issuer: String,
    /// Upper-case hexadecimal
    pub serial: String,
    /// First second
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, schemars(with = "String", extend("format" = "date-time")))]
    pub not_before: OffsetDateTime,
    /// Last second
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, schemars(with = "String", extend("format" = "date-time")))]
    pub not_after: OffsetDateTime,
    /// Its public key
    #[serde(flatten)]
    pub public_key: PublicKeyInfo,
    /// As OpenSSL calls it
    pub signature_algorithm: String,
    /// Whether its own key has signed it
    pub self_signed: bool,
    /// 1 to 3
    pub version: u32,
    /// Its extensions
    #[serde(flatten)]
    pub extensions: ExtensionsInfo,
    /// Digest of the whole certificate
    pub sha256: String,
}

impl CertificateInfo {
    /// Describes a certificate.
    #[must_use]
    pub fn new(certificate: &Certificate) -> Self {
        let parsed = certificate.parsed();
        let validity = certificate.validity();
        let own_key_signed = || {
            let (algorithm, signature) = (&parsed.signature_algorithm, &parsed.signature_value);
            signature::check(
                parsed.public_key(),
                algorithm,
                signature,
                parsed.tbs_certificate.as_ref(),
            )
        };
        Self {
            subject: name::display(parsed.subject().as_raw()),
            issuer: name::display(parsed.issuer().as_raw()),
            serial: certificate.serial().to_string(),
            not_before: validity.not_before,
            not_after: validity.not_after,
            public_key: public_info(parsed.public_key()),
            signature_algorithm: algorithm_name(&parsed.signature_algorithm.algorithm),
            self_signed: certificate.is_self_signed() && own_key_signed().is_ok(),
            version: parsed.version().0.saturating_add(1),
            extensions: extensions::describe(parsed.extensions()),
            sha256: sha256(certificate.der()),
        }
    }
}
