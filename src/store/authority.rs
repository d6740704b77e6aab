//! CAs as they lie in the PKI directory.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{
    Pki, StoreError, files,
    layout::{Place, file},
    ledger::Record,
};
use crate::pki::{
    certificate::Certificate, entry_name::EntryName, key::PrivateKey, key_file,
    key_file::KeyFileError, key_uri::KeyUri, pem, secret::Passphrase,
};

/// A CA with everything that its leaves carry along.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its name in the PKI directory
    pub name: EntryName,
    /// Its certificate
    pub certificate: Certificate,
    /// Itself and its parents, without the root; empty for a root
    pub chain: Vec<Certificate>,
    /// Of a root that another CA has cross-signed, what leads on to that one's root; empty elsewhere
    pub cross: Vec<Certificate>,
    /// The CAs that `ca-chain.pem` lists behind the roots: its chain, and while it is rotated that of the other
    pub intermediates: Vec<Certificate>,
    /// The trust bundle of its root; while that is rotated, its successor too
    pub roots: Vec<Certificate>,
}

impl Authority {
    /// What stands behind a certificate that it signs: its chain and, where its root is cross-signed, what leads on.
    #[must_use]
    pub fn behind(&self) -> Vec<Certificate> {
        [&self.chain[..], &self.cross].concat()
    }
}

/// Bits of a mode that let others use a file.
const OTHERS: u32 = 0o077;

