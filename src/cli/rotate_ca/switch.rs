//! `certctl rotate-ca switch`.

use std::collections::HashMap;

use clap::Args;

use super::{
    Context, Document, Outcome, Report, entries,
    latecomers::{self, TakenIn},
    open,
    refusal::refuse,
    tell,
};
use crate::{
    cli::{
        args::{LifetimeArgs, entry_name},
        exposed,
        made::tell_owners,
        names::names,
        open::signing_authority,
        passphrases::{PassphraseArgs, Passphrases},
    },
    issuance::{
        SigningAuthority,
        rotation::{
            evidence::{Generation, consumers, distrusting, needs_trust},
            switching::{self, Share, chosen},
        },
    },
    pki::entry_name::EntryName,
    store::{
        Access, Pki,
        ledger::{
            Record,
            rotation::{Phase, Rotation},
        },
    },
};

/// Have certificates come from the successor
///
/// Makes new keys and certificates, all at once or some at a time, with the names and extensions of
/// those in use. It is refused while somebody is not known to trust the successor: they would refuse
/// whoever has such a certificate.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca switch\n  \
    certctl rotate-ca switch node1 node2\n  \
    certctl rotate-ca switch --canary node1\n  \
    certctl rotate-ca switch --batch 10%")]
pub(super) struct Switch {
    /// Entry to switch; node{1..9} stands for nine (can be repeated) [default: all]
    #[arg(value_name = "NAME", value_parser = names)]
    names: Vec<Vec<EntryName>>,
    /// Switch this entry alone
    #[arg(long, value_name = "NAME", value_parser = entry_name, conflicts_with_all = ["names", "batch"])]
    canary: Option<EntryName>,
    /// Switch so many of those that are left, or so many percent of all, in the order of their names
    #[arg(long, value_name = "N|N%", value_parser = batch, conflicts_with = "names")]
    batch: Option<Share>,
    #[command(flatten)]
    lifetime: LifetimeArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Switch though somebody is not known to trust the successor
    #[arg(short, long)]
    force: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

fn batch(text: &str) -> Result<Share, String> {
    let wrong = || String::from("write a whole number from 1 on, or a percentage such as 10%");
    match text.strip_suffix('%') {
        Some(percent) => match percent.parse() {
            Ok(percent @ 1..=100) => Ok(Share::Percent(percent)),
            _ => Err(wrong()),
        },
        None => match text.parse() {
            Ok(0) | Err(_) => Err(wrong()),
            Ok(count) => Ok(Share::Count(count)),
        },
    }
}

impl Switch {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let rotation = open(&pki)?;
        let (given, dry_run) = (&self.passphrase, self.dry_run);
        let TakenIn { rotation, listed } =
            latecomers::take_in(&mut pki, rotation, given, dry_run, context)?;
        if !listed.is_empty() && !self.force {
            return wait_for_lists(&pki, &rotation, &listed, context);
        }
        let passphrases = self.passphrase.among(context, &pki, &[])?;
        let before = consumers(&pki, &rotation, context.now)?;
        if needs_trust(&pki, &rotation)? {
            refuse(distrusting(&before), self.force, context)?;
        }
        let (leaves, is_last) = chosen(&pki, &before, Generation::Old, &self.share())?;
        let phase = match (is_last, leaves.is_empty()) {
            (true, _) => Phase::Switched,
            (false, true) => rotation.phase,
            (false, false) => Phase::Switching,
        };
        if leaves.is_empty() && phase == rotation.phase {
            let document = Document::new(&pki, &rotation, &before)?;
            let text = || String::from("nothing to switch: what is named comes from the successor");
            context.ui.verdict(false, text, &document)?;
            return Ok(Outcome::Unchanged);
        }
        exposed::warn(context, pki.layout(), leaves.iter().map(Record::place));
        let count = leaves.len();
        let elsewhere: Vec<_> = leaves.iter().filter(|it| !it.origin.has_key()).collect();
        let elsewhere: Vec<_> = elsewhere.iter().map(|it| it.name.to_string()).collect();
        let bar = context.ui.progress(count, "switching");
        let switch = switching::Switch {
            rotation: &rotation,
            to: Generation::New,
            leaves,
            phase,
            lifetime: self.lifetime.given(),
            backdate: self.lifetime.backdate,
            now: context.now,
            dry_run: self.dry_run,
            progress: &|count| bar.advance(count),
        };
        let signers = signers(&pki, &switch, &passphrases)?;
        let stepped = switch.carry_out(&mut pki, &signers, &mut |_| {})?;
        drop(bar);
        let (verb, after) = match self.dry_run {
            true => ("would switch", before),
            false => ("switched", consumers(&pki, &stepped, context.now)?),
        };
        let done = format!("{verb} {} to {}", entries(count), stepped.top().new);
        if !self.dry_run {
            tell_owners(context, elsewhere.iter().map(String::as_str));
        }
        tell(context, Document::new(&pki, &stepped, &after)?, &done)
    }

    fn share(&self) -> Share {
        let named = self.names.iter().flatten().chain(&self.canary);
        let named: Vec<_> = named.cloned().collect();
        match (&self.batch, named.is_empty()) {
            (Some(batch), _) => batch.clone(),
            (None, true) => Share::All,
            (None, false) => Share::Named(named),
        }
    }
}

/// Who looks at CRLs would refuse what CAs sign whose CRLs have just been made.
fn wait_for_lists(
    pki: &Pki,
    rotation: &Rotation,
    listed: &[EntryName],
    context: &Context,
) -> Result<Outcome, Report> {
    let names: Vec<_> = listed.iter().map(EntryName::as_str).collect();
    let done = format!(
        "nothing is switched yet: nobody has the CRLs of {}; copy crl-bundle.pem to whoever looks at CRLs, reload, \
         then switch again",
        names.join(", ")
    );
    let consumers = consumers(pki, rotation, context.now)?;
    tell(context, Document::new(pki, rotation, &consumers)?, &done)
}

/// The CAs that sign, with their keys.
pub(super) fn signers(
    pki: &Pki,
    switch: &switching::Switch<'_>,
    passphrases: &Passphrases<'_>,
) -> Result<HashMap<EntryName, SigningAuthority>, Report> {
    let mut signers = HashMap::new();
    for name in switch.signers() {
        let signer = signing_authority(pki, &name, passphrases)?;
        signers.insert(name, signer);
    }
    Ok(signers)
}
