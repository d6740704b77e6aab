//! `certctl verify`: does a chain hold, and if not, which certificate breaks which rule.

use std::{
    collections::HashMap,
    fmt::{Display, Write as _},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use serde::Serialize;
use time::OffsetDateTime;

mod own;

use super::{
    Context, Report, Run, args, bounded::Kind, document::time, input::Input, report::Outcome,
    table::aligned,
};
use crate::pki::{
    certificate::Certificate,
    chain::{
        Chain, Failure, Fault, Host, Place, Purpose, Request, rustls_accepts, unlisted, verify,
        with_records,
    },
    inspect::CertificateInfo,
    name,
    revocation_list::RevocationList,
};
use own::Own;

/// Check that a chain of certificates holds
///
/// The first certificate in FILE is the one in question, others may stand between it and a trusted
/// one. All that RFC 5280 asks for is checked, roots included, as `openssl verify -x509_strict` does
/// it. Without --trust the roots of the PKI directory are trusted, and what it has revoked, by its
/// ledger or its CAs' CRLs, does not hold; with --at, what was revoked until then. Of whatever
/// neither these nor the CRLs of --crl know, it is said that revocation was not checked.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl verify pki/certs/node1/cert.pem\n  \
    certctl verify node1.pem --trust ca.pem --purpose server --host node1.db.internal\n  \
    certctl verify - --trust ca.pem --crl crl.pem --at 2030-01-31T12:00:00Z")]
pub(crate) struct Verify {
    /// Certificate or chain, PEM or DER; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
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
    #[arg(long, value_name = "NAME|IP", value_parser = args::host)]
    host: Option<Host>,
    /// Time that it must be valid at [default: now]
    #[arg(long, value_name = "TIME", value_parser = args::time)]
    at: Option<OffsetDateTime>,
    /// CRLs; where there are any, one must be of its issuer
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
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

/// `certctl/verify/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document {
    schema: &'static str,
    /// Whether the chain holds
    ok: bool,
    /// The gravest fault
    reason: Option<String>,
    /// All of them
    faults: Vec<FaultDocument>,
    /// From the leaf upward; where it does not hold, as far as it could be built
    chain: Vec<LinkDocument>,
    /// Whether somebody was asked what was revoked
    revocation: RevocationDocument,
    /// Why rustls would refuse it
    rustls: Option<String>,
}

#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RevocationDocument {
    /// Of every certificate below the trust anchor it is known whether it was revoked
    checked: bool,
    /// Those of which it is not
    unchecked: Vec<String>,
    /// Those that were revoked after the time that was asked for
    later: Vec<LaterDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LaterDocument {
    /// Its subject
    certificate: String,
    /// Since when
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    on: String,
    /// Word of RFC 5280 §5.3.1
    #[cfg_attr(test, schemars(extend("enum" = crate::cli::schemas::words::reasons())))]
    reason: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FaultDocument {
    /// Stable name of the rule, of certctl-findings(7)
    #[cfg_attr(test, schemars(extend("enum" = crate::cli::schemas::words::verify_codes())))]
    code: &'static str,
    /// What the certificate calls itself
    certificate: String,
    /// Where it stands in the chain: `leaf`, `intermediate 1` …, `trust anchor`
    #[cfg_attr(test, schemars(extend("pattern" = "^(leaf|intermediate [0-9]+|trust anchor)$")))]
    place: String,
    /// What is wrong
    message: String,
    /// Where the rule is written; null where it is our own
    section: Option<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LinkDocument {
    /// Where it stands in the chain: `leaf`, `intermediate 1` …, `trust anchor`
    #[cfg_attr(test, schemars(extend("pattern" = "^(leaf|intermediate [0-9]+|trust anchor)$")))]
    place: String,
    #[serde(flatten)]
    certificate: CertificateInfo,
}

impl FaultDocument {
    fn new(fault: &Fault) -> Self {
        Self {
            code: fault.rule.code(),
            certificate: fault.subject.clone(),
            place: fault.place.to_string(),
            message: fault.rule.to_string(),
            section: fault.rule.section(),
        }
    }
}

impl Run for Verify {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let input = Input::read(&self.file, Kind::Certificates)?;
        let certificates = input.certificates()?;
        let (leaf, rest) = certificates
            .split_first()
            .ok_or_else(|| Report::failed("content", "there is no certificate in it"))?;
        let mut untrusted = rest.to_vec();
        untrusted.extend(all_certificates(&self.untrusted)?);
        let own = match self.trust.is_empty() {
            true => Some(Own::open(context)?),
            false => None,
        };
        let trust = match &own {
            Some(own) => own.roots.clone(),
            None => all_certificates(&self.trust)?,
        };
        let request = Request {
            leaf,
            untrusted: &untrusted,
            trust: &trust,
            crls: &self.revocation_lists()?,
            purpose: self.purpose.into(),
            host: self.host.as_ref(),
            at: self.at.unwrap_or(context.now),
        };
        let found = verify(&request);
        let (found, revocation) = looked_up(&request, own.as_ref(), found)?;
        let document = document(&request, &found, revocation);
        context
            .ui
            .result(|| text(&input.name, &document), &document)?;
        match found {
            Ok(_) => {
                if let Some(reason) = &document.rustls {
                    context
                        .ui
                        .warning(format!("rustls would refuse it: {reason}"));
                }
                Ok(Outcome::Unchanged)
            }
            Err(failure) => {
                let lost = match &own {
                    Some(own) if !failure.anchored => own.lost_issuer(&failure.chain)?,
                    _ => None,
                };
                if let Some(lost) = lost {
                    context.ui.note(lost);
                } else if let Some(hint) = hint(&failure) {
                    context.ui.hint(hint);
                }
                Ok(Outcome::Found)
            }
        }
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

fn all_certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>, Report> {
    let mut certificates = Vec::new();
    for path in paths {
        certificates.extend(Input::read(path, Kind::Certificates)?.certificates()?);
    }
    Ok(certificates)
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
    let unlisted = unlisted(&chain, &lists, request.at).into_iter();
    let unchecked = unlisted.filter(|certificate| !is_recorded(certificate));
    document.unchecked = unchecked
        .map(|certificate| name::display(&certificate.subject()))
        .collect();
    document.checked = document.unchecked.is_empty();
    let found = with_records(found, |it| revoked.get(it.der()).cloned());
    Ok((found, document))
}

fn document(
    request: &Request<'_>,
    found: &Result<Chain, Failure>,
    revocation: RevocationDocument,
) -> Document {
    let (chain, anchored, faults) = match found {
        Ok(chain) => (&chain.certificates, true, &[][..]),
        Err(failure) => (&failure.chain, failure.anchored, &failure.faults[..]),
    };
    let link = |(index, certificate)| LinkDocument {
        place: Place::at(index, chain.len(), anchored).to_string(),
        certificate: CertificateInfo::new(certificate),
    };
    Document {
        schema: "certctl/verify/v1",
        ok: found.is_ok(),
        reason: found.as_ref().err().map(ToString::to_string),
        faults: faults.iter().map(FaultDocument::new).collect(),
        chain: chain.iter().enumerate().map(link).collect(),
        revocation,
        rustls: rustls_accepts(request).err().map(rustls_reason),
    }
}

/// What webpki calls an error, without the octets of all the algorithms that it has.
fn rustls_reason(error: impl Display) -> String {
    let text = error.to_string();
    match text.split_once("Context(") {
        Some((name, _)) => name.to_owned(),
        None => text,
    }
}

fn text(name: &str, document: &Document) -> String {
    let verdict = if document.ok {
        "holds"
    } else {
        "does not hold"
    };
    let mut text = format!("{name} {verdict}{}\n", unchecked(document));
    for later in &document.revocation.later {
        let LaterDocument {
            certificate,
            on,
            reason,
        } = later;
        let _ = writeln!(
            text,
            "  {certificate} was revoked later, on {on} ({reason})"
        );
    }
    for fault in &document.faults {
        let section = fault.section.map(|section| format!(" ({section})"));
        let _ = writeln!(
            text,
            "  {:?} ({}): {}{}",
            fault.certificate,
            fault.place,
            fault.message,
            section.unwrap_or_default()
        );
    }
    text += "\n";
    let rows = document.chain.iter().map(|link| {
        let until = format!("until {}", time(link.certificate.not_after));
        [
            format!("  {}", link.place),
            link.certificate.subject.clone(),
            until,
        ]
    });
    text + &aligned(rows)
}

/// Of which certificates nobody was asked whether they were revoked; said only of a chain that holds.
fn unchecked(document: &Document) -> String {
    let unchecked = &document.revocation.unchecked;
    match unchecked.len() {
        _ if !document.ok => String::new(),
        0 => String::new(),
        all if all + 1 == document.chain.len() => String::from("; revocation was not checked"),
        _ => format!("; revocation was not checked of {}", unchecked.join(", ")),
    }
}

/// What to try where the issuer is not at hand.
fn hint(failure: &Failure) -> Option<&'static str> {
    match failure.faults.first()?.rule.code() {
        "issuer-unknown" => Some(
            "give the certificates in between with `--untrusted FILE`, or trust its issuer with `--trust FILE`",
        ),
        "self-signed" => Some("trust it with `--trust FILE`, if you know that it is the right one"),
        "crl-missing" | "crl-expired" => Some("a new CRL comes from `certctl crl`"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_rustls_are_short() {
        for (reason, expected) in [
            (
                "UnsupportedSignatureAlgorithmContext(Unsupported { id: [6, 8] })",
                "UnsupportedSignatureAlgorithm",
            ),
            ("CertExpired { time: 2 }", "CertExpired { time: 2 }"),
            ("UnknownIssuer", "UnknownIssuer"),
        ] {
            assert_eq!(rustls_reason(reason), expected);
        }
    }
}
