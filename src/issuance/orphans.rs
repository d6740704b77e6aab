//! What no longer holds once another CA takes the name of one in use.

use std::collections::HashMap;

use x509_parser::{certificate::TbsCertificate, prelude::FromDer as _};

use super::authorities::{authorities, is_signed_by};
use crate::{
    pki::entry_name::EntryName,
    store::{
        Pki, StoreError,
        layout::Area,
        ledger::{Record, Status},
    },
};

/// The certificates in use below a CA that may be replaced.
#[derive(Debug)]
pub struct Below {
    replaced: Option<Record>,
    names: Vec<String>,
}

impl Below {
    /// Reads what a CA, and the CAs below it, have signed; nothing where peers believe none of it anyway.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn of(pki: &Pki, name: &EntryName) -> Result<Self, StoreError> {
        let mut below = Self {
            replaced: pki.ledger().current(Area::Authorities, name)?,
            names: Vec::new(),
        };
        let authorities = authorities(pki)?;
        if below.replaced.is_none() || !authorities.stands(name) {
            return Ok(below);
        }
        let signers = pki.authorities()?.into_iter().filter(|signer| {
            let mut upward = authorities.upward(&signer.name);
            authorities.stands(&signer.name) && upward.any(|above| above == name)
        });
        let signers: HashMap<_, _> = signers.map(|it| (it.name.clone(), it)).collect();
        pki.ledger().for_each(|record| {
            let signer = record.issuer.as_ref().and_then(|it| signers.get(it));
            let holds = signer.is_some_and(|signer| is_signed_by(&record, signer));
            let is_authority = record.kind.area() == Area::Authorities;
            if holds && record.status == Status::Current {
                let area = if is_authority { "ca/" } else { "" };
                below.names.push(format!("{area}{}", record.name));
            }
        })?;
        Ok(below)
    }

    /// The names of those that do not hold with the new certificate, CAs as `ca/NAME`: all of them, or none where it
    /// has the same name and key.
    #[must_use]
    pub fn orphaned(&self, new: &Record) -> &[String] {
        match &self.replaced {
            Some(old) if !is_same_authority(old, new) => &self.names,
            _ => &[],
        }
    }
}

fn is_same_authority(old: &Record, new: &Record) -> bool {
    let (Ok((_, old)), Ok((_, new))) = (
        TbsCertificate::from_der(&old.to_be_signed),
        TbsCertificate::from_der(&new.to_be_signed),
    ) else {
        return false;
    };
    old.subject().as_raw() == new.subject().as_raw() && old.public_key().raw == new.public_key().raw
}
