//! `certctl init-ca`: make a root CA, or adopt one that was made elsewhere.

use std::rc::Rc;

use clap::Args;
use time::OffsetDateTime;

use super::{
    Context, Report, Run, adoption,
    args::authority_name,
    authority::{AuthorityArgs, authority, refuse_existing, tell},
    open::issuing_authority,
    orphans,
    report::Outcome,
};
use crate::{
    issuance::{
        authority::{AuthorityRequest, create},
        defaults,
        orphans::Below,
        rotation::{self, reserve::Reserve},
    },
    pki::{entry_name::EntryName, secret::Passphrase},
    session::{
        reserve::{self, next_name},
        tokens::Kept,
    },
    store::{Access, ledger::Record, transaction::Transaction},
};

/// Make a root CA
///
/// The root's key signs; keep it encrypted (--encrypt) or away from the nodes. With --key and --cert
/// a CA that was made elsewhere is adopted instead, with --cert alone one whose key stays there. A new root is valid for 3650 days unless
/// something else is asked for.
///
/// With --key-uri the root's key is in a token (`pkcs11:`) or an agent (`ssh-agent:`), and a program signs with it:
/// see certctl-signer(7). Only what names the key lies here, in key.uri.
///
/// With --with-next its successor is made at once, and is in every bundle from the first day. Its key is always
/// encrypted; keep it apart. When the root's key is lost or stolen, `certctl rotate-ca switch` has certificates come
/// from the successor, and nobody has to be given a bundle first.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl init-ca\n  \
    certctl init-ca clients --cn 'Client CA' --days 1825\n  \
    certctl init-ca --with-next\n  \
    certctl init-ca root --encrypt --permit-dns db.internal --permit-ip 10.0.0.0/8\n  \
    certctl init-ca root --key-uri 'pkcs11:token=ca;object=root' --generate\n  \
    certctl init-ca root --key-uri ssh-agent:root\n  \
    certctl init-ca --ledger 'postgres://db.example/pki?sslrootcert=/etc/db/ca.pem'\n  \
    certctl init-ca old --key old-ca.key --cert old-ca.pem --crl old.crl\n  \
    certctl init-ca corp --cert corp-root.pem")]
pub(crate) struct InitCa {
    /// Name of the CA in the PKI directory
    #[arg(value_name = "NAME", default_value = "root", value_parser = authority_name)]
    name: EntryName,
    /// Make the next root too, with an encrypted key, and put it into every bundle
    #[arg(long, conflicts_with_all = ["cert_file", "key_uri"])]
    with_next: bool,
    /// Keep the ledger of a new PKI directory in a database that other machines share: see certctl-ledger(7) [env: CERTCTL_LEDGER]
    #[arg(long, value_name = "URL")]
    ledger: Option<String>,
    #[command(flatten)]
    authority: AuthorityArgs,
}

impl Run for InitCa {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let args = &self.authority;
        context.ledger.clone_from(&self.ledger);
        let mut pki = context.open(Access::Create)?;
        refuse_existing(&pki, &self.name, args.change.force)?;
        let next = self.with_next.then(|| next_name(&pki, &self.name));
        let next = next.transpose()?;
        let made: Vec<_> = [&self.name].into_iter().chain(&next).cloned().collect();
        let passphrases = args.passphrase.among(context, &pki, &made)?;
        // What is asked of a person is asked before anything is made.
        let in_reserve = next.map(|next| passphrases.of_new(&next, true).map(|it| (next, it)));
        let in_reserve = in_reserve.transpose()?;
        let chain = adoption::chain(args.files())?;
        let source = adoption::Source::of(args.files(), chain, &self.name, &passphrases)?;
        let is_keyless = source.as_ref().is_some_and(|source| !source.has_key());
        let kept = match &source {
            Some(source) if !source.has_key_file() => Kept::File(None),
            _ => args.key().keep(&self.name, &passphrases)?,
        };
        let now = context.now;
        let below = Below::of(&pki, &self.name)?;
        let mut transaction = pki.begin()?;
        let record = match &source {
            Some(source) => source.adopt_root(&mut transaction, &self.name, kept.passphrase())?,
            None => {
                let request = args.request(&self.name, None, defaults::ROOT_LIFETIME, &kept);
                self.create(&mut transaction, &request, in_reserve.as_ref(), now)?
            }
        };
        orphans::warn(&below, &record, !is_keyless, context);
        let dry_run = args.change.dry_run;
        transaction.finish(dry_run)?;
        if let Some((next, _)) = &in_reserve {
            reserve::tell(&pki, next, dry_run, context);
        }
        if let Some(source) = &source {
            source.warn(context);
        }
        let is_only = issuing_authority(&pki, None).is_ok();
        let next = match is_keyless {
            true => String::from("init-intermediate issuing --request"),
            false => args.next(&self.name, is_only),
        };
        let made = authority(&record, source.is_some());
        tell(context, &pki, &made, dry_run, &next)
    }
}

impl InitCa {
    /// Makes the root, and the one in reserve, whose key has a passphrase.
    fn create(
        &self,
        transaction: &mut Transaction<'_>,
        request: &AuthorityRequest<'_>,
        next: Option<&(EntryName, Option<Rc<Passphrase>>)>,
        now: OffsetDateTime,
    ) -> Result<Record, Report> {
        let Some((name, passphrase)) = next else {
            return Ok(create(transaction, request, None, now)?.1);
        };
        let next = Reserve {
            name: name.clone(),
            passphrase: passphrase.as_deref(),
            backdate: self.authority.lifetime.backdate,
        };
        Ok(rotation::reserve::create(transaction, request, &next, now)?)
    }
}
