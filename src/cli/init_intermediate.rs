//! `certctl init-intermediate`: make a CA below another.

use std::slice;

use clap::Args;

use super::{
    Context, Report, Run, adoption,
    args::authority_name,
    authority::{AuthorityArgs, authority, refuse_existing, tell},
    open::{issuing_authority, signing_authority},
    orphans,
    passphrases::Passphrases,
    report::Outcome,
    secrets::{Secret, plain_file, plain_variable},
};
use crate::{
    issuance::{authorities::authorities, authority::create, defaults, orphans::Below},
    pki::entry_name::EntryName,
    session::{made::note_shortened, subordinates::Asking},
    store::{Access, Pki},
};

/// Make an intermediate CA
///
/// It signs in its parent's stead, so that the root's key can be locked away. No CA may stand below
/// it unless --path-len says so. It is valid for 1825 days, or until its parent ends, unless
/// something else is asked for.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl init-intermediate issuing\n  \
    certctl init-intermediate policy --ca root --path-len 1\n  \
    certctl init-intermediate issuing --ca policy --key-type p384\n  \
    certctl init-intermediate issuing --key-uri 'pkcs11:token=ca;object=issuing' --pin-file issuing=pin\n  \
    certctl init-intermediate issuing --request")]
pub(crate) struct InitIntermediate {
    /// Name of the CA in the PKI directory
    #[arg(value_name = "NAME", value_parser = authority_name)]
    name: EntryName,
    /// CA that signs it [default: the only one without a CA below it]
    #[arg(long, value_name = "PARENT", value_parser = authority_name)]
    ca: Option<EntryName>,
    /// File whose first line is the passphrase of the parent's key: short for `--passphrase-file PARENT=FILE`
    #[arg(long, value_name = "FILE", value_parser = plain_file(), conflicts_with = "ca_passphrase_env")]
    ca_passphrase_file: Option<Secret>,
    /// Environment variable that holds the passphrase of the parent's key
    #[arg(long, value_name = "VARIABLE", value_parser = plain_variable())]
    ca_passphrase_env: Option<Secret>,
    /// Make key and request for a CA elsewhere to sign; of a CA in use only a request, for its key stays
    #[arg(
        long,
        conflicts_with_all = ["ca", "ca_passphrase_file", "ca_passphrase_env", "key_file", "cert_file", "lifetime", "path_len", "permit_dns", "permit_ip", "crl_url"],
    )]
    request: bool,
    #[command(flatten)]
    authority: AuthorityArgs,
}

impl Run for InitIntermediate {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        if self.request {
            return self.asking().carry_out(context);
        }
        let args = &self.authority;
        let mut pki = context.open(Access::Write)?;
        refuse_existing(&pki, &self.name, args.change.force)?;
        let chain = adoption::chain(args.files())?;
        let parent_name = match &chain {
            Some(chain) if self.ca.is_none() => adoption::issuer(&pki, &chain[0])?,
            _ => self.parent(&pki)?,
        };
        let passphrases = self.passphrases(context, &pki, &parent_name)?;
        let source = adoption::Source::of(args.files(), chain, &self.name, &passphrases)?;
        let below = Below::of(&pki, &self.name)?;
        let record = if let Some(source) = &source {
            let parent = pki.authority(&parent_name)?;
            let passphrase = match source.has_key_file() {
                true => passphrases.of_new(&self.name, args.encrypt)?,
                false => None,
            };
            let mut transaction = pki.begin()?;
            let record =
                source.adopt_below(&mut transaction, &self.name, passphrase.as_deref(), &parent)?;
            orphans::warn(&below, &record, source.has_key(), context);
            transaction.finish(args.change.dry_run)?;
            record
        } else {
            let parent = signing_authority(&pki, &parent_name, &passphrases)?;
            let kept = args.key().keep(&self.name, &passphrases)?;
            let request = args.request(&self.name, Some(0), defaults::INTERMEDIATE_LIFETIME, &kept);
            let mut transaction = pki.begin()?;
            let (_, record) = create(&mut transaction, &request, Some(&parent), context.now)?;
            orphans::warn(&below, &record, true, context);
            transaction.finish(args.change.dry_run)?;
            note_shortened(
                args.lifetime.lifetime(defaults::INTERMEDIATE_LIFETIME),
                &record,
                context,
            );
            record
        };
        if let Some(source) = &source {
            source.warn(context);
        }
        let next = match source.as_ref().is_some_and(|source| !source.has_key()) {
            true => String::from("init-intermediate NAME --key FILE --cert FILE"),
            false => args.next(&self.name, false),
        };
        let made = authority(&record, source.is_some());
        tell(context, &pki, &made, args.change.dry_run, &next)
    }
}

impl InitIntermediate {
    fn asking(&self) -> Asking<'_> {
        let args = &self.authority;
        Asking {
            name: &self.name,
            common_name: args.cn.as_deref(),
            organization: args.org.as_deref(),
            key: args.key(),
            given: args.passphrase.given(),
            force: args.change.force,
            dry_run: args.change.dry_run,
        }
    }

    /// The passphrases of both keys; the parent's has options of its own too.
    fn passphrases<'a>(
        &self,
        context: &'a Context,
        pki: &Pki,
        parent: &EntryName,
    ) -> Result<Passphrases<'a>, Report> {
        let of_parent = [&self.ca_passphrase_file, &self.ca_passphrase_env];
        let of_parent = of_parent.into_iter().flatten().map(|secret| Secret {
            owner: Some(parent.clone()),
            ..secret.clone()
        });
        let made = slice::from_ref(&self.name);
        let args = &self.authority.passphrase;
        args.with(of_parent.collect(), context, pki, made)
    }

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
