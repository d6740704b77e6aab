//! Making CRLs (RFC 5280 §5): which certificates of a CA are no longer good, since when and why.

use std::{fmt, str::FromStr};

use rcgen::{
    CertificateParams, CertificateRevocationListParams, KeyIdMethod, RevocationReason,
    RevokedCertParams,
};
use time::OffsetDateTime;

use super::{
    draft::{self, LayoutError, exactly},
    issuer::Issuer,
    key::{KeyError, Signer},
    serial::Serial,
};

/// Why a certificate was revoked (`CRLReason`, RFC 5280 §5.3.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Reason {
    /// Nobody said; left out of the CRL
    #[default]
    Unspecified,
    /// Somebody else may have the key
    KeyCompromise,
    /// Somebody else may have the CA's key
    CaCompromise,
    /// The subject is called otherwise now
    AffiliationChanged,
    /// Another certificate has taken its place
    Superseded,
    /// It is not needed any more
    CessationOfOperation,
    /// Not to be trusted for now; can be undone
    CertificateHold,
    /// What it says the subject may do is no longer so
    PrivilegeWithdrawn,
    /// The attribute authority may have lost its key
    AaCompromise,
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

impl Reason {
    fn to_rcgen(self) -> RevocationReason {
        match self {
            Self::Unspecified => RevocationReason::Unspecified,
            Self::KeyCompromise => RevocationReason::KeyCompromise,
            Self::CaCompromise => RevocationReason::CaCompromise,
            Self::AffiliationChanged => RevocationReason::AffiliationChanged,
            Self::Superseded => RevocationReason::Superseded,
            Self::CessationOfOperation => RevocationReason::CessationOfOperation,
            Self::CertificateHold => RevocationReason::CertificateHold,
            Self::PrivilegeWithdrawn => RevocationReason::PrivilegeWithdrawn,
            Self::AaCompromise => RevocationReason::AaCompromise,
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
    /// As rcgen takes it, which leaves `unspecified` out (RFC 5280 §5.3.1).
    fn to_rcgen(&self) -> RevokedCertParams {
        RevokedCertParams {
            serial_number: self.serial.as_bytes().to_vec().into(),
            revocation_time: self.at,
            reason_code: Some(self.reason.to_rcgen()),
            invalidity_date: None,
        }
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
    pub fn sign(&self, issuer: &Issuer, key: &dyn Signer) -> Result<Vec<u8>, CrlError> {
        /// Place of the issuer's name in a `TBSCertList`
        const ISSUER: usize = 2;
        let params = CertificateRevocationListParams {
            this_update: self.this_update,
            next_update: self.next_update,
            crl_number: self.number.into(),
            issuing_distribution_point: None,
            revoked_certs: self.revoked.iter().map(Revocation::to_rcgen).collect(),
            key_identifier_method: KeyIdMethod::PreSpecified(issuer.key_identifier.to_vec()),
        };
        let nobody = CertificateParams::default();
        let laid_out = draft::lay_out(key.key_type(), &[], |draft| {
            params.signed_by(&rcgen::Issuer::from_params(&nobody, draft))
        })?;
        let list = exactly(&laid_out, &[(ISSUER, &issuer.subject)]);
        Ok(draft::signed(&list, key)?)
    }
}

/// Why no CRL was made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CrlError {
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// rcgen refused.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}
