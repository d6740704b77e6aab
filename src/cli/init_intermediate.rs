//! `certctl init-intermediate`: make a CA below another.

use std::path::PathBuf;

use clap::Args;
use time::Duration;

use super::{
    Context, Report, Run, adopt,
    args::{PassphraseArgs, entry_name},
    init_ca::{AuthorityArgs, refuse_existing, tell},
    open::{issuing_authority, new_passphrase, signing_authority},
    report::Outcome,
};
use crate::{
    issuance::{authorities::authorities, authority::create},
    pki::entry_name::EntryName,
    store::{Access, Pki},
};

/// Five years: within its root's ten, beyond its leaves' one.
pub(crate) const DEFAULT_LIFETIME: Duration = Duration::days(1825);

/// Make an intermediate CA
///
/// It signs in its parent's stead, so that the root's key can be locked away. No CA may stand below
/// it unless --path-len says so. It is valid for 1825 days, or until its parent ends, unless
/// something else is asked for.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl init-intermediate issuing\n  \
    certctl init-intermediate policy --ca root --path-len 1\n  \
    certctl init-intermediate issuing --ca policy --key-type p384")]
pub(crate) struct InitIntermediate {
    /// Name of the CA in the PKI directory
    #[arg(value_name = "NAME", value_parser = entry_name)]
    name: EntryName,
    /// CA that signs it [default: the only one without a CA below it]
    #[arg(long, value_name = "PARENT", value_parser = entry_name)]
    ca: Option<EntryName>,
    /// File whose first line is the passphrase of the parent's key
    #[arg(long, value_name = "FILE", conflicts_with = "ca_passphrase_env")]
    ca_passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase of the parent's key
    #[arg(long, value_name = "VARIABLE")]
    ca_passphrase_env: Option<String>,
    #[command(flatten)]
    authority: AuthorityArgs,
}

impl Run for InitIntermediate {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let args = &self.authority;
        let mut pki = context.open(Access::Write)?;
        refuse_existing(&pki, &self.name, args.change.force)?;
        let parent_name = self.parent(&pki)?;
        let source = adopt::Source::of(args)?;
        let record = if let Some(source) = &source {
            let parent = pki.authority(&parent_name)?;
            let passphrase = new_passphrase(args.encrypt, &args.passphrase)?;
            let mut transaction = pki.begin()?;
            let record =
                source.adopt_below(&mut transaction, &self.name, passphrase.as_ref(), &parent)?;
            finish(transaction, args.change.dry_run)?;
            record
        } else {
            let of_parent = PassphraseArgs {
                passphrase_file: self.ca_passphrase_file,
                passphrase_env: self.ca_passphrase_env,
                prefix: "ca-",
            };
            let parent = signing_authority(&pki, &parent_name, &of_parent)?;
            let passphrase = new_passphrase(args.encrypt, &args.passphrase)?;
            let request = args.request(&self.name, Some(0), DEFAULT_LIFETIME, passphrase.as_ref());
            let mut transaction = pki.begin()?;
            let (_, record) = create(&mut transaction, &request, Some(&parent), context.now)?;
            finish(transaction, args.change.dry_run)?;
            args.lifetime
                .note_shortened(DEFAULT_LIFETIME, &record, context);
            record
        };
        if let Some(source) = &source {
            source.warn(context);
        }
        let next = args.next(Some(&self.name));
        tell(context, &pki, record, args.change.dry_run, &next)
    }
}

impl InitIntermediate {
    /// The CA that signs: the one that is asked for, else the one that signed what is replaced, else the
    /// only one that can.
    fn parent(&self, pki: &Pki) -> Result<EntryName, Report> {
        let authorities = authorities(pki)?;
        let its_parent = authorities
            .parent(&self.name)
            .filter(|parent| authorities.stands(parent));
        let parent = issuing_authority(pki, self.ca.as_ref().or(its_parent))?;
        if authorities.upward(&parent).any(|name| *name == self.name) {
            return Err(
                Report::usage(format!("the CA `{}` cannot stand below itself", self.name))
                    .hint("name another parent with `--ca PARENT`"),
            );
        }
        Ok(parent)
    }
}

fn finish(
    transaction: crate::store::transaction::Transaction<'_>,
    dry_run: bool,
) -> Result<(), Report> {
    if dry_run {
        drop(transaction);
        return Ok(());
    }
    Ok(transaction.commit()?)
}
