//! From a request to files: the order of effects that every command which signs goes through.
//!
//! Plan in memory → check the plan → record it in the ledger → sign → stage the files → commit →
//! publish → read back. Up to the commit nothing has changed; see [`crate::store::transaction`].

pub mod asking;
pub mod authorities;
pub mod authority;
pub mod crl;
pub mod crossing;
pub mod defaults;
pub mod foreign_names;
pub mod installation;
pub mod leaf;
pub mod losses;
pub mod orphans;
pub mod own_key;
pub mod renewal;
pub mod request;
pub mod revocation;
pub mod rotation;
pub mod subordinate;
pub mod takeover;

use crate::{
    pki::{
        certificate::Certificate,
        csr::RequestError,
        draft::LayoutError,
        general_name::GeneralName,
        issuer::{Issuer, IssuerError},
        key::{KeyError, Signer},
        key_file::KeyFileError,
        name::display,
        name_constraints::{NameViolation, ca_names, leaf_names_of_openssl, permits_hosts},
        plan::{Planned, SignError},
        public_key::PublicKeyError,
        rules::{Breach, Moment, Role, View, errors},
        validity::ValidityError,
    },
    store::{StoreError, authority::Authority},
};
use std::sync::Arc;
use time::OffsetDateTime;
use x509_parser::oid_registry::OID_X509_EXT_NAME_CONSTRAINTS;

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
    /// A CA on the way to the root does not allow names that the certificate would have.
    #[error("`{name}`: {}", forbidden(.violations))]
    NamesForbidden {
        /// For which entry or CA
        name: String,
        /// Which names, each with the CA that forbids it
        violations: Vec<(String, NameViolation)>,
    },
    /// A CA that could be told from the one beside it by its key alone.
    #[error(
        "the CA that takes the place of `{0}` would have its subject, by which issuers are found: some programs try the first of two alone"
    )]
    SameSubject(String),
    /// A leaf without a name.
    #[error("`{0}` would have no subject alternative name")]
    NoNames(String),
    /// Its CA is elsewhere.
    #[error("`{0}` was signed by a CA elsewhere, which alone can renew it")]
    Foreign(String),
    /// The key that is to be kept is gone.
    #[error("`{0}` has no key here that could be kept")]
    KeyMissing(String),
    /// Nobody can sign it.
    #[error("nobody can sign `{0}`: it has neither a CA nor a key here")]
    NoIssuer(String),
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
    /// No request was written.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A public key that came from elsewhere is not fit.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// A key could not be read or encrypted.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The certificate cannot be written.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The PKI directory refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IssueError {
    /// Why a key did not sign, if that is what is wrong.
    #[must_use]
    pub fn of_key(&self) -> Option<&KeyError> {
        match self {
            Self::Key(error)
            | Self::Request(RequestError::Key(error))
            | Self::Sign(SignError::Key(error)) => Some(error),
            _ => None,
        }
    }
}

fn messages(breaches: &[Breach]) -> String {
    let messages: Vec<_> = breaches.iter().map(ToString::to_string).collect();
    messages.join("; ")
}

fn forbidden(violations: &[(String, NameViolation)]) -> String {
    let messages: Vec<_> = violations
        .iter()
        .map(|(ca, violation)| format!("{violation} by the CA {ca}"))
        .collect();
    messages.join("; ")
}

/// A CA that is ready to sign.
#[derive(Debug)]
pub struct SigningAuthority {
    /// Its certificates
    pub authority: Authority,
    /// What planning needs of it
    pub issuer: Issuer,
    /// Where its CRL is served, if it is: leaves say so (RFC 5280 §4.2.1.13)
    pub crl_url: Option<String>,
    /// Its key
    pub key: Arc<dyn Signer>,
}

/// Checks a plan by the rules that `check` applies to files, and by what the CAs above it allow:
/// `constraining` are those that constrain names.
fn check_plan(
    name: &str,
    planned: &Planned,
    role: Role,
    constraining: &[Certificate],
    now: OffsetDateTime,
) -> Result<(), IssueError> {
    let unsigned = planned.unsigned();
    let parsed = Certificate::parse(&unsigned).map_err(SignError::from)?;
    if !constraining.is_empty() {
        check_names(
            name,
            parsed.subject().as_raw(),
            planned.names(),
            role,
            constraining,
        )?;
    }
    let breaches = errors(&View::new(parsed, role), &Moment::at(now));
    if breaches.is_empty() {
        return Ok(());
    }
    Err(IssueError::Breaches {
        name: name.to_owned(),
        breaches,
    })
}

/// The CAs from `authority` up to its root that constrain names (RFC 5280 §4.2.1.10).
fn constraining(authority: &Authority) -> Vec<Certificate> {
    let own = std::slice::from_ref(&authority.certificate);
    let chain = match authority.chain.is_empty() {
        true => own,
        false => &authority.chain,
    };
    let top = chain.last().map(Certificate::issuer);
    // A bundle may hold the roots of other CAs too.
    let roots = authority
        .roots
        .iter()
        .filter(|root| Some(root.subject()) == top && !chain.contains(root));
    let constrains = |ca: &&Certificate| {
        let extensions = ca.parsed();
        let mut extensions = extensions.extensions().iter();
        extensions.any(|extension| extension.oid == OID_X509_EXT_NAME_CONSTRAINTS)
    };
    chain
        .iter()
        .chain(roots)
        .filter(constrains)
        .cloned()
        .collect()
}

/// Refuses names that a CA on the way to the root does not allow: no peer would accept them.
fn check_names(
    name: &str,
    subject: &[u8],
    names: &[GeneralName],
    role: Role,
    constraining: &[Certificate],
) -> Result<(), IssueError> {
    let names = match role {
        Role::Leaf => leaf_names_of_openssl(subject, names),
        Role::Any | Role::Authority => ca_names(subject, names),
    };
    let mut violations = Vec::new();
    for ca in constraining {
        let one_by_one = names.iter().map(std::slice::from_ref);
        let found = one_by_one.filter_map(|name| permits_hosts(ca, name).err());
        violations.extend(found.map(|violation| (display(&ca.subject()), violation)));
    }
    if violations.is_empty() {
        return Ok(());
    }
    let name = name.to_owned();
    Err(IssueError::NamesForbidden { name, violations })
}
