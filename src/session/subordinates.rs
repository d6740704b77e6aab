//! `--request`: the request for a CA that somebody else signs.

use std::slice;

use crate::{
    cli::{
        Context, Report,
        authority::{AuthorityArgs, refuse_existing},
        passphrases::KeyFile,
        report::Outcome,
        request::tell_authority,
    },
    issuance::subordinate::{Wish, ask, ask_again},
    pki::entry_name::EntryName,
    store::{
        Access,
        layout::{Area, Place, file},
    },
};

/// Makes key and request; of a CA in use, whose key stays, the request alone.
pub(super) fn run(
    name: &EntryName,
    args: &AuthorityArgs,
    context: &Context,
) -> Result<Outcome, Report> {
    let mut pki = context.open(Access::Create)?;
    let layout = pki.layout().clone();
    let made = slice::from_ref(name);
    let passphrases = args.passphrase.among(context, &pki, made)?;
    let place = Place::authority(name.clone());
    let record = pki.ledger().current(Area::Authorities, name)?;
    let key_type = if record.is_some() {
        let certificate = pki.authority(name)?.certificate;
        let (path, octets) = pki.authority_key_file(name)?;
        let file = KeyFile {
            name,
            owner: &format!("the CA `{name}`"),
            path: &path,
            octets: &octets,
        };
        let key = passphrases.key(&file, &certificate, |error| {
            Report::failed("content", format!("{}: {error}", path.display()))
        })?;
        let transaction = pki.begin()?;
        ask_again(&transaction, name.clone(), &key, &certificate)?;
        transaction.finish(args.change.dry_run)?;
        key.key_type()
    } else {
        refuse_existing(&pki, name, args.change.force)?;
        let passphrase = passphrases.of_new(name, args.encrypt)?;
        let wish = Wish {
            name: name.clone(),
            common_name: args.cn.as_deref(),
            organization: args.org.as_deref(),
            key_type: args.key.key_type,
            passphrase: passphrase.as_deref(),
        };
        let transaction = pki.begin()?;
        ask(&transaction, &wish)?;
        transaction.finish(args.change.dry_run)?;
        args.key.key_type
    };
    let path = layout.place(&place).join(file::REQUEST);
    let is_in_use = record.is_some();
    tell_authority(
        context,
        &layout,
        (name, key_type),
        &path,
        is_in_use,
        args.change.dry_run,
    )
}
