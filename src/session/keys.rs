//! Keys of entries and CAs, as they lie in their files.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::{
    Report,
    passphrases::{KeyFile, Passphrases},
};
use crate::{
    pki::{certificate::Certificate, entry_name::EntryName, key::PrivateKey, key_file},
    store::{
        Pki, StoreError, entry,
        layout::{Area, Place, file},
    },
};

/// A key's file, and the certificate that it belongs to.
pub(crate) struct Stored {
    pub(crate) path: PathBuf,
    name: EntryName,
    owner: String,
    octets: Zeroizing<Vec<u8>>,
    certificate: Certificate,
}

impl Stored {
    /// That of an entry or a CA.
    pub(crate) fn of(pki: &Pki, place: &Place) -> Result<Self, Report> {
        let name = &place.name;
        let absent = || {
            let message = format!("the key of `{name}` is not here");
            Report::failed("no-key", message)
        };
        if place.area == Area::Authorities
            && let Some(uri) = pki.authority_key_uri(name)?
        {
            let message = format!("the key of the CA `{name}` is {uri}, and not in a file here");
            return Err(Report::refused("key-elsewhere", message)
                .hint("its PIN is changed where the key is"));
        }
        let path = pki.layout().place(place).join(file::KEY);
        if !pki.layout().holds(&path)? {
            return Err(absent());
        }
        if place.area == Area::Authorities {
            return Self::of_authority(pki, name);
        }
        let certificate = entry::certificates(pki.layout(), name)?.into_iter().next();
        let octets = pki.layout().directory().read(&path);
        let octets = octets.map_err(|error| StoreError::io("read", &path, error))?;
        Ok(Self {
            path,
            name: name.clone(),
            owner: format!("`{name}`"),
            octets: Zeroizing::new(octets),
            certificate: certificate.ok_or_else(absent)?,
        })
    }

    /// That of a CA.
    pub(crate) fn of_authority(pki: &Pki, name: &EntryName) -> Result<Self, Report> {
        let certificate = pki.authority(name)?.certificate;
        let (path, octets) = pki.authority_key_file(name)?;
        Ok(Self {
            path,
            name: name.clone(),
            owner: format!("the CA `{name}`"),
            octets,
            certificate,
        })
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        key_file::is_encrypted(&self.octets)
    }

    /// The key itself, with its passphrase where it has one.
    pub(crate) fn open(&self, passphrases: &Passphrases<'_>) -> Result<PrivateKey, Report> {
        let file = KeyFile {
            name: &self.name,
            owner: &self.owner,
            path: &self.path,
            octets: &self.octets,
        };
        passphrases.key(&file, &self.certificate, |error| {
            Report::failed("content", format!("{}: {error}", self.path.display()))
        })
    }
}
