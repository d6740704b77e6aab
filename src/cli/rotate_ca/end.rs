//! `certctl rotate-ca finish` and `abort`.

use clap::Args;

use super::{Context, Document, Outcome, Report, afterwards, open, tell};
use crate::{
    cli::{args::LifetimeArgs, passphrases::PassphraseArgs},
    issuance::rotation::{
        RotateError,
        doubts::{crossing, showing, unfinished},
        evidence::{Generation, consumers},
        leaving,
    },
    pki::entry_name::EntryName,
    rotation::{
        doubts::refuse,
        entries,
        keys::{KeyWish, held},
        switching::Manner,
    },
    store::{
        Access, Pki,
        ledger::rotation::{Phase, Rotation},
    },
};

/// Take the old CA out of every bundle
///
/// It is refused while a valid certificate of the old CA is in use, or somebody is not known to show
/// the new one: those who have the new bundle would refuse them. The old CA stays where it is, and
/// makes CRLs. Where it vouches for the new one by a cross certificate, that goes out of the chains first, and finish
/// has to be called again when the chains without it are everywhere.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca finish\n  \
    certctl rotate-ca finish -n")]
pub(super) struct Finish {
    /// Finish though somebody will be refused
    #[arg(short, long)]
    force: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Finish {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let rotation = open(&pki)?;
        if rotation.phase != Phase::Switched && !self.force {
            let why = "finish comes after switch";
            return Err(RotateError::Phase(Box::new(rotation), why).into());
        }
        let before = consumers(&pki, &rotation, context.now)?;
        refuse(unfinished(&pki, &rotation, &before)?, self.force, context)?;
        if let (Some(crossing), false) = (crossing(&pki, &rotation)?, self.force) {
            return self.uncross(&mut pki, &rotation, &crossing.name, context);
        }
        let (old, dry_run) = (Generation::Old, self.dry_run);
        let stepped = leaving::carry_out(&mut pki, &rotation, old, context.now, dry_run)?;
        let verb = if dry_run { "would finish" } else { "finished" };
        let done = format!(
            "{verb}: bundles without {1} for {0}",
            entries(stepped.followers.count),
            rotation.top().old
        );
        let outcome = tell(context, Document::new(&pki, &stepped.rotation, &[])?, &done)?;
        afterwards::copy(context, &pki, &rotation.top().old, &before)?;
        Ok(outcome)
    }
}

impl Finish {
    /// Takes the cross certificate out of the chains first: who trusts the new CA alone may not get past it.
    fn uncross(
        &self,
        pki: &mut Pki,
        rotation: &Rotation,
        name: &EntryName,
        context: &Context,
    ) -> Result<Outcome, Report> {
        let followers = leaving::uncross(pki, rotation, self.dry_run)?;
        let after = consumers(pki, rotation, context.now)?;
        let verb = if self.dry_run { "would take" } else { "took" };
        let done = format!(
            "{verb} {name} out of the chains of {}; when these are everywhere, finish again",
            entries(followers.count)
        );
        tell(context, Document::new(pki, rotation, &after)?, &done)
    }
}

/// Go back, and take the successor away
///
/// From the first step, the successor leaves every bundle, is revoked and goes to the archive. From the
/// second, certificates come from the old CA again, and bundles go on holding both: once everybody
/// shows such a certificate, abort takes the first step back, too.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca abort\n  \
    certctl rotate-ca abort -n")]
pub(super) struct Abort {
    #[command(flatten)]
    lifetime: LifetimeArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Abort though somebody will be refused
    #[arg(short, long)]
    force: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Abort {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let rotation = open(&pki)?;
        if rotation.phase != Phase::Announced {
            return self.switch_back(&mut pki, &rotation, context);
        }
        let before = consumers(&pki, &rotation, context.now)?;
        refuse(showing(&before, Generation::New), self.force, context)?;
        let (new, dry_run) = (Generation::New, self.dry_run);
        let keys = held(&pki, &rotation)?;
        let listing = afterwards::listing(&pki, &rotation)?;
        let stepped = leaving::carry_out(&mut pki, &rotation, new, context.now, dry_run)?;
        for uri in keys {
            context.ui.note(format!(
                "the key {uri} stays where it is, and belongs to no CA any more"
            ));
        }
        let verb = if dry_run { "would abort" } else { "aborted" };
        let done = format!(
            "{verb}: bundles without {1} for {0}",
            entries(stepped.followers.count),
            rotation.top().new
        );
        let outcome = tell(context, Document::new(&pki, &stepped.rotation, &[])?, &done)?;
        afterwards::copy(context, &pki, &rotation.top().new, &before)?;
        afterwards::list(context, &listing);
        Ok(outcome)
    }

    /// Certificates come from the old CA again.
    fn switch_back(
        &self,
        pki: &mut Pki,
        rotation: &Rotation,
        context: &Context,
    ) -> Result<Outcome, Report> {
        let manner = Manner {
            lifetime: self.lifetime.given(),
            backdate: self.lifetime.backdate,
            given: &self.passphrase.given(),
            keys: KeyWish::none(),
            force: self.force,
            dry_run: self.dry_run,
            context,
        };
        let told = manner.back(pki, rotation)?;
        tell(context, told.document, &told.done)
    }
}
