//! `certctl renew`: make new certificates in the place of those whose end is near.

use std::{collections::HashMap, ffi::OsString};

use clap::Args;

mod choice;
mod reload;

use choice::Due;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, LifetimeArgs, margin},
    crl::renew_due,
    exposed,
    issue::VERIFIED,
    made::{Made, Wording, tell_owners},
    open::signing_authority,
    passphrases::{PassphraseArgs, Passphrases},
    report::Outcome,
    subjects::subjects,
};
use crate::{
    issuance::{
        SigningAuthority,
        leaf::{Batch, issue},
        renewal::{
            Keys, Terms,
            hierarchy::{Hierarchy, refresh},
            request,
        },
    },
    pki::{entry_name::EntryName, renewal::Margin},
    store::{Access, Pki, layout::Layout, ledger::Record, transaction::Transaction},
};

const WORDING: Wording = Wording {
    schema: "certctl/renew/v1",
    done: "renewed",
    would: "would renew",
};

/// Renew certificates whose end is near
///
/// The new certificate has the subject, the names, the extensions, the profile and the type of key of
/// the old one, and is valid for as long; its key is new unless --keep-key. What is not due is left
/// alone, unless --force. All of it is one transaction, and what is replaced goes to the archive.
///
/// A CA keeps its key, its subject and its key identifier, so that all that it signed stays valid;
/// everything below it gets the new chain. An entry whose key is elsewhere keeps it too, and its new
/// certificate has to be installed there. Where an entry and a CA share a name, the entry is meant;
/// ca/NAME means the CA.
///
/// --exec runs a command for the shell once something was renewed, with CERTCTL_DIR (the PKI
/// directory), CERTCTL_COUNT, and CERTCTL_NAMES and CERTCTL_PATHS (names and directories, one a line;
/// not set where there are too many for an environment).
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl renew --all\n  \
    certctl renew --all --within 45d --exec 'systemctl reload rethinkdb'\n  \
    certctl renew node1 pki/certs/node2 --force --keep-key\n  \
    certctl renew ca/root -n --force")]
pub(crate) struct Renew {
    /// Entry or CA, or its directory or certificate; node{1..9} stands for nine (can be repeated)
    #[arg(value_name = "TARGET", conflicts_with = "all")]
    targets: Vec<OsString>,
    /// Everything that is due, CAs as well
    #[arg(long)]
    all: bool,
    /// Due when so much of its life is left, as in 30d or 33% [default: a third, at most 30d]
    #[arg(long, value_name = "DURATION|PERCENT", value_parser = margin)]
    within: Option<Margin>,
    /// Keep the keys of entries
    #[arg(long)]
    keep_key: bool,
    #[command(flatten)]
    lifetime: LifetimeArgs,
    /// Command for the shell, run once after something was renewed
    #[arg(long, value_name = "COMMAND")]
    exec: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

impl Run for Renew {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        if self.targets.is_empty() && !self.all {
            return Err(Report::usage("nothing is named to renew")
                .hint("`certctl renew NAME` renews one, `certctl renew --all` all that is due"));
        }
        let mut pki = context.open(Access::Write)?;
        let layout = pki.layout().clone();
        let passphrases = self.passphrase.among(context, &pki, &[])?;
        let due = self.due(&pki, context)?;
        let made = match due.is_empty() {
            true => Made::default(),
            false => self.renew(&mut pki, &due, &passphrases, context)?,
        };
        made.tell(context, &layout, &WORDING, self.change.dry_run)?;
        let has_crls = self.all && renew_due(context, &mut pki, &passphrases, self.change.dry_run)?;
        if due.is_empty() && !has_crls {
            return Ok(Outcome::Unchanged);
        }
        if self.change.dry_run {
            return Ok(Outcome::Changed);
        }
        let elsewhere = due.leaves.iter().filter(|record| !record.origin.has_key());
        tell_owners(context, elsewhere.map(|record| record.name.as_str()));
        // The command may want to use certctl.
        drop(pki);
        if let Some(command) = &self.exec {
            reload::run(command, &layout, &due, context)?;
        }
        Ok(Outcome::Changed)
    }
}