impl Pki {
    /// Names of the CAs that are in use, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn authorities(&self) -> Result<Vec<Record>, StoreError> {
        self.ledger.authorities()
    }

    /// Reads a CA's certificates, not its key.
    ///
    /// # Errors
    ///
    /// Where there is no such CA, or its files cannot be read or do not fit together.
    pub fn authority(&self, name: &EntryName) -> Result<Authority, StoreError> {
        let no_authority = || StoreError::NoAuthority(name.clone());
        let records = self.ledger.authorities()?;
        let find = |name: &EntryName| records.iter().find(|record| record.name == *name);
        let mut root = find(name).ok_or_else(no_authority)?;
        // A loop would need a CA that signed its own issuer; the ledger's length bounds it all the same.
        for _ in 0..records.len() {
            match root.issuer.as_ref().and_then(find) {
                Some(parent) => root = parent,
                None => break,
            }
        }
        let root = root.name.clone();
        let directory = self.authority_directory(name);
        let files = Files {
            certificate: &directory.join(file::CERTIFICATE),
            chain: &directory.join(file::CHAIN),
            bundle: &self.authority_directory(&root).join(file::BUNDLE),
        };
        let chain = match root == *name {
            true => Vec::new(),
            false => self.certificates(files.chain)?,
        };
        let cross = match root == *name {
            true => self.crossed(name)?,
            false => Vec::new(),
        };
        let authority = Authority {
            name: name.clone(),
            certificate: self.certificates(files.certificate)?.swap_remove(0),
            intermediates: self.intermediates(name, &[&chain[..], &cross].concat())?,
            chain,
            cross,
            roots: self.certificates(files.bundle)?,
        };
        self.check_lineage(&authority, &files)?;
        Ok(authority)
    }

    /// Reads a CA that lost its root. Its own certificate is believed, for the ledger knows it; what lies beside it no
    /// longer leads anywhere, and is only good for the archive.
    ///
    /// # Errors
    ///
    /// Where its files cannot be read, or nobody here has recorded its certificate.
    pub fn orphan(&self, name: &EntryName) -> Result<Authority, StoreError> {
        let directory = self.authority_directory(name);
        let path = directory.join(file::CERTIFICATE);
        let certificate = self.certificates(&path)?.swap_remove(0);
        self.check_recorded(std::slice::from_ref(&certificate), &path)?;
        Ok(Authority {
            name: name.clone(),
            certificate,
            chain: self.certificates(&directory.join(file::CHAIN))?,
            cross: Vec::new(),
            intermediates: Vec::new(),
            roots: Vec::new(),
        })
    }

    pub(super) fn authority_directory(&self, name: &EntryName) -> PathBuf {
        self.layout().place(&Place::authority(name.clone()))
    }

    /// Reads all certificates of a PEM file; at least one.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or holds none.
    pub fn certificates(&self, path: &Path) -> Result<Vec<Certificate>, StoreError> {
        let octets = self
            .layout()
            .directory()
            .read(path)
            .map_err(|error| StoreError::io("read", path, error))?;
        let content = |reason: String| StoreError::Content {
            path: path.to_owned(),
            reason,
        };
        match pem::decode_certificates(&octets) {
            Ok(certificates) if certificates.is_empty() => {
                Err(content(String::from("there is no certificate in it")))
            }
            Ok(certificates) => Ok(certificates),
            Err(error) => Err(content(error.to_string())),
        }
    }

    /// Octets of a CA's key file, once it is sure that nobody else can use it.
    ///
    /// # Errors
    ///
    /// Where others can use the key, or it cannot be read.
    pub fn authority_key_file(
        &self,
        name: &EntryName,
    ) -> Result<(PathBuf, Zeroizing<Vec<u8>>), StoreError> {
        let path = self.authority_directory(name).join(file::KEY);
        let failed = |error| StoreError::io("read", &path, error);
        let (file, metadata) = self.layout().directory().file(&path).map_err(failed)?;
        let mode = metadata.mode() & 0o7777;
        if mode & OTHERS != 0 {
            return Err(StoreError::KeyExposed { path, mode });
        }
        refuse_foreign(&path, &metadata)?;
        self.check_own(name)?;
        let octets = files::read_open(file, &metadata).map_err(failed)?;
        Ok((path, Zeroizing::new(octets)))
    }

    /// Whether a CA can sign here: its key lies here, or what names it where it is.
    ///
    /// # Errors
    ///
    /// Where that cannot be told.
    pub fn has_authority_key(&self, name: &EntryName) -> Result<bool, StoreError> {
        let directory = self.authority_directory(name);
        let mut found = [file::KEY, file::KEY_URI]
            .into_iter()
            .map(|file| self.layout().holds(&directory.join(file)));
        found.try_fold(false, |known, it| Ok(known || it?))
    }

    /// What names a CA's key where it is in a token or an agent; `None` where nothing does.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, is no such name or somebody else's, or a key lies beside it.
    pub fn authority_key_uri(&self, name: &EntryName) -> Result<Option<KeyUri>, StoreError> {
        let directory = self.authority_directory(name);
        let path = directory.join(file::KEY_URI);
        if !self.layout().holds(&path)? {
            return Ok(None);
        }
        let content = |reason: String| StoreError::Content {
            path: path.clone(),
            reason,
        };
        if self.layout().holds(&directory.join(file::KEY))? {
            let reason = format!("{} lies beside it: one of the two has to go", file::KEY);
            return Err(content(reason));
        }
        let failed = |error| StoreError::io("read", &path, error);
        let (file, metadata) = self.layout().directory().file(&path).map_err(failed)?;
        refuse_foreign(&path, &metadata)?;
        self.check_own(name)?;
        let octets = files::read_open(file, &metadata).map_err(failed)?;
        let uri = KeyUri::from_file(&octets).map_err(|error| content(error.to_string()))?;
        Ok(Some(uri))
    }
}

/// Refuses a key, or what names it, that another user has put there.
fn refuse_foreign(path: &Path, metadata: &Metadata) -> Result<(), StoreError> {
    let own = rustix::process::geteuid().as_raw();
    let owner = metadata.uid();
    match owner == own || owner == 0 {
        true => Ok(()),
        false => Err(StoreError::KeyForeign {
            path: path.to_owned(),
            owner,
        }),
    }
}

/// Reads a CA's key and makes sure that it belongs to the certificate.
///
/// # Errors
///
/// Where it is no key, does not open, or belongs to another certificate.
pub fn read_key(
    octets: &[u8],
    passphrase: Option<&Passphrase>,
    certificate: &Certificate,
) -> Result<PrivateKey, KeyFileError> {
    let public_key = certificate.public_key();
    let key = key_file::read(octets, passphrase, Some(&public_key))?;
    if key.public_key() != public_key {
        return Err(KeyFileError::Mismatch);
    }
    Ok(key)
}

/// Where the certificates of a CA stand.
pub(super) struct Files<'a> {
    pub(super) certificate: &'a Path,
    pub(super) chain: &'a Path,
    pub(super) bundle: &'a Path,
}
