//! `certctl renew`: make new certificates in the place of those whose end is near.

use std::ffi::OsString;

use clap::Args;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, LifetimeArgs, margin},
    made::{Made, Wording, tell_owners},
    passphrases::PassphraseArgs,
    reload::ReloadArgs,
    report::Outcome,
};
use crate::{
    issuance::renewal::{
        Keys, Terms,
        choice::{Choice, Obstacle},
    },
    pki::renewal::Margin,
    session::{crls::renew_due, renewals::Renewing},
    store::Access,
};

const WORDING: Wording = Wording {
    schema: "certctl/renew/v1",
    done: "renewed",
    would: "would renew",
};

/// Renew certificates whose end is near
///
/// The new certificate has the subject, the names, the extensions, the profile and the type of key of
/// the old one, and is valid for as long; its key is new unless --keep-key. Faults of form that no tool should have made,
/// such as basicConstraints of a CA that are not critical, do not go on. What is not due is left alone, unless --force. All of it is one transaction, and what is replaced goes to the archive.
/// With --all, what a CA would sign that cannot sign here is told and left, the rest is done, and the exit code is 3.
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
        let renewing = self.renewing();
        let (choice, scope) = renewing.choice(&pki, context)?;
        let Choice { mut due, left, .. } = choice;
        let reload = self.reload.begin(&mut pki, scope, self.change.dry_run)?;
        let mut is_left = left
            .iter()
            .any(|(_, obstacle)| matches!(obstacle, Obstacle::KeyAbsent(_)));
        let (signers, is_unsigned) = renewing.signers(&pki, &mut due, &passphrases, context)?;
        is_left |= is_unsigned;
        let elsewhere = due
            .leaves
            .iter()
            .filter(|record| record.origin.has_key() && pki.is_kept_elsewhere(&record.place()));
        let moved: Vec<_> = elsewhere.map(|record| record.name.clone()).collect();
        let made = match due.is_empty() {
            true => Made::default(),
            false => renewing.carry_out(&mut pki, &due, signers, context)?,
        };
        made.tell(context, &layout, &WORDING, self.change.dry_run)?;
        for name in moved {
            context.ui.warning(format!(
                "the key of `{name}` was on another machine that shares the ledger; the new one is here, and goes \
                 there with its certificate"
            ));
        }
        let (has_crls, lacks_crls) = match self.all {
            true => renew_due(context, &mut pki, &passphrases, self.change.dry_run)?,
            false => (false, false),
        };
        is_left |= lacks_crls;
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
    fn renewing(&self) -> Renewing<'_> {
        Renewing {
            targets: &self.targets,
            all: self.all,
            margin: (!self.change.force).then(|| self.within.unwrap_or_default()),
            terms: Terms {
                keys: match self.keep_key {
                    true => Keys::Kept,
                    false => Keys::New,
                },
                lifetime: self.lifetime.given(),
                backdate: self.lifetime.backdate,
            },
            dry_run: self.change.dry_run,
        }
    }
}
