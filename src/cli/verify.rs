//! `certctl verify`: does a chain hold, and if not, which certificate breaks which rule.

use std::{collections::HashMap, ffi::OsString, path::PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;
use time::OffsetDateTime;

mod account;
mod text;

use super::{
    Context, Report, Run, args,
    bounded::Kind,
    document::time,
    input::{Input, all_certificates},
    looks::{Look, look_at},
    report::Outcome,
    subjects::Subject,
};
use crate::documents::verify::{Document, LaterDocument, RevocationDocument};
use crate::formats::Account;
use crate::pki::{
    certificate::Certificate,
    chain::{
        Answer, Chain, Failure, Host, Policy, Purpose, Request, Stack, unlisted, verify,
        with_records,
    },
    name,
    revocation_list::RevocationList,
};
use crate::session::own::Own;

/// Check that chains of certificates hold
///
/// The first certificate of a file is the one in question, others may stand between it and a trusted
/// one; of an entry, a CA or a directory, cert.pem is the file. All that RFC 5280 asks for is checked,
/// roots included; what `openssl verify -x509_strict` or rustls would refuse nevertheless is warned of.
/// Without --trust the roots of the PKI directory are trusted, and what it has revoked, by its ledger or its CAs' CRLs, does not hold; with
/// --at, what was revoked until then. Of whatever neither these nor the CRLs of --crl know, it is said
/// that revocation was not checked.
///
/// --like answers as another TLS stack does, which passes over some faults of form: so a CA that is not quite strict
/// can be used where only that stack looks at it. What it passes over is warned of; without --like it is a fault.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl verify node1 node2\n  \
    certctl verify ca/issuing /etc/rethinkdb/tls/cert.pem\n  \
    certctl verify node1.pem --trust ca.pem --purpose server --host node1.db.internal\n  \
    certctl verify old.pem --trust company.pem --like openssl\n  \
    certctl verify - --trust ca.pem --crl crl.pem --at 2030-01-31T12:00:00Z")]
pub(crate) struct Verify {
    /// Entry, CA, or file with a certificate or chain, PEM, DER or PKCS#7; `-` is standard input (can be repeated)
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<OsString>,
    /// Trusted certificates [default: the roots in the PKI directory]
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// More certificates that may stand in between
    #[arg(long, value_name = "FILE")]
    untrusted: Vec<PathBuf>,
    /// What the certificate is used for
    #[arg(long, value_name = "PURPOSE", value_enum, default_value_t)]
    purpose: PurposeArg,
    /// Host name or address that it must be for
    #[arg(long, value_name = "NAME|IP", value_parser = asked)]
    host: Option<Asked>,
    /// Time that it must be valid at [default: now]
    #[arg(long, value_name = "TIME", value_parser = args::time)]
    at: Option<OffsetDateTime>,
    /// CRLs; where there are any, one must be of its issuer
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// What the chain is held to
    #[arg(long, value_name = "POLICY", value_enum, default_value_t)]
    policy: PolicyArg,
    /// Answer as this TLS stack does, not by the letter
    #[arg(long, value_name = "STACK", value_enum, conflicts_with = "policy")]
    like: Option<StackArg>,
}

/// A host, and whether it was written with a dot at its end.
#[derive(Clone, Debug)]
struct Asked {
    host: Host,
    is_absolute: bool,
}

fn asked(text: &str) -> Result<Asked, String> {
    let host = args::host(text)?;
    let is_absolute = text.ends_with('.');
    Ok(Asked { host, is_absolute })
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum PolicyArg {
    /// RFC 5280, to the letter
    #[default]
    Strict,
    /// What browsers take of public CAs: the CA/Browser Forum's rules for servers too
    Webpki,
}

impl From<PolicyArg> for Policy {
    fn from(argument: PolicyArg) -> Self {
        match argument {
            PolicyArg::Strict => Self::Strict,
            PolicyArg::Webpki => Self::Webpki,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StackArg {
    /// OpenSSL without -x509_strict, as nginx, HAProxy, Redis and most others ask it
    Openssl,
    /// Go, which reads no CRLs
    Go,
    /// rustls and what else asks webpki
    Webpki,
}

impl From<StackArg> for Stack {
    fn from(argument: StackArg) -> Self {
        match argument {
            StackArg::Openssl => Self::Openssl,
            StackArg::Go => Self::Go,
            StackArg::Webpki => Self::Webpki,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum PurposeArg {
    /// Whatever it is for
    #[default]
    Any,
    /// Dials servers (clientAuth)
    Client,
    /// Answers clients (serverAuth)
    Server,
}

impl From<PurposeArg> for Purpose {
    fn from(argument: PurposeArg) -> Self {
        match argument {
            PurposeArg::Any => Self::Any,
            PurposeArg::Client => Self::Client,
            PurposeArg::Server => Self::Server,
        }
    }
}

impl Run for Verify {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let own = match self.trust.is_empty() {
            true => Some(Own::open(context)?),
            false => None,
        };
        let trust = match &own {
            Some(own) => own.roots.clone(),
            None => all_certificates(&self.trust)?,
        };
        let verification = Verification {
            trust,
            own,
            untrusted: all_certificates(&self.untrusted)?,
            crls: self.revocation_lists()?,
            purpose: self.purpose.into(),
            policy: self.policy.into(),
            like: self.like.map(Into::into),
            at: self.at.unwrap_or(context.now),
            host: self.host,
        };
        look_at(&verification, &self.targets, context)
    }
}

/// What all chains are held to.
struct Verification {
    trust: Vec<Certificate>,
    /// The PKI directory, where its own roots are trusted
    own: Option<Own>,
    untrusted: Vec<Certificate>,
    crls: Vec<RevocationList>,
    purpose: Purpose,
    policy: Policy,
    /// Whose answer is asked for
    like: Option<Stack>,
    at: OffsetDateTime,
    host: Option<Asked>,
}

/// What was found of one chain.
struct Seen {
    name: String,
    /// The certificate in question, of those that were given
    leaf: Certificate,
    /// Where it was; `None` where it came on standard input
    file: Option<PathBuf>,
    document: Document,
    failure: Option<Failure>,
}

impl Look for Verification {
    type Seen = Seen;

    fn look(&self, subject: &Subject, context: &Context) -> Result<Seen, Report> {
        let input = subject.read(Kind::Certificates, context)?;
        let certificates = input.certificates()?;
        let (leaf, rest) = certificates
            .split_first()
            .ok_or_else(|| Report::failed("content", "there is no certificate in it"))?;
        let request = Request {
            leaf,
            untrusted: &[rest, &self.untrusted].concat(),
            trust: &self.trust,
            crls: &self.crls,
            purpose: self.purpose,
            host: self.host.as_ref().map(|asked| &asked.host),
            at: self.at,
            policy: self.policy,
        };
        let Answer { found, passed_over } = match self.like {
            Some(stack) => stack.verify(&request),
            None => Answer {
                found: verify(&request),
                passed_over: Vec::new(),
            },
        };
        let (found, revocation) = looked_up(&request, self.own.as_ref(), found)?;
        let mut document = Document::new(&request, &found, revocation);
        document.tell_unused(rest);
        if let Some(stack) = self.like {
            document.tell_stack(stack, &passed_over);
        }
        if self.host.as_ref().is_some_and(|asked| asked.is_absolute) {
            document.tell_absolute();
        }
        Ok(Seen {
            name: input.name,
            leaf: leaf.clone(),
            file: subject.file(context),
            document,
            failure: found.err(),
        })
    }

    fn account(&self, seen: &[&Seen], context: &Context) -> Option<Account> {
        Some(account::account(seen, context))
    }

    fn document(seen: &Seen) -> &impl Serialize {
        &seen.document
    }

    fn text(seen: &Seen, _: &Context) -> String {
        seen.document.text(&seen.name)
    }

    fn is_wrong(seen: &Seen) -> bool {
        seen.failure.is_some()
    }

    fn end(&self, seen: &Seen, context: &Context) -> Result<Outcome, Report> {
        let Some(failure) = &seen.failure else {
            let name = &seen.name;
            for passed in seen.document.passed_over() {
                context.ui.warning(passed);
            }
            for (who, reason) in seen.document.refusals() {
                context
                    .ui
                    .warning(format!("{who} would refuse {name}: {reason}"));
            }
            return Ok(Outcome::Unchanged);
        };
        let lost = match &self.own {
            Some(own) if !failure.anchored => own.lost_issuer(&failure.chain)?,
            _ => None,
        };
        if let Some(lost) = lost {
            context.ui.note(lost);
        } else if let Some(hint) = hint(failure) {
            context.ui.hint(hint);
        }
        Ok(Outcome::Found)
    }
}

impl Verify {
    fn revocation_lists(&self) -> Result<Vec<RevocationList>, Report> {
        let mut lists = Vec::new();
        for path in &self.crl {
            lists.extend(Input::read(path, Kind::RevocationList)?.revocation_lists()?);
        }
        Ok(lists)
    }
}

/// Asks the ledger and the CRLs what was revoked, and says what they do not know.
fn looked_up(
    request: &Request<'_>,
    own: Option<&Own>,
    found: Result<Chain, Failure>,
) -> Result<(Result<Chain, Failure>, RevocationDocument), Report> {
    let chain = match &found {
        Ok(chain) => chain.certificates.clone(),
        Err(failure) => failure.chain.clone(),
    };
    let known = match own {
        Some(own) => own.revocations(request, &chain)?,
        None => Vec::new(),
    };
    let mut document = RevocationDocument::default();
    let mut revoked = HashMap::new();
    for (certificate, known) in chain.iter().zip(&known) {
        match &known.revocation {
            Some(found) if found.at > request.at => document.later.push(LaterDocument {
                certificate: name::display(&certificate.subject()),
                on: time(found.at),
                reason: found.reason.name(),
            }),
            Some(found) => drop(revoked.insert(certificate.der(), found.clone())),
            None => {}
        }
    }
    let lists = own.map_or(&[][..], Own::lists);
    let lists = [request.crls, lists].concat();
    let is_recorded = |certificate: &Certificate| {
        let mut known = chain.iter().zip(&known);
        known.any(|(it, known)| it == certificate && known.is_recorded)
    };
    let unlisted = unlisted(&chain, &lists, request.policy, request.at).into_iter();
    let unchecked = unlisted.filter(|certificate| !is_recorded(certificate));
    document.unchecked = unchecked
        .map(|certificate| name::display(&certificate.subject()))
        .collect();
    document.checked = document.unchecked.is_empty();
    let found = with_records(found, |it| revoked.get(it.der()).cloned());
    Ok((found, document))
}

/// What to try where the issuer is not at hand.
fn hint(failure: &Failure) -> Option<&'static str> {
    match failure.faults.first()?.rule.code() {
        "issuer-unknown" => Some(
            "give the certificates in between with `--untrusted FILE`, or trust its issuer with `--trust FILE`",
        ),
        "issuer-encoding" => Some(
            "issue it again by the CA as it is, or give the CA a certificate with the name as it was written before",
        ),
        "self-signed" => Some("trust it with `--trust FILE`, if you know that it is the right one"),
        "crl-missing" | "crl-expired" => Some("a new CRL comes from `certctl crl`"),
        _ => None,
    }
}
