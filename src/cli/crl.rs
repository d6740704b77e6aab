//! `certctl crl`: sign the list of a CA's revoked certificates.

use clap::Args;
use time::Duration;

use super::{
    Context, Report, Run,
    args::authority_name,
    passphrases::PassphraseArgs,
    reload::{ReloadArgs, Scope},
    report::Outcome,
};
use crate::{
    documents::crl::{Document, ListDocument},
    issuance::{crl::Terms, defaults},
    pki::entry_name::EntryName,
    session::crls::{Making, line, verb},
    store::Access,
};

/// Make a CA's CRL
///
/// The list is complete, made anew from the ledger, and its number only grows. It never says less than the
/// one that it replaces: where an older ledger was put back, none is made without --force. It is good until
/// its next update; make another before that, even if nothing was revoked: `certctl renew --all` does. Beside it, a root's
/// crl-bundle.pem holds its CRL and those of all CAs below it: most servers want them in one file,
/// and refuse whom a CA without a CRL has signed.
///
/// With --all a CA that cannot sign here, because its key is elsewhere or its passphrase is missing, is told, the CRLs
/// of the others are made, and the exit code is 3.
///
/// With --ahead a CA whose key is seldom at hand, on a stick or in a token, signs many at once: they wait in
/// crl-ahead.pem, and `certctl crl --all --if-due` and `certctl renew --all` publish each when its time has come,
/// without the key. What is revoked after the sitting they do not list, which is told each time; the next CRL that is
/// signed with the key has a higher number, and ends them.
///
/// --exec runs a command for the shell once CRLs were made, as that of certctl renew does; its CERTCTL_NAMES
/// and CERTCTL_PATHS are those of the CAs.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl crl\n  \
    certctl crl --all\n  \
    certctl crl --all --if-due --exec 'systemctl reload nginx'\n  \
    certctl crl --ca root --days 90\n  \
    certctl crl --ca root --days 45 --ahead 12")]
pub(crate) struct Crl {
    /// CA that signs it [default: the only one without a CA below it]
    #[arg(long, value_name = "NAME", value_parser = authority_name)]
    ca: Option<EntryName>,
    /// Make the CRL of every CA
    #[arg(long, conflicts_with = "ca")]
    all: bool,
    /// Days until the next update
    #[arg(long, value_name = "N", default_value_t = defaults::CRL_LIFE.whole_days(), value_parser = clap::value_parser!(i64).range(1..=36_500))]
    days: i64,
    /// Only where a third of the last one's life is left, it is gone, or it lacks a revocation
    #[arg(long)]
    if_due: bool,
    /// Sign so many in one sitting: the first now, the others to be published one by one when a third of the life of the one before is left
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=120), conflicts_with_all = ["all", "if_due"])]
    ahead: Option<u16>,
    #[command(flatten)]
    reload: ReloadArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Make it from this ledger, though what lies beside it knows of more revocations or of a later CRL
    #[arg(short, long)]
    force: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Run for Crl {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let passphrases = self.passphrase.among(context, &pki, &[])?;
        let dry_run = self.dry_run;
        let reload = self.reload.begin(&mut pki, Scope::Crls, dry_run)?;
        let making = Making {
            ca: self.ca.as_ref(),
            all: self.all,
            if_due: self.if_due,
            ahead: self.ahead,
            terms: Terms {
                now: context.now.truncate_to_second(),
                life: Duration::days(self.days),
                force: self.force,
            },
            dry_run,
        };
        let (lists, is_left) = making.carry_out(&mut pki, &passphrases, context)?;
        let document = Document {
            schema: "certctl/crl/v1",
            crls: lists
                .iter()
                .map(|list| ListDocument::new(list, pki.layout()))
                .collect(),
        };
        let text = || {
            let all = lists.iter().zip(&document.crls);
            let lines = all.map(|(it, list)| line(verb(it, dry_run), list, context, &pki));
            let lines: Vec<_> = lines.collect();
            match lines.is_empty() {
                true => String::from("no CRL is due"),
                false => lines.join("\n"),
            }
        };
        context.ui.verdict(!lists.is_empty(), text, &document)?;
        let has_told = reload.map_or(Ok(false), |reload| reload.finish(pki, context))?;
        Ok(match lists.is_empty() && !has_told {
            _ if is_left => Outcome::Found,
            true => Outcome::Unchanged,
            false => Outcome::Changed,
        })
    }
}
