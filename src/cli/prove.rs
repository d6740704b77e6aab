//! `certctl prove`: which entries can connect, before anything is deployed.

use std::path::PathBuf;

use clap::Args;

use super::{
    Context, Report, Run,
    args::{self, FailOn},
    emitting, fleet_file,
    report::Outcome,
};
use crate::session::members::{Member, all, no_entry, party};
use crate::{
    emit::{Server, Version},
    formats::{Account, Subject},
    issuance::authorities::authorities,
    pki::entry_name::EntryName,
    proof::{Habits, Party, Proof, prove},
    rulebook::{Teller, entries},
    store::{
        Access, Pki, entry,
        layout::{Area, file},
    },
};

pub(super) mod document;
mod text;

use document::Document;

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

/// What was proven of whom.
struct Proven {
    parties: Vec<Party>,
    paths: Vec<PathBuf>,
    proof: Proof,
}

impl Run for Prove {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let habits = self.habits()?;
        let pki = context.open(Access::Read)?;
        let members = self.members(&pki)?;
        let parties = members.iter().map(|member| party(&pki, member));
        let parties: Vec<_> = parties.collect::<Result<_, _>>()?;
        let mut failed = None;
        let mut key = |index: usize| {
            let public = parties[index].chain.first()?.public_key();
            let key = entry::key(pki.layout(), &members[index].name, Some(&public));
            key.unwrap_or_else(|error| {
                failed.get_or_insert(error);
                None
            })
        };
        let proof = prove(&parties, habits, context.now, &mut key);
        if let Some(error) = failed {
            return Err(error.into());
        }
        if proof.pairs == 0 {
            let message = "there are no two entries of which one connects to the other";
            return Err(Report::failed("no-entry", message)
                .hint("`certctl list` shows what there is, and what it is for"));
        }
        let path = |member: &Member| {
            let place = pki.layout().place(&member.place());
            context
                .shown(pki.layout(), &place.join(file::CERTIFICATE))
                .into()
        };
        let proven = Proven {
            paths: members.iter().map(path).collect(),
            parties,
            proof,
        };
        let document = Document::new(&proven);
        let mut refusals = proven.proof.refusals.iter();
        let is_wrong = refusals.any(|it| it.severity >= self.fail_on.told());
        let account = || self.account(&proven, context);
        context
            .ui
            .findings(is_wrong, || text::text(&proven), &document, account)?;
        let worst = proven.proof.refusals.iter().map(|it| it.severity).max();
        Ok(match worst {
            Some(worst) if worst >= self.fail_on.into() => Outcome::Found,
            _ => Outcome::Unchanged,
        })
    }
}

impl Prove {
    fn account(&self, proven: &Proven, context: &Context) -> Result<Account, Report> {
        let subject = |(party, path): (&Party, &PathBuf)| {
            let leaf = party.chain.first();
            let leaf = leaf.map(|leaf| (path.clone(), leaf.clone()));
            Subject::file(path.clone(), leaf.into_iter().collect())
        };
        let refusals = proven.proof.refusals.iter();
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
            findings: refusals.map(|it| document::finding(it, proven)).collect(),
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
        let server: Server = self.templates.catalogue()?.server(name)?;
        let manifest = &server.manifest;
        let version = match version {
            Some(text) => text
                .parse::<Version>()
                .map_err(|error| Report::usage(error).hint("write SERVER@VERSION"))?,
            None => manifest.newest().clone(),
        };
        let is_mutual = |eku: &[String]| {
            ["serverAuth", "clientAuth"]
                .iter()
                .all(|it| eku.iter().any(|found| found == it))
        };
        let mut links = manifest.listeners.iter().filter(|it| is_mutual(&it.eku));
        Ok(Habits {
            sends_chain: manifest.sends_chain(&version),
            checks_names: !links.any(|it| it.any_name),
        })
    }

    /// What is known of those that are meant.
    fn members(&self, pki: &Pki) -> Result<Vec<Member>, Report> {
        let names = match &self.fleet {
            Some(path) => {
                let fleet = fleet_file::read(path, &authorities(pki)?)?;
                fleet.entries.into_iter().map(|it| it.name).collect()
            }
            None => self.names.clone(),
        };
        if names.is_empty() {
            return all(pki);
        }
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for name in names {
            match pki.ledger().current(Area::Entries, &name)? {
                Some(record) => found.push(Member::of(&record)),
                None => missing.push(no_entry(&name)),
            }
        }
        Report::all(missing).map_or(Ok(found), Err)
    }
}
