//! Why a chain does not hold: which certificate breaks which rule, and which breach matters most.

use std::fmt;

use time::OffsetDateTime;

use super::{
    Purpose,
    browsers::BrowserRule,
    codes::{self, Code},
    crl_fault::CrlFault,
    host::Host,
    place::Place,
};
use crate::pki::{
    certificate::Certificate,
    name_constraints::NameViolation,
    rules::{Breach, CertificateRule},
    signature::SignatureError,
    validity::rfc3339,
};

/// Why no chain holds: the breaches on the path that came closest, the gravest first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// At least one
    pub faults: Vec<Fault>,
    /// The path that they were found on, leaf first; complete only where all issuers are known
    pub chain: Vec<Certificate>,
    /// Whether it reaches an anchor
    pub anchored: bool,
}

impl Failure {
    /// The place of the certificate at `index` of its chain.
    #[must_use]
    pub fn place(&self, index: usize) -> Place {
        Place::at(index, self.chain.len(), self.anchored)
    }

    /// Of two failed paths the one that got farther: its gravest fault is milder, or it has fewer.
    pub(super) fn better(self, other: Self) -> Self {
        let standing = |failure: &Self| {
            let gravest = failure.faults.first().map(|fault| fault.rule.rank());
            (gravest, std::cmp::Reverse(failure.faults.len()))
        };
        if standing(&other) > standing(&self) {
            other
        } else {
            self
        }
    }
}

/// The gravest fault; the others are in `faults`.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.faults
            .iter()
            .take(1)
            .try_for_each(|fault| fault.fmt(f))
    }
}

impl std::error::Error for Failure {}

/// One certificate breaks one rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// What the certificate calls itself: common name, or else its first name or whole subject
    pub subject: String,
    /// Where it stands in the chain
    pub place: Place,
    /// What it breaks
    pub rule: Rule,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            place,
            rule,
        } = self;
        write!(f, "certificate {subject:?} ({place}): {rule}")?;
        rule.section()
            .map_or(Ok(()), |section| write!(f, " ({section})"))
    }
}

/// What a certificate breaks; in the order of [`Rule::rank`], the gravest first. Each has its code in `codes.rs`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Rule {
    /// The search was given up.
    #[error("gave up after {0}; there are too many certificates with the same names")]
    Budget(&'static str),
    /// Nobody with the issuer's name is at hand.
    #[error("its issuer {issuer:?} is neither trusted nor among the certificates given")]
    IssuerUnknown {
        /// The name of the issuer
        issuer: String,
    },
    /// The issuer has its name in other octets.
    #[error(
        "its issuer {issuer:?} is at hand, and writes the name in other octets ({difference}): OpenSSL takes it all the same, GnuTLS, Go and rustls do not"
    )]
    IssuerEncoding {
        /// The name of the issuer
        issuer: String,
        /// In what
        difference: &'static str,
    },
    /// It ends the chain, and nobody trusts it.
    #[error("it is self-signed and not trusted")]
    SelfSigned,
    /// The certificate with the issuer's name has another key.
    #[error(
        "it was signed by another key than that of {issuer:?}, which only has the issuer's name"
    )]
    AuthorityKeyDiffers {
        /// Who has the issuer's name
        issuer: String,
    },
    /// The certificate with the issuer's name and key is not the one that it names.
    #[error(
        "it names its issuer's certificate by {by} that the one of {issuer:?} does not have, as after its renewal"
    )]
    AuthorityCertificateDiffers {
        /// Who has the issuer's name
        issuer: String,
        /// What differs
        by: &'static str,
    },
    /// Its signature is not accepted.
    #[error("{fault}; its issuer would be {issuer:?}")]
    Signature {
        /// Who has the issuer's name
        issuer: String,
        /// What is wrong
        fault: SignatureError,
    },
    /// An extension that must be understood, and is not.
    #[error("the critical extension {0} is unknown")]
    UnknownCriticalExtension(String),
    /// It has issued, and is no CA.
    #[error("it issued the certificate below it, but is not a CA (no basicConstraints CA:TRUE)")]
    NotCa,
    /// It has issued, and its key is for something else.
    #[error("it issued the certificate below it, but its keyUsage lacks keyCertSign")]
    KeyCertSignMissing,
    /// More CAs follow than it allows.
    #[error("it allows {allowed} CAs below it (pathlen), there are {found}")]
    PathTooLong {
        /// `pathLenConstraint`
        allowed: u32,
        /// How many there are, self-issued ones not counted
        found: usize,
    },
    /// A CA above it does not allow one of its names.
    #[error("{violation} by {ca:?}")]
    NameConstraint {
        /// Whose constraint it is
        ca: String,
        /// What it forbids
        violation: NameViolation,
    },
    /// Its CA has taken it back.
    #[error("revoked on {}{}", rfc3339(*.on), .reason.map(|reason| format!(" ({reason})")).unwrap_or_default())]
    Revoked {
        /// Since when
        on: OffsetDateTime,
        /// Why, where the CRL says so
        reason: Option<&'static str>,
    },
    /// Its time is over.
    #[error("expired on {}", rfc3339(*.0))]
    Expired(OffsetDateTime),
    /// Its time has not come.
    #[error("not valid before {}", rfc3339(*.0))]
    NotYetValid(OffsetDateTime),
    /// CRLs were given, none of them by its issuer.
    #[error("none of the CRLs given is by its issuer {issuer:?}")]
    CrlMissing {
        /// The name of the issuer
        issuer: String,
    },
    /// CRLs of its issuer were given, and they are limited to other certificates.
    #[error("the CRLs of its issuer {issuer:?} that were given are for other certificates")]
    CrlOfOthers {
        /// The name of the issuer
        issuer: String,
    },
    /// CRLs of its issuer were given, which write its name in other octets.
    #[error(
        "the CRL of its issuer {issuer:?} writes the name in other octets ({difference}): OpenSSL takes it all the same, GnuTLS, Go and rustls do not"
    )]
    CrlEncoding {
        /// The name of the issuer
        issuer: String,
        /// In what
        difference: &'static str,
    },
    /// Its issuer's CRL says nothing.
    #[error("the CRL of its issuer {0}")]
    Crl(CrlFault),
    /// It is for other purposes.
    #[error("its extendedKeyUsage lacks {}", .0.name())]
    ExtendedKeyUsage(Purpose),
    /// Its key is for other purposes.
    #[error("its keyUsage does not allow what {} needs", .0.name())]
    KeyUsage(Purpose),
    /// It does not name the host.
    #[error("it does not name {host}, only {}", if .names.is_empty() { "its subject" } else { .names })]
    Host {
        /// Who was asked for
        host: Host,
        /// Whom it names: `DNS:a, IP:10.0.0.1`
        names: String,
    },
    /// rustls was asked, and refuses it.
    #[error("rustls refuses it: {0}")]
    Webpki(String),
    /// It breaks a rule that `check` has too.
    #[error("{}", .0.message)]
    Form(Breach),
    /// It is not what browsers take.
    #[error("{}", .0.text)]
    Browser(&'static BrowserRule),
}