impl Renew {
    fn due(&self, pki: &Pki, context: &Context) -> Result<Due, Report> {
        let margin = match (self.change.force, self.within) {
            (true, _) => None,
            (false, given) => Some(given.unwrap_or_default()),
        };
        match self.all {
            true => choice::all(pki, margin, context),
            false => choice::named(pki, &subjects(&self.targets, context)?, margin, context),
        }
    }

    fn renew(
        &self,
        pki: &mut Pki,
        due: &Due,
        passphrases: &Passphrases<'_>,
        context: &Context,
    ) -> Result<Made, Report> {
        let terms = Terms {
            keys: match self.keep_key {
                true => Keys::Kept,
                false => Keys::New,
            },
            lifetime: self.lifetime.given(),
            backdate: self.lifetime.backdate,
        };
        exposed::warn(context, pki.layout(), due.records().map(Record::place));
        let signers = signers(pki, due, passphrases)?;
        let followers = due.followers(pki)?;
        let mut work = Work {
            hierarchy: Hierarchy::read(pki, signers)?,
            layout: pki.layout().clone(),
            transaction: pki.begin()?,
            terms,
            context,
            dry_run: self.change.dry_run,
            made: Made::default(),
        };
        work.authorities(due)?;
        work.leaves(due)?;
        work.followers(&followers)?;
        work.transaction.finish(self.change.dry_run)?;
        Ok(work.made)
    }
}

/// The CAs that have to sign, each once.
fn signers(
    pki: &Pki,
    due: &Due,
    passphrases: &Passphrases<'_>,
) -> Result<HashMap<EntryName, SigningAuthority>, Report> {
    let mut signers = HashMap::new();
    for name in due.signers() {
        let signer = signing_authority(pki, &name, passphrases)?;
        signers.insert(name, signer);
    }
    Ok(signers)
}

/// A renewal in progress.
struct Work<'a> {
    hierarchy: Hierarchy,
    layout: Layout,
    transaction: Transaction<'a>,
    terms: Terms,
    context: &'a Context,
    dry_run: bool,
    made: Made,
}

impl Work<'_> {
    fn authorities(&mut self, due: &Due) -> Result<(), Report> {
        for record in &due.authorities {
            let now = self.context.now;
            let successor =
                self.hierarchy
                    .renew(&mut self.transaction, record, &self.terms, now)?;
            self.made.note(&successor, true);
        }
        Ok(self
            .hierarchy
            .stage(&self.transaction.stage(due.authorities.len())?)?)
    }

    fn leaves(&mut self, due: &Due) -> Result<(), Report> {
        let bar = self.context.ui.progress(due.leaves.len(), "renewing");
        for (issuer, records) in due.leaves_by_issuer() {
            let batch = Batch {
                issuer: issuer.as_ref().and_then(|name| self.hierarchy.signer(name)),
                extensions: None,
                now: self.context.now,
                verify_all: due.leaves.len() <= VERIFIED,
                progress: &|count| bar.advance(count),
            };
            let requests = records
                .iter()
                .map(|record| request(record, &self.layout, &self.terms));
            issue(&mut self.transaction, requests, &batch, &mut |record| {
                self.made.note(record, self.context.ui.is_json());
            })?;
        }
        drop(bar);
        Ok(())
    }

    /// Gives what stays below a renewed CA its new chain.
    fn followers(&self, followers: &HashMap<EntryName, Vec<EntryName>>) -> Result<(), Report> {
        let stage = self.transaction.stage(followers.len())?;
        let mut bound = Vec::new();
        let mut count = 0;
        for changed in self.hierarchy.changed() {
            if let Some(names) = followers.get(&changed.1.name) {
                count += names.len();
                bound.extend(refresh(&stage, &self.layout, changed, names)?);
            }
        }
        if count > 0 {
            let verb = if self.dry_run { "would get" } else { "got" };
            let entries = if count == 1 { "entry" } else { "entries" };
            self.context.ui.note(format!(
                "{count} {entries} below {verb} the new chain; keys and certificates stay"
            ));
        }
        if !bound.is_empty() {
            let names: Vec<_> = bound.iter().map(|name| name.as_str()).collect();
            let names = names.join(" ");
            self.context.ui.warning(format!(
                "these name their CA by its old serial number, so that verifiers will refuse them; \
                 `certctl renew {names} --force` mends it"
            ));
        }
        Ok(())
    }
}
