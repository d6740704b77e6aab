//! `certctl verify`: does a chain hold, and if not, which certificate breaks which rule.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, ValueEnum};
use time::OffsetDateTime;

use super::{
    Context, Report, Run, args,
    input::{all_certificates, all_revocation_lists},
    looks::look_at,
    report::Outcome,
};
use crate::{
    pki::chain::{Host, Policy, Purpose, Stack},
    session::{own::Own, verification::Verification},
};

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
            crls: all_revocation_lists(&self.crl)?,
            purpose: self.purpose.into(),
            policy: self.policy.into(),
            like: self.like.map(Into::into),
            at: self.at.unwrap_or(context.now),
            is_absolute: self.host.as_ref().is_some_and(|asked| asked.is_absolute),
            host: self.host.map(|asked| asked.host),
        };
        look_at(&verification, &self.targets, context)
    }
}
