//! From a request to files: the order of effects that every command which signs goes through.
//!
//! Plan in memory → check the plan → record it in the ledger → sign → stage the files → commit →
//! publish → read back. Up to the commit nothing has changed; see [`crate::store::transaction`].

pub mod authority;
pub mod leaf;

use crate::{
    check::{
        Terms,
        certificate::{Breach, Role, View, errors},
    },
    pki::{
        certificate::Certificate,
        key::KeyError,
        key_file::KeyFileError,
        plan::{Issuer, IssuerError, Planned, SignError},
        validity::ValidityError,
    },
    store::StoreError,
};
use time::{Duration, OffsetDateTime};

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The plan breaks rules that `check` would find broken later.
    #[error("the certificate for `{name}` would be wrong: {}", messages(.breaches))]
    Breaches {
        /// For which entry or CA
        name: String,
        /// Which rules
        breaches: Vec<Breach>,
    },
    /// A leaf without a name.
    #[error("`{0}` would have no subject alternative name")]
    NoNames(String),
    /// The CA may have no CA below it.
    #[error("the CA `{0}` has path length 0: no CA may stand below it")]
    PathLength(String),
    /// A lifetime is impossible.
    #[error("`{name}`: {source}")]
    Validity {
        /// For which entry or CA
        name: String,
        /// Why
        source: ValidityError,
    },
    /// A signature that does not hold with the issuer's certificate.
    #[error("the signature on `{0}` does not hold; nothing was kept")]
    Signature(String),
    /// The CA's certificate cannot issue.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key could not be read or encrypted.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The PKI directory refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn messages(breaches: &[Breach]) -> String {
    let messages: Vec<_> = breaches.iter().map(ToString::to_string).collect();
    messages.join("; ")
}

/// A CA that is ready to sign.
#[derive(Debug)]
pub struct SigningAuthority {
    /// Its certificates
    pub authority: crate::store::authority::Authority,
    /// What planning needs of it
    pub issuer: Issuer,
    /// Its key
    pub key: crate::pki::key::SigningKey,
}

/// Checks a plan by the rules that `check` applies to files.
fn check_plan(
    name: &str,
    planned: &Planned,
    role: Role,
    now: OffsetDateTime,
) -> Result<(), IssueError> {
    let unsigned = Certificate::from_der(planned.unsigned()).map_err(SignError::from)?;
    let terms = Terms {
        now,
        within: Duration::ZERO,
    };
    let breaches = errors(&View::new(&unsigned.parsed(), role), &terms);
    if breaches.is_empty() {
        return Ok(());
    }
    Err(IssueError::Breaches {
        name: name.to_owned(),
        breaches,
    })
}
