//! Path validation (RFC 5280 §6): finds a chain from a leaf to a trust anchor, or says what speaks
//! against the best there is.
//!
//! Issuers are found by the exact octets of their names and by key identifiers; a path that reaches
//! an anchor is then checked as a whole, so that all that is wrong with it is told at once. What it is held
//! to is a [`Policy`]; rules about one certificate are those of [`crate::pki::rules`], anchors included.
//!
//! By [`Policy::Openssl`] a chain is judged as by `openssl verify -x509_strict`, with these differences, each
//! of which is a row in `tests/chain/`: a certificate is still valid in the second of its notAfter; the
//! common name never names a host; names are compared by their octets; serial numbers are positive and of
//! 20 octets at most; a CRL must say when the next one comes; no octets may follow an extension's value.

mod browsers;
mod budget;
mod codes;
mod crl_fault;
mod facts;
mod failure;
mod host;
mod path;
mod place;
mod records;
mod revocation;
mod rustls;
mod search;
mod stack;

use time::OffsetDateTime;
use x509_parser::extensions::{ExtendedKeyUsage, KeyUsage};

use super::{certificate::Certificate, revocation_list::RevocationList, rules::ASKED};
use crate::{explained::Told, severity::Severity};

pub use super::rules::Policy;

pub use browsers::BrowserRule;
pub use crl_fault::CrlFault;
pub use failure::{Failure, Fault, Rule};
pub use host::Host;
pub use place::Place;
pub use records::{unlisted, with_records};
pub use rustls::rustls_accepts;
pub use stack::{Answer, Stack};

/// Every code of a [`Rule`], the gravest first, and what it stands for.
pub fn told() -> impl Iterator<Item = Told> {
    let browsers = browsers::RULES.iter().map(|rule| &rule.known);
    let codes = codes::CODES.iter().copied().chain(browsers);
    let form = ASKED.iter().map(|(rule, _)| Told::Alike {
        code: rule.code,
        severity: Severity::Error,
        source: rule.source,
        rule: rule.code,
    });
    codes.map(|code| code.told.clone()).chain(form)
}

/// What is to be verified, and by what.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The certificate in question
    pub leaf: &'a Certificate,
    /// Certificates that may stand between leaf and anchor, in any order, needed or not
    pub untrusted: &'a [Certificate],
    /// Certificates that are trusted to issue; roots as a rule, but not by necessity
    pub trust: &'a [Certificate],
    /// CRLs. Where there are any, the leaf's issuer must have one; other certificates are looked up
    /// where there is one for them
    pub crls: &'a [RevocationList],
    /// What the leaf is used for
    pub purpose: Purpose,
    /// Whom the leaf has to name
    pub host: Option<&'a Host>,
    /// The time that all must be valid at
    pub at: OffsetDateTime,
    /// What it is held to
    pub policy: Policy,
}

/// What a leaf is used for (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Purpose {
    /// Whatever it is
    #[default]
    Any,
    /// Proves who dials
    Client,
    /// Proves who is dialled
    Server,
}

impl Purpose {
    /// Its key purpose in RFC 5280.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "anyExtendedKeyUsage",
            Self::Client => "clientAuth",
            Self::Server => "serverAuth",
        }
    }

    /// anyExtendedKeyUsage alone is not enough, as in OpenSSL and rustls.
    fn is_among(self, usage: &ExtendedKeyUsage<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Client => usage.client_auth,
            Self::Server => usage.server_auth,
        }
    }

    fn is_served_by(self, usage: KeyUsage) -> bool {
        let signs_or_agrees = usage.digital_signature() || usage.key_agreement();
        match self {
            Self::Any => true,
            Self::Client => signs_or_agrees,
            Self::Server => signs_or_agrees || usage.key_encipherment(),
        }
    }
}

/// A chain that holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chain {
    /// From the leaf to the anchor, both included; one certificate where the leaf itself is trusted
    pub certificates: Vec<Certificate>,
}

/// Finds a chain that holds.
///
/// # Errors
///
/// What is wrong with the path that came closest.
pub fn verify(request: &Request<'_>) -> Result<Chain, Failure> {
    // Certificates know whole seconds, and their last one counts (RFC 5280 §4.1.2.5).
    let purpose = match request.policy {
        Policy::Webpki if request.purpose == Purpose::Any => Purpose::Server,
        _ => request.purpose,
    };
    let request = Request {
        at: request.at.truncate_to_second(),
        purpose,
        ..*request
    };
    let pool = search::Pool::new(&request);
    search::Search::new(&request, &pool).run()
}
