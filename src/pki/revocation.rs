//! Making CRLs (RFC 5280 §5): which certificates of a CA are no longer good, since when and why.

use std::{fmt, str::FromStr};

use time::OffsetDateTime;
use x509_parser::{der_parser::oid, oid_registry as oids};

use super::{
    der::{self, tag},
    extension::{Extension, authority_key_identifier},
    key::{KeyError, SigningKey},
    plan::Issuer,
    serial::Serial,
};

/// Why a certificate was revoked (`CRLReason`, RFC 5280 §5.3.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[repr(u8)]
pub enum Reason {
    /// Nobody said; left out of the CRL
    #[default]
    Unspecified = 0,
    /// Somebody else may have the key
    KeyCompromise = 1,
    /// Somebody else may have the CA's key
    CaCompromise = 2,
    /// The subject is called otherwise now
    AffiliationChanged = 3,
    /// Another certificate has taken its place
    Superseded = 4,
    /// It is not needed any more
    CessationOfOperation = 5,
    /// Not to be trusted for now; can be undone
    CertificateHold = 6,
    /// What it says the subject may do is no longer so
    PrivilegeWithdrawn = 9,
    /// The attribute authority may have lost its key
    AaCompromise = 10,
}

impl Reason {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 9] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// The RFC's word, which openssl takes as well.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The word is no reason.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown reason `{0}`")]
pub struct UnknownReason(String);

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        let found = Self::ALL
            .into_iter()
            .find(|reason| reason.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| UnknownReason(text.to_owned()))
    }
}

/// One line of a CRL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revocation {
    /// Of which certificate
    pub serial: Serial,
    /// Since when
    pub at: OffsetDateTime,
    /// Why
    pub reason: Reason,
}

impl Revocation {
    /// Writes one element of `revokedCertificates`; `unspecified` is left out (RFC 5280 §5.3.1).
    fn to_der(&self) -> Vec<u8> {
        let mut parts = vec![der::integer(self.serial.as_bytes()), der::time(self.at)];
        if self.reason != Reason::Unspecified {
            let code = der::tlv(tag::ENUMERATED, &[self.reason as u8]);
            let reason = Extension::new(oid!(2.5.29.21), code);
            parts.push(der::sequence(&[reason.to_der()]));
        }
        der::sequence(&parts)
    }
}

/// Everything that a CRL says, but for the issuer.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Grows with every CRL of the same issuer (RFC 5280 §5.2.3)
    pub number: u64,
    /// When it was made
    pub this_update: OffsetDateTime,
    /// Until when there will be another
    pub next_update: OffsetDateTime,
    /// In any order
    pub revoked: Vec<Revocation>,
}

impl Contents {
    /// Signs the CRL, version 2; complete for everything that the issuer signed (RFC 5280 §5.1).
    ///
    /// # Errors
    ///
    /// Where the key fails.
    pub fn sign(&self, issuer: &Issuer, key: &SigningKey) -> Result<Vec<u8>, KeyError> {
        let algorithm = key.key_type().signature_algorithm();
        let extensions = der::sequence(&[
            authority_key_identifier(&issuer.key_identifier).to_der(),
            Extension::new(
                oids::OID_X509_EXT_CRL_NUMBER,
                der::integer(&self.number.to_be_bytes()),
            )
            .to_der(),
        ]);
        let mut parts = vec![
            der::integer(&[1]),
            algorithm.clone(),
            issuer.subject.clone(),
            der::time(self.this_update),
            der::time(self.next_update),
        ];
        // An empty list is left out altogether (RFC 5280 §5.1.2.6).
        if !self.revoked.is_empty() {
            let lines: Vec<_> = self.revoked.iter().map(Revocation::to_der).collect();
            parts.push(der::sequence(&lines));
        }
        parts.push(der::constructed(tag::context_constructed(0), &[extensions]));
        let list = der::sequence(&parts);
        let signature = der::bit_string(&key.sign(&list)?);
        Ok(der::sequence(&[list, algorithm, signature]))
    }
}
