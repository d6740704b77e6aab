//! `certctl prove`: which entries can connect, before anything is deployed.

use std::path::PathBuf;

use clap::Args;

use super::{
    Context, Report, Run,
    args::{self, FailOn},
    emitting,
    report::Outcome,
};
use crate::{
    documents::prove::Document,
    emit::Version,
    formats::{Account, Subject},
    pki::entry_name::EntryName,
    proof::{Habits, Party, Proven},
    rulebook::{Teller, entries},
    session::members::{members, proven},
    store::Access,
    terminal::proven,
};

/// Prove that entries can connect, before they are deployed
///
/// Every certificate is verified by every trust bundle in both roles, as it lies in the PKI directory, and rustls
/// shakes hands with itself by mutual TLS, once for each combination of issuer, purpose, key and trust. For each
/// failure it says who refuses whom, and why. With --for, the habits of a server count: what it sends of a
/// chain, and whether its nodes look at names.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl prove\n  \
    certctl prove node1 node2 app\n  \
    certctl prove --for rethinkdb@2.4.2\n  \
    certctl prove --fleet fleet.toml --fail-on error")]
pub(crate) struct Prove {
    /// Entries [default: all]
    #[arg(value_name = "NAME", value_parser = args::name_of_entry)]
    names: Vec<EntryName>,
    /// Fleet file whose entries are meant
    #[arg(long, value_name = "FILE", conflicts_with = "names")]
    fleet: Option<PathBuf>,
    /// Server whose habits count, and which version of it [default version: the newest that is known]
    #[arg(long = "for", value_name = "SERVER[@VERSION]")]
    server: Option<String>,
    /// Exit with 3 from this severity on
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t)]
    fail_on: FailOn,
    #[command(flatten)]
    templates: emitting::TemplatesArgs,
}

impl Run for Prove {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let habits = self.habits()?;
        let pki = context.open(Access::Read)?;
        let members = members(&pki, &self.names, self.fleet.as_deref())?;
        let proven = proven(&pki, &members, habits, context)?;
        let found = || proven.proof.refusals.iter().map(|it| it.severity);
        context.ui.findings(
            found().any(|severity| severity >= self.fail_on.told()),
            || proven::text(&proven, &context.ui),
            &Document::new(&proven),
            || self.account(&proven, context),
        )?;
        Ok(self.fail_on.outcome(found()))
    }
}

impl Prove {
    fn account(&self, proven: &Proven, context: &Context) -> Result<Account, Report> {
        let subject = |(party, path): (&Party, &PathBuf)| {
            let leaf = party.chain.first();
            let leaf = leaf.map(|leaf| (path.clone(), leaf.clone()));
            Subject::file(path.clone(), leaf.into_iter().collect())
        };
        Ok(Account {
            teller: Teller::Prove,
            now: context.now,
            fails_from: self.fail_on.into(),
            subjects: proven
                .parties
                .iter()
                .zip(&proven.paths)
                .map(subject)
                .collect(),
            findings: proven.findings(),
            rules: entries(&self.templates.catalogue()?.servers()?),
        })
    }

    fn habits(&self) -> Result<Habits, Report> {
        let Some(text) = &self.server else {
            return Ok(Habits::default());
        };
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (text.as_str(), None),
        };
        let server = self.templates.catalogue()?.server(name)?;
        let version = match version {
            Some(text) => text
                .parse::<Version>()
                .map_err(|error| Report::usage(error).hint("write SERVER@VERSION"))?,
            None => server.manifest.newest().clone(),
        };
        Ok(Habits::of(&server.manifest, &version))
    }
}
