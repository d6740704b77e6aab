//! What other TLS stacks answer of the same chain: less strict than RFC 5280 in form, each in its own way.
//!
//! rustls is asked itself. Of OpenSSL and Go it is known which rules they do not look at; a chain that breaks no others
//! they take. `tests/chain/` puts every row of its table before both, and names the rows of which less is known.

use x509_parser::extensions::GeneralName;

use super::{
    Chain, Failure, Fault, Place, Policy, Request, Rule, facts::Facts, rustls_accepts, verify,
};
use crate::pki::certificate::Certificate;

/// Whose answer is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stack {
    /// `openssl verify`, and what asks OpenSSL without X509_V_FLAG_X509_STRICT: most servers
    Openssl,
    /// crypto/x509
    Go,
    /// rustls-webpki
    Webpki,
}

/// What a stack says.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The chain, or what the stack minds in it
    pub found: Result<Chain, Failure>,
    /// What RFC 5280 minds, and the stack does not
    pub passed_over: Vec<Fault>,
}

/// What OpenSSL looks at with `-x509_strict` alone, or not at all.
const OPENSSL: &[&str] = &[
    "authority-key-missing",
    "basic-constraints-not-critical",
    "ca-key-usage",
    "issuer-encoding",
    "key-cert-sign-without-ca",
    "path-length-without-ca",
    "san-not-critical",
    "serial",
    "subject-empty",
    "subject-key-missing",
    "version",
];

/// What Go does not look at.
const GO: &[&str] = &[
    "authority-key-missing",
    "basic-constraints-not-critical",
    "issuer-certificate-differs",
    "key-cert-sign-without-ca",
    "key-usage",
    "name-constraints-not-critical",
    "name-constraints-without-ca",
    "policy-constraints-not-critical",
    "san-not-critical",
    "serial",
    "subject-empty",
    "subject-key-missing",
    "version",
];

impl Stack {
    /// All of them
    pub const ALL: [Self; 3] = [Self::Openssl, Self::Go, Self::Webpki];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Openssl => "OpenSSL",
            Self::Go => "Go",
            Self::Webpki => "rustls",
        }
    }

    /// Verifies as it does.
    #[must_use]
    pub fn verify(self, request: &Request<'_>) -> Answer {
        let strict = |policy| verify(&Request { policy, ..*request });
        match self {
            Self::Openssl => self.leniently(strict(Policy::Openssl)),
            // Go reads no CRLs.
            Self::Go => self.leniently(verify(&Request {
                policy: Policy::Strict,
                crls: &[],
                ..*request
            })),
            Self::Webpki => asked(request, strict(Policy::Strict)),
        }
    }

    /// Takes a chain that breaks nothing but what the stack passes over.
    fn leniently(self, found: Result<Chain, Failure>) -> Answer {
        let is_passed = |fault: &Fault, chain: &[Certificate]| {
            let code = fault.rule.code();
            match self {
                Self::Go if code == "serial" => !chain.iter().any(is_negative),
                Self::Go => GO.contains(&code),
                _ => OPENSSL.contains(&code),
            }
        };
        let mut failure = match found {
            Ok(chain) => Failure {
                faults: Vec::new(),
                chain: chain.certificates,
                anchored: true,
            },
            Err(failure) => failure,
        };
        let faults = std::mem::take(&mut failure.faults);
        let (passed_over, mut minded): (Vec<_>, Vec<_>) = faults
            .into_iter()
            .partition(|fault| is_passed(fault, &failure.chain));
        if self == Self::Go {
            minded.extend(minded_by_go(&failure));
        }
        let found = match minded.is_empty() {
            true => Ok(Chain {
                certificates: failure.chain,
            }),
            false => Err(Failure {
                faults: minded,
                ..failure
            }),
        };
        Answer { found, passed_over }
    }
}

impl Answer {
    fn of(found: Result<Chain, Failure>) -> Self {
        Self {
            found,
            passed_over: Vec::new(),
        }
    }
}

/// What Go minds, and RFC 5280 does not: it counts CAs that have issued to themselves, as after a change of keys, and
/// understands no constraints on directory names.
fn minded_by_go(failure: &Failure) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, certificate) in failure.chain.iter().enumerate().skip(1) {
        let fault = |rule| Fault {
            subject: Facts::new(certificate).label(),
            place: failure.place(index),
            rule,
        };
        let parsed = certificate.parsed();
        let constraints = parsed.basic_constraints().ok().flatten();
        let allowed = constraints.and_then(|found| found.value.path_len_constraint);
        let found = index - 1;
        if let Some(allowed) = allowed.filter(|allowed| found > *allowed as usize) {
            faults.push(fault(Rule::PathTooLong { allowed, found }));
        }
        let named = parsed.name_constraints().ok().flatten();
        let named = named.filter(|extension| extension.critical);
        let is_directory = named.is_some_and(|extension| {
            let subtrees = [
                &extension.value.permitted_subtrees,
                &extension.value.excluded_subtrees,
            ];
            let mut all = subtrees.into_iter().flatten().flatten();
            all.any(|subtree| matches!(subtree.base, GeneralName::DirectoryName(_)))
        });
        if is_directory {
            let what = String::from("nameConstraints with directory names");
            faults.push(fault(Rule::UnknownCriticalExtension(what)));
        }
    }
    faults
}

/// rustls' own answer, about the chain that was found here.
fn asked(request: &Request<'_>, found: Result<Chain, Failure>) -> Answer {
    match (rustls_accepts(request), found) {
        (Ok(()), Ok(chain)) => Answer::of(Ok(chain)),
        (Ok(()), Err(failure)) => Answer {
            found: Ok(Chain {
                certificates: failure.chain,
            }),
            passed_over: failure.faults,
        },
        (Err(_), Err(failure)) => Answer::of(Err(failure)),
        (Err(error), Ok(chain)) => Answer::of(Err(Failure {
            faults: vec![Fault {
                subject: Facts::new(request.leaf).label(),
                place: Place::Leaf,
                rule: Rule::Webpki(reason(&error.to_string())),
            }],
            chain: chain.certificates,
            anchored: true,
        })),
    }
}

/// What webpki calls an error, without the octets of all the algorithms that it has.
fn reason(text: &str) -> String {
    let name = text.split_once("Context(").map(|(name, _)| name);
    name.unwrap_or(text).to_owned()
}

fn is_negative(certificate: &Certificate) -> bool {
    let parsed = certificate.parsed();
    let first = parsed.raw_serial().first().copied();
    first.is_some_and(|octet| octet & 0x80 != 0)
}
