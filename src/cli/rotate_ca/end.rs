//! `certctl rotate-ca finish` and `abort`.

use clap::Args;

use super::{Context, Document, Outcome, Report, entries, open, switch::signers, tell};
use crate::{
    cli::{args::LifetimeArgs, passphrases::PassphraseArgs},
    issuance::rotation::{
        RotateError,
        evidence::{Doubt, Generation, consumers, showing},
        leaving,
        switching::{self, Share, chosen},
    },
    store::{
        Access,
        ledger::rotation::{Phase, Rotation},
    },
};

/// Take the old CA out of every bundle
///
/// It is refused while a valid certificate of the old CA is in use, or somebody is not known to show
/// the new one: those who have the new bundle would refuse them. The old CA stays where it is, and
/// makes CRLs.
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
        refuse(showing(&before, Generation::Old), self.force, context)?;
        let (old, dry_run) = (Generation::Old, self.dry_run);
        let stepped = leaving::carry_out(&mut pki, &rotation, old, context.now, dry_run)?;
        let verb = if dry_run { "would finish" } else { "finished" };
        let done = format!(
            "{verb}: bundles without {1} for {0}",
            entries(stepped.followers.count),
            rotation.top().old
        );
        tell(context, Document::new(&pki, &stepped.rotation, &[])?, &done)
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
        let stepped = leaving::carry_out(&mut pki, &rotation, new, context.now, dry_run)?;
        let verb = if dry_run { "would abort" } else { "aborted" };
        let done = format!(
            "{verb}: bundles without {1} for {0}",
            entries(stepped.followers.count),
            rotation.top().new
        );
        tell(context, Document::new(&pki, &stepped.rotation, &[])?, &done)
    }

    /// Certificates come from the old CA again.
    fn switch_back(
        &self,
        pki: &mut crate::store::Pki,
        rotation: &Rotation,
        context: &Context,
    ) -> Result<Outcome, Report> {
        let passphrases = self.passphrase.among(context, pki, &[])?;
        let before = consumers(pki, rotation, context.now)?;
        let (leaves, _) = chosen(pki, &before, Generation::New, &Share::All)?;
        let count = leaves.len();
        let bar = context.ui.progress(count, "switching back");
        let switch = switching::Switch {
            rotation,
            to: Generation::Old,
            leaves,
            phase: Phase::Announced,
            lifetime: self.lifetime.given(),
            backdate: self.lifetime.backdate,
            now: context.now,
            dry_run: self.dry_run,
            progress: &|count| bar.advance(count),
        };
        let signers = signers(pki, &switch, &passphrases)?;
        let stepped = switch.carry_out(pki, &signers, &mut |_| {})?;
        drop(bar);
        let (verb, after) = match self.dry_run {
            true => ("would switch", before),
            false => ("switched", consumers(pki, &stepped, context.now)?),
        };
        let done = format!("{verb} {} back to {}", entries(count), stepped.top().old);
        tell(context, Document::new(pki, &stepped, &after)?, &done)
    }
}

/// So many are told one by one.
const TOLD: usize = 20;

/// Refuses a step while somebody is in the way; with `--force` says who will be refused.
pub(super) fn refuse(doubts: Vec<Doubt>, force: bool, context: &Context) -> Result<(), Report> {
    match (doubts.is_empty(), force) {
        (true, _) => Ok(()),
        (false, false) => Err(RotateError::Doubts(doubts).into()),
        (false, true) => {
            for line in told(&doubts) {
                context.ui.warning(format!("forced: {line}"));
            }
            Ok(())
        }
    }
}

fn told(doubts: &[Doubt]) -> Vec<String> {
    let line = |doubt: &Doubt| format!("`{}` {}", doubt.name, doubt.reason.text());
    let mut lines: Vec<_> = doubts.iter().take(TOLD).map(line).collect();
    if let Some(more @ 1..) = doubts.len().checked_sub(TOLD) {
        lines.push(format!(
            "and {more} more: `certctl rotate-ca status --json`"
        ));
    }
    lines
}

/// What was in the way, and what to do next.
pub(super) fn report(error: RotateError) -> Report {
    let message = error.to_string();
    match error {
        RotateError::Open(_) => Report::refused("rotating", message).hint(
            "`certctl rotate-ca status` says how far it is; `certctl rotate-ca abort` goes back",
        ),
        RotateError::None => Report::failed("not-rotating", message)
            .hint("`certctl rotate-ca start` begins a rotation"),
        RotateError::Gone(_, successor) => Report::refused("rotating", message).hint(format!(
            "`certctl rotate-ca start {successor}` rotates that one"
        )),
        RotateError::Phase(..) => Report::refused("rotating", message)
            .hint("`certctl rotate-ca status` says what is next"),
        RotateError::KeyElsewhere(_) => Report::refused("key-elsewhere", message).hint(
            "put the key back for as long as it takes, or rotate the CAs below it one by one",
        ),
        RotateError::Name(_) => Report::failed("exists", message),
        RotateError::Doubts(doubts) => {
            let reports = told(&doubts)
                .into_iter()
                .map(|line| Report::refused("unproven", line));
            let report = Report::all(reports.collect());
            report
                .unwrap_or_else(|| Report::refused("unproven", message))
                .hint("copy what `certctl rotate-ca status` lists, reload, and say so: `certctl rotate-ca ack NAME`")
                .hint("`--force` goes on all the same")
        }
        RotateError::Unknown(_) => Report::failed("no-entry", message)
            .hint("`certctl rotate-ca status` lists who takes part"),
        RotateError::Issue(error) => error.into(),
        RotateError::Crl(error) => Report::failed("sign", error),
        RotateError::Store(error) => error.into(),
    }
}
