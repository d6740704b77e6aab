//! `certctl rotate-ca switch`.

use clap::Args;

use super::{Context, Outcome, Report, key_uri::KeyUriArgs, open, tell};
use crate::{
    cli::{
        args::{LifetimeArgs, entry_name},
        names::names,
        passphrases::PassphraseArgs,
    },
    issuance::rotation::switching::Share,
    pki::entry_name::EntryName,
    rotation::switching::Manner,
    store::Access,
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
    #[command(flatten)]
    key_uri: KeyUriArgs,
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
        let manner = Manner {
            lifetime: self.lifetime.given(),
            backdate: self.lifetime.backdate,
            given: &self.passphrase.given(),
            keys: self.key_uri.wish(None, false),
            force: self.force,
            dry_run: self.dry_run,
            context,
        };
        let told = manner.forward(&mut pki, &rotation, &self.share())?;
        if told.has_changed {
            return tell(context, told.document, &told.done);
        }
        context.ui.verdict(false, || told.done, &told.document)?;
        Ok(Outcome::Unchanged)
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
