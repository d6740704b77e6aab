//! What keeps a CRL from saying anything.

use time::OffsetDateTime;

use super::codes::{self, Code};
use crate::pki::{signature::SignatureError, validity::rfc3339};

/// Why a CRL says nothing about a certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CrlFault {
    /// The next one should be here.
    #[error("ended on {}", rfc3339(*.0))]
    Expired(OffsetDateTime),
    /// Nobody can tell whether it is the latest.
    #[error("has no nextUpdate")]
    NoNextUpdate,
    /// Its time has not come.
    #[error("begins on {}", rfc3339(*.0))]
    NotYetValid(OffsetDateTime),
    /// The issuer's key is for something else.
    #[error("does not count: the issuer's keyUsage lacks cRLSign")]
    NotASigner,
    /// Its signature is not accepted.
    #[error("does not count: {0}")]
    Signature(SignatureError),
    /// Delta CRLs, indirect CRLs, CRLs for some reasons, and what else must be understood.
    #[error("is of a kind that cannot be used ({0})")]
    Unusable(String),
}

impl CrlFault {
    pub(super) fn known(&self) -> &'static Code {
        match self {
            Self::Expired(_) => &codes::CRL_EXPIRED,
            Self::NoNextUpdate => &codes::CRL_WITHOUT_END,
            Self::NotYetValid(_) => &codes::CRL_NOT_YET_VALID,
            Self::NotASigner => &codes::CRL_SIGNER,
            Self::Signature(_) => &codes::CRL_SIGNATURE,
            Self::Unusable(_) => &codes::CRL_UNUSABLE,
        }
    }
}
