//! CAs that somebody else signs: their keys, and requests for their certificates.

use std::slice;

use super::{
    Context, Report, authorities::refuse_existing, passphrases::Passphrases, report::Outcome,
    requests::tell_authority, secrets::Secret, signers::key_of, tokens,
};
use crate::{
    issuance::subordinate::{Wish, ask, ask_again},
    pki::entry_name::EntryName,
    store::{
        Access,
        layout::{Area, Place, file},
    },
};

/// What is asked for.
pub(crate) struct Asking<'a> {
    pub(crate) name: &'a EntryName,
    pub(crate) common_name: Option<&'a str>,
    pub(crate) organization: Option<&'a str>,
    pub(crate) key: tokens::Wish<'a>,
    pub(crate) given: Vec<Secret>,
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
}

impl Asking<'_> {
    /// Makes key and request; of a CA in use, whose key stays, the request alone.
    pub(crate) fn carry_out(&self, context: &Context) -> Result<Outcome, Report> {
        let name = self.name;
        let mut pki = context.open(Access::Create)?;
        let layout = pki.layout().clone();
        let made = slice::from_ref(name);
        let passphrases = Passphrases::among(self.given.clone(), context, &pki, made)?;
        let place = Place::authority(name.clone());
        let record = pki.ledger().current(Area::Authorities, name)?;
        let key_type = if record.is_some() {
            if self.key.uri.is_some() {
                return Err(
                    Report::usage(format!("the CA `{name}` has a key, which stays"))
                        .hint("leave out `--key-uri`"),
                );
            }
            let certificate = pki.authority(name)?.certificate;
            let key = key_of(&pki, name, &certificate, &passphrases)?;
            let transaction = pki.begin()?;
            ask_again(&transaction, name.clone(), &*key, &certificate)?;
            transaction.finish(self.dry_run)?;
            key.key_type()
        } else {
            refuse_existing(&pki, name, self.force)?;
            let kept = self.key.keep(name, &passphrases)?;
            let key_type = kept.key_type(self.key.of_new());
            let wish = Wish {
                name: name.clone(),
                common_name: self.common_name,
                organization: self.organization,
                key_type,
                keeping: kept.keeping(),
            };
            let transaction = pki.begin()?;
            ask(&transaction, &wish)?;
            transaction.finish(self.dry_run)?;
            key_type
        };
        let path = layout.place(&place).join(file::REQUEST);
        let is_in_use = record.is_some();
        tell_authority(
            context,
            &layout,
            (name, key_type),
            &path,
            (
                is_in_use,
                !is_in_use && (self.key.uri.is_none() || self.key.generate),
            ),
            self.dry_run,
        )
    }
}
