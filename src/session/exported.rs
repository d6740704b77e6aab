//! An entry or CA, as an export takes it.

use std::{io, path::Path};

use zeroize::Zeroizing;

use super::{
    Report,
    names::Target,
    passphrases::{KeyFile, Passphrases},
    signers::{believed, standing_authority},
};
use crate::{
    export::File,
    issuance::authorities::authorities,
    pki::{certificate::Certificate, key::PrivateKey, key_file::KeyFileError},
    store::{
        Pki, StoreError, files,
        layout::{Area, Layout, Place, file},
    },
};

/// What was read of an entry or CA.
pub(crate) struct Read {
    pub(crate) is_authority: bool,
    pub(crate) files: Vec<File>,
    pub(crate) chain: Vec<Certificate>,
    pub(crate) roots: Vec<Certificate>,
    pub(crate) key: Option<PrivateKey>,
}

/// What is to be read.
pub(crate) struct Wish<'a> {
    pub(crate) target: &'a Target,
    /// Whether a CA's key is taken along
    pub(crate) with_key: bool,
    /// Whether the key is needed itself, and not its file
    pub(crate) opens_key: bool,
}

impl Wish<'_> {
    /// Where it lies.
    pub(crate) fn place(&self, read: &Read) -> Place {
        match read.is_authority {
            true => Place::authority(self.target.name.clone()),
            false => Place::entry(self.target.name.clone()),
        }
    }

    /// Reads it; an entry goes first where nobody says which.
    pub(crate) fn read(&self, pki: &Pki, passphrases: &Passphrases<'_>) -> Result<Read, Report> {
        let entry = Place::entry(self.target.name.clone());
        let directory = pki.layout().place(&entry);
        let is_there = |path: &Path| Ok::<_, Report>(pki.layout().find(path)?.is_some());
        if self.target.area != Some(Area::Authorities) && is_there(&directory)? {
            return Ok(Read {
                is_authority: false,
                files: read_files(pki.layout(), &directory, true)?,
                chain: pki.certificates(&directory.join(file::CERTIFICATE))?,
                roots: pki.certificates(&directory.join(file::TRUST))?,
                key: self.read_key(pki, &directory, passphrases)?,
            });
        }
        let directory = pki
            .layout()
            .area(Area::Authorities)
            .join(self.target.name.as_str());
        if self.target.area == Some(Area::Entries) || !is_there(&directory)? {
            believed(&authorities(pki)?, &self.target.name)?;
            return Err(Report::failed(
                "no-entry",
                format!("there is no entry or CA `{}`", self.target.name),
            )
            .hint("`certctl list` shows all"));
        }
        let authority = standing_authority(pki, &self.target.name)?;
        let chain = match authority.chain.is_empty() {
            true => vec![authority.certificate],
            false => authority.chain,
        };
        Ok(Read {
            is_authority: true,
            files: read_files(pki.layout(), &directory, self.with_key)?,
            chain,
            roots: authority.roots,
            key: match self.with_key {
                true => self.read_key(pki, &directory, passphrases)?,
                false => None,
            },
        })
    }

    /// The private key, where it is here and the format needs it opened.
    fn read_key(
        &self,
        pki: &Pki,
        directory: &Path,
        passphrases: &Passphrases<'_>,
    ) -> Result<Option<PrivateKey>, Report> {
        let path = directory.join(file::KEY);
        let from = pki.layout().directory();
        if !self.opens_key || !pki.layout().holds(&path)? {
            return Ok(None);
        }
        let octets = from
            .read(&path)
            .map_err(|error| StoreError::io("read", &path, error))?;
        let octets = Zeroizing::new(octets);
        let certificates = pki.certificates(&directory.join(file::CERTIFICATE))?;
        let content = |reason: String| StoreError::Content {
            path: path.clone(),
            reason,
        };
        let leaf = certificates
            .first()
            .ok_or_else(|| content(String::from("there is no certificate beside it")))?;
        let file = KeyFile {
            name: &self.target.name,
            owner: &format!("`{}`", self.target.name),
            path: &path,
            octets: &octets,
        };
        let failed = |error: KeyFileError| content(error.of_file(&path)).into();
        passphrases.key(&file, leaf, failed).map(Some)
    }
}

/// The files of a directory, by name; the key only where it is wanted.
fn read_files(layout: &Layout, directory: &Path, with_key: bool) -> Result<Vec<File>, Report> {
    let mut found = Vec::new();
    for name in file::ALL {
        let path = directory.join(name);
        // A key that waits for its certificate is of no use to anybody yet.
        if name == file::NEW_KEY || [file::KEY, file::KEY_URI].contains(&name) && !with_key {
            continue;
        }
        let (open, metadata) = match layout.directory().file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other.map_err(|error| StoreError::io("read", &path, error))?,
        };
        let content = files::read_open(open, &metadata)
            .map_err(|error| StoreError::io("read", &path, error))?;
        found.push(File {
            name,
            mode: file::mode(name),
            content: Zeroizing::new(content),
        });
    }
    found.sort_by_key(|file| file.name);
    Ok(found)
}
