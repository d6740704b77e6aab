//! `certctl cross-sign`: a CA vouches for another, so that its peers take what that one signs.

use std::path::Path;

use clap::Args;

use super::{
    Context, Report, Run,
    args::{ChangeArgs, LifetimeArgs, authority_name},
    document::Entry,
    passphrases::PassphraseArgs,
    peers::PeersArgs,
    report::Outcome,
};
use crate::{
    documents::cross_sign::Document,
    issuance::crossing::Crossed,
    pki::entry_name::EntryName,
    session::crossings::Wanted,
    store::{Access, Pki},
};

/// Have a CA vouch for another one's key
///
/// The certificate has the subject and the key of a root, and is signed by another CA. It is put behind the chains of
/// all that the root has signed, so that peers who know the other CA alone find a way to it, while those who know the
/// root do without. It is a way for peers that cannot be given a bundle: it serves none that looks at no chain.
/// `certctl revoke ca/NAME` takes it back. In a rotation `rotate-ca start --cross-sign` makes one.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl cross-sign root-2 --by root\n  \
    certctl cross-sign root --by acme --server nginx\n  \
    certctl cross-sign root --by acme --force -n")]
pub(crate) struct CrossSign {
    /// Root whose key is certified
    #[arg(value_name = "CA", value_parser = authority_name)]
    ca: EntryName,
    /// CA that signs the certificate
    #[arg(long, value_name = "CA", value_parser = authority_name)]
    by: EntryName,
    #[command(flatten)]
    peers: PeersArgs,
    #[command(flatten)]
    lifetime: LifetimeArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

impl Run for CrossSign {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        self.peers.check_chains(context)?;
        let wanted = Wanted {
            of: &self.ca,
            by: &self.by,
            lifetime: self.lifetime.given(),
            backdate: self.lifetime.backdate,
            force: self.change.force,
            dry_run: self.change.dry_run,
        };
        let passphrases = self.passphrase.among(context, &pki, &[])?;
        let (crossed, followers) = wanted.carry_out(&mut pki, &passphrases, context)?;
        self.peers.warn(context);
        self.tell(context, &pki, &crossed, followers.count)
    }
}

impl CrossSign {
    fn tell(
        &self,
        context: &Context,
        pki: &Pki,
        crossed: &Crossed,
        followers: usize,
    ) -> Result<Outcome, Report> {
        let dry_run = self.change.dry_run;
        let mut entry = Entry::new(&crossed.record, pki.layout(), context.now);
        if dry_run {
            // What would be signed would have another number.
            entry.serial.clear();
        }
        let document = Document {
            schema: "certctl/cross-sign/v1",
            ca: self.ca.to_string(),
            by: self.by.to_string(),
            entry,
            followers,
        };
        let verb = if dry_run { "would make" } else { "made" };
        let text = || {
            let path = context.shown(pki.layout(), Path::new(&document.entry.path));
            format!(
                "{verb} `{}` in {path}: `{}` vouches for `{}` until {}; new chains for {}",
                document.entry.name,
                self.by,
                self.ca,
                document.entry.not_after,
                crate::rotation::entries(followers),
            )
        };
        context.ui.result(text, &document)?;
        if !dry_run && !context.ui.is_json() && followers > 0 {
            context
                .ui
                .hint("copy cert.pem and ca-chain.pem of each entry to its node, and have its server take them");
        }
        Ok(Outcome::Changed)
    }
}
