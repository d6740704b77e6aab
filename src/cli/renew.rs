//! `certctl renew`: make new certificates in the place of those whose end is near.

use std::{collections::HashSet, ffi::OsString};

use clap::Args;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, LifetimeArgs, margin},
    elsewhere, exposed,
    made::{Made, Wording, tell_owners},
    passphrases::{PassphraseArgs, Passphrases},
    reload::{ReloadArgs, Scope},
    report::Outcome,
    subjects::subjects,
};
use crate::session::renewals::{is_kept, issuer_fallen, signers, tell_others};
use crate::{
    issuance::renewal::{
        Followers, Keys, Renewal, Terms,
        choice::{self, Choice, Due, Obstacle},
    },
    pki::{entry_name::EntryName, renewal::Margin},
    session::crls::renew_due,
    store::{
        Access, Pki,
        ledger::{Origin, Record},
    },
};

/// What can be renewed.
const BELONGS: &str = "what is renewed is an entry or CA of this PKI directory, by its name, its directory or its cert.pem";

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
/// not set where there are too many for an environment). Where it fails, the next run with --exec runs it
/// again for what it was not told, even if nothing is due.
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
    #[command(flatten)]
    reload: ReloadArgs,
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
        let (choice, scope) = self.choice(&pki, context)?;
        let Choice { due, left, .. } = choice;
        let reload = self.reload.begin(&mut pki, scope, self.change.dry_run)?;
        let is_left = left
            .iter()
            .any(|(_, obstacle)| matches!(obstacle, Obstacle::KeyAbsent(_)));
        let made = match due.is_empty() {
            true => Made::default(),
            false => self.renew(&mut pki, &due, &passphrases, context)?,
        };
        made.tell(context, &layout, &WORDING, self.change.dry_run)?;
        let has_crls = self.all && renew_due(context, &mut pki, &passphrases, self.change.dry_run)?;
        if !self.change.dry_run {
            let elsewhere = due.leaves.iter().filter(|record| !record.origin.has_key());
            tell_owners(context, elsewhere.map(|record| record.name.as_str()));
        }
        let has_told = reload.map_or(Ok(false), |reload| reload.finish(pki, context))?;
        Ok(match due.is_empty() && !has_crls && !has_told {
            _ if is_left => Outcome::Found,
            true => Outcome::Unchanged,
            false => Outcome::Changed,
        })
    }
}

impl Renew {
    /// What is renewed, and of which changes `--exec` tells.
    fn choice(&self, pki: &Pki, context: &Context) -> Result<(Choice, Scope), Report> {
        let margin = match (self.change.force, self.within) {
            (true, _) => None,
            (false, given) => Some(given.unwrap_or_default()),
        };
        let (choice, scope) = match self.all {
            true => (choice::all(pki, margin, context.now)?, Scope::All),
            false => {
                let named = self.named(pki, context)?;
                let scope = Scope::Of(named.iter().map(Record::place).collect());
                (choice::named(pki, named, margin, context.now)?, scope)
            }
        };
        tell_others(&choice, pki, context);
        let foreign = choice.due.leaves.iter();
        let foreign = foreign.filter(|record| record.origin == Origin::Installed);
        let foreign: Vec<_> = foreign
            .map(|record| elsewhere::foreign(pki, record))
            .collect();
        Report::all(foreign).map_or(Ok((choice, scope)), Err)
    }

    /// What was named.
    fn named(&self, pki: &Pki, context: &Context) -> Result<Vec<Record>, Report> {
        let mut seen = HashSet::new();
        let mut reports = Vec::new();
        let mut records = Vec::new();
        for subject in &subjects(&self.targets, context)? {
            let target = match subject.owner(pki) {
                Ok(target) => target,
                Err(report) => {
                    reports.push(report.hint(BELONGS));
                    continue;
                }
            };
            match target.record(pki)? {
                Some(record) if seen.insert((record.kind.area(), record.name.clone())) => {
                    records.push(record);
                }
                Some(_) => {}
                None => reports.push(target.unknown(pki)?),
            }
        }
        let fallen = choice::fallen(pki, &records)?;
        reports.extend(fallen.iter().map(|(record, it)| issuer_fallen(record, it)));
        Report::all(reports).map_or(Ok(records), Err)
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
        elsewhere::warn_of_waiting(
            context,
            pki.layout(),
            due.leaves.iter().map(|leaf| &leaf.name),
        )?;
        let signers = signers(pki, due, passphrases)?;
        let mut made = Made::default();
        let bar = context.ui.progress(due.leaves.len(), "renewing");
        let renewal = Renewal {
            terms,
            now: context.now,
            dry_run: self.change.dry_run,
            progress: &|count| bar.advance(count),
            note: &mut |record| made.note(record, is_kept(record, context)),
        };
        let followers = renewal.carry_out(pki, due, signers)?;
        drop(bar);
        self.tell_followers(&followers, context);
        Ok(made)
    }

    fn tell_followers(&self, followers: &Followers, context: &Context) {
        let Followers { count, bound } = followers;
        if *count > 0 {
            let verb = if self.change.dry_run {
                "would get"
            } else {
                "got"
            };
            let entries = if *count == 1 { "entry" } else { "entries" };
            context.ui.note(format!(
                "{count} {entries} below {verb} the new chain; keys and certificates stay"
            ));
        }
        if !bound.is_empty() {
            let names: Vec<_> = bound.iter().map(EntryName::as_str).collect();
            let names = names.join(" ");
            context.ui.warning(format!(
                "these name their CA by its old serial number, so that verifiers will refuse them; \
                 `certctl renew {names} --force` mends it"
            ));
        }
    }
}