impl Rule {
    /// A stable word for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.known().0
    }

    /// Where the rule is written; `None` where it is our own.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        Some(self.known().1).filter(|section| !section.starts_with("certctl"))
    }

    /// How far a path got that breaks this rule: higher is farther.
    ///
    /// First what keeps a chain from being built, then what keeps it from being understood, then
    /// what its CAs may not do, then what time, purpose and name speak against, then form.
    #[must_use]
    pub fn rank(&self) -> u8 {
        self.known().2
    }

    /// Code, section and rank.
    fn known(&self) -> (&'static str, &'static str, u8) {
        let known: &'static Code = match self {
            Self::Budget(_) => &codes::BUDGET,
            Self::IssuerUnknown { .. } => &codes::ISSUER_UNKNOWN,
            Self::IssuerEncoding { .. } => &codes::ISSUER_ENCODING,
            Self::SelfSigned => &codes::SELF_SIGNED,
            Self::AuthorityKeyDiffers { .. } => &codes::ISSUER_KEY_DIFFERS,
            Self::AuthorityCertificateDiffers { .. } => &codes::ISSUER_CERTIFICATE_DIFFERS,
            Self::Signature { fault, .. } => match fault {
                SignatureError::Weak(_) => &codes::WEAK_SIGNATURE,
                SignatureError::Mismatch => &codes::BAD_SIGNATURE,
                _ => &codes::UNUSABLE_SIGNATURE,
            },
            Self::UnknownCriticalExtension(_) => &codes::CRITICAL_EXTENSION,
            Self::NotCa => &codes::NOT_A_CA,
            Self::KeyCertSignMissing => &codes::NO_KEY_CERT_SIGN,
            Self::PathTooLong { .. } => &codes::PATH_TOO_LONG,
            Self::NameConstraint { .. } => &codes::NAME_CONSTRAINT,
            Self::Revoked { .. } => &codes::REVOKED,
            Self::Expired(_) => &codes::EXPIRED,
            Self::NotYetValid(_) => &codes::NOT_YET_VALID,
            Self::CrlMissing { .. } | Self::CrlOfOthers { .. } | Self::CrlEncoding { .. } => {
                &codes::CRL_MISSING
            }
            Self::Crl(fault) => fault.known(),
            Self::ExtendedKeyUsage(_) => &codes::PURPOSE,
            Self::KeyUsage(_) => &codes::KEY_USAGE,
            Self::Host { .. } => &codes::HOST,
            Self::Webpki(_) => &codes::WEBPKI,
            Self::Browser(rule) => &rule.known,
            Self::Form(Breach { rule, .. }) => return (rule.code, rule.source, form_rank(rule)),
        };
        (known.told.code(), known.section, known.rank)
    }
}

/// Form comes last, unless a certificate cannot be understood, or its key broken.
fn form_rank(rule: &CertificateRule) -> u8 {
    match rule.code {
        "duplicate-extension" => 21,
        "malformed-extension" => 22,
        "weak-key" => 90,
        _ => 100,
    }
}
