//! `certctl probe`: what is served, and what is wrong with it.

use std::path::PathBuf;

use clap::Args;

use super::{
    Context, Report, Run,
    args::{self, FailOn, margin},
    emitting,
    report::Outcome,
};
use crate::{
    documents::probe::Document,
    formats::{Account, Subject},
    pki::{chain::Host, entry_name::EntryName, renewal::Margin},
    rulebook::{Teller, entries},
    session::probing::{Shows, Wish},
    terminal::probed,
    wire::Probed,
};

pub(super) mod reach;

use reach::ReachArgs;

/// Look at what servers serve
///
/// Shakes hands with each address and judges what it sees by the rules of verify and check: chain, names,
/// expiry, protocols, client certificates. ADDRESS is HOST:PORT, unix:PATH, or SCHEME://HOST with or without
/// :PORT, where the scheme says what is spoken before TLS: ftp, imap, ldap, mysql, nats, pop3, postgresql,
/// smtp, xmpp, or nothing with tls and https. With --server, HOST alone stands for all listeners of the server;
/// with no ADDRESS at all, the names and addresses of all nodes and servers in the PKI directory are looked at,
/// or those of --fleet, and what is served is compared with what lies ready. Without a PKI directory and without
/// --trust nobody is trusted, and nothing said about who issued.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl probe node1.db.internal:28015\n  \
    certctl probe postgresql://db1 --with app --against db1\n  \
    certctl probe --server rethinkdb\n  \
    certctl probe 10.0.0.1:6379 --name node1 --trust ca.pem --cert app.pem --key app.key\n  \
    certctl probe node1:9443 --resolve node1=10.0.0.1 --proxy socks5://jump:1080")]
pub(crate) struct Probe {
    /// Where a server listens (can be repeated) [default: what the PKI directory and --server say]
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// Server that listens there, and which of its listeners
    #[arg(long, value_name = "SERVER[.LISTENER]")]
    server: Option<String>,
    /// Name that is asked for, and that the certificate must have [default: the host of the address]
    #[arg(long, value_name = "NAME|IP", value_parser = args::host)]
    name: Option<Host>,
    /// Trusted certificates [default: the roots in the PKI directory]
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Entry whose certificate is shown to servers that ask for one
    #[arg(long, value_name = "NAME", value_parser = args::name_of_entry, conflicts_with = "cert")]
    with: Option<EntryName>,
    /// Certificate that is shown to servers that ask for one, with its intermediates
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Entry whose certificate should be served
    #[arg(long, value_name = "NAME", value_parser = args::name_of_entry)]
    against: Option<EntryName>,
    /// Fleet file whose entries are looked at
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "addresses",
        requires = "server"
    )]
    fleet: Option<PathBuf>,
    #[command(flatten)]
    reach: ReachArgs,
    /// Tell what has so much of its life left, as in 30d or 33% [default: what renew calls due, a third, at most 30d]
    #[arg(long, value_name = "DURATION|PERCENT", value_parser = margin)]
    within: Option<Margin>,
    /// Exit with 3 from this severity on
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t)]
    fail_on: FailOn,
    #[command(flatten)]
    templates: emitting::TemplatesArgs,
}

impl Run for Probe {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let probed = self.wish().look(context)?;
        let found = || probed.iter().flat_map(|it| &it.findings);
        context.ui.findings(
            found().any(|finding| finding.severity >= self.fail_on.told()),
            || probed::text(&probed, &context.ui, context.now),
            &Document::new(&probed),
            || self.account(&probed, context),
        )?;
        Ok(self.fail_on.outcome(found().map(|it| it.severity)))
    }
}

impl Probe {
    fn wish(&self) -> Wish<'_> {
        Wish {
            addresses: &self.addresses,
            server: self.server.as_deref(),
            name: self.name.as_ref(),
            trust: &self.trust,
            shows: match (&self.with, &self.cert, &self.key) {
                (Some(name), ..) => Shows::Entry(name),
                (None, Some(cert), Some(key)) => Shows::Files(cert, key),
                _ => Shows::Nothing,
            },
            against: self.against.as_ref(),
            fleet: self.fleet.as_deref(),
            within: self.within.unwrap_or_default(),
            approach: self.reach.approach(None),
            jobs: self.reach.jobs.into(),
            templates: self.templates.templates.as_deref(),
        }
    }

    fn account(&self, probed: &[Probed], context: &Context) -> Result<Account, Report> {
        Ok(Account {
            teller: Teller::Probe,
            now: context.now,
            fails_from: self.fail_on.into(),
            subjects: probed.iter().map(Subject::address).collect(),
            findings: probed.iter().flat_map(|it| it.findings.clone()).collect(),
            rules: entries(&self.templates.catalogue()?.servers()?),
        })
    }
}
