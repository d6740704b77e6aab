//! CAs that somebody else signs: their keys, and requests for their certificates.

use std::slice;

use super::{
    Context, Report, authorities::refuse_existing, keys::Stored, passphrases::Passphrases,
    report::Outcome, requests::tell_authority, secrets::Secret,
};
use crate::{
    issuance::subordinate::{Wish, ask, ask_again},
    pki::{entry_name::EntryName, key::KeyType},
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
    pub(crate) key_type: KeyType,
    pub(crate) encrypt: bool,
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
            let stored = Stored::of_authority(&pki, name)?;
            let key = stored.open(&passphrases)?;
            let transaction = pki.begin()?;
            ask_again(&transaction, name.clone(), &key, stored.certificate())?;
            transaction.finish(self.dry_run)?;
            key.key_type()
        } else {
            refuse_existing(&pki, name, self.force)?;
            let passphrase = passphrases.of_new(name, self.encrypt)?;
            let wish = Wish {
                name: name.clone(),
                common_name: self.common_name,
                organization: self.organization,
                key_type: self.key_type,
                passphrase: passphrase.as_deref(),
            };
            let transaction = pki.begin()?;
            ask(&transaction, &wish)?;
            transaction.finish(self.dry_run)?;
            self.key_type
        };
        let path = layout.place(&place).join(file::REQUEST);
        let is_in_use = record.is_some();
        tell_authority(
            context,
            &layout,
            (name, key_type),
            &path,
            is_in_use,
            self.dry_run,
        )
    }
}
