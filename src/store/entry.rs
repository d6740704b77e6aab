//! Entries as they lie in the PKI directory.

use std::{io, path::Path};

use zeroize::Zeroizing;

use super::{
    StoreError,
    layout::{Layout, Place, file},
};
use crate::pki::{
    certificate::Certificate,
    entry_name::EntryName,
    key::PrivateKey,
    key_file::{self, KeyFileError},
    pem,
};

/// Reads the key of an entry; `None` where it has none.
///
/// `certificate` is the one that the key must belong to, if there is one.
///
/// # Errors
///
/// Where the file cannot be read, holds no usable key, or one that belongs elsewhere.
pub fn key(
    layout: &Layout,
    name: &EntryName,
    public_key: Option<&[u8]>,
) -> Result<Option<PrivateKey>, StoreError> {
    key_in(layout, name, file::KEY, public_key)
}

/// Reads the key that waits for the next certificate of an entry in use; `None` where none does.
///
/// # Errors
///
/// Where the file cannot be read, or holds no usable key.
pub fn waiting_key(layout: &Layout, name: &EntryName) -> Result<Option<PrivateKey>, StoreError> {
    key_in(layout, name, file::NEW_KEY, None)
}

fn key_in(
    layout: &Layout,
    name: &EntryName,
    file: &str,
    public_key: Option<&[u8]>,
) -> Result<Option<PrivateKey>, StoreError> {
    let path = layout.place(&Place::entry(name.clone())).join(file);
    let Some(octets) = read(layout, &path)? else {
        return Ok(None);
    };
    let octets = Zeroizing::new(octets);
    let content = |error: KeyFileError| StoreError::Content {
        path: path.clone(),
        reason: error.of_file(&path),
    };
    let key = key_file::read(&octets, None, public_key).map_err(content)?;
    if public_key.is_some_and(|public_key| public_key != key.public_key()) {
        return Err(content(KeyFileError::Mismatch));
    }
    Ok(Some(key))
}

/// Reads the certificate of an entry and what follows it; empty where it has none.
///
/// # Errors
///
/// Where the file cannot be read, or holds no certificates.
pub fn certificates(layout: &Layout, name: &EntryName) -> Result<Vec<Certificate>, StoreError> {
    let place = layout.place(&Place::entry(name.clone()));
    let path = place.join(file::CERTIFICATE);
    let Some(octets) = read(layout, &path)? else {
        return Ok(Vec::new());
    };
    pem::decode_certificates(&octets).map_err(|error| StoreError::Content {
        path,
        reason: error.to_string(),
    })
}

/// Reads another file of an entry; `None` where it is missing.
///
/// # Errors
///
/// Where it cannot be read.
pub fn other(layout: &Layout, name: &EntryName, file: &str) -> Result<Option<Vec<u8>>, StoreError> {
    read(
        layout,
        &layout.place(&Place::entry(name.clone())).join(file),
    )
}

/// A file that somebody has put into the directory of an entry.
#[derive(Debug)]
pub struct Foreign {
    /// Its name
    pub name: String,
    /// Its mode
    pub mode: u32,
    /// What it holds, which may be a key
    pub content: Zeroizing<Vec<u8>>,
}

/// The regular files in the directory of an entry that are none of certctl's, such as the CRL that a server reads
/// there: where the directory is swapped for another, they come along.
///
/// # Errors
///
/// Where one cannot be read.
pub fn foreign(layout: &Layout, name: &EntryName) -> Result<Vec<Foreign>, StoreError> {
    let path = layout.place(&Place::entry(name.clone()));
    let failed = |error| StoreError::io("read", &path, error);
    let directory = layout.directory().directory(&path).map_err(failed)?;
    let mut found = Vec::new();
    for name in directory.names().map_err(failed)? {
        let look = directory.look(&name).map_err(failed)?;
        if look.is_file() && !file::ALL.contains(&name.as_str()) {
            let content = directory.read(&name).map_err(failed)?;
            found.push(Foreign {
                mode: look.mode & 0o777,
                content: Zeroizing::new(content),
                name,
            });
        }
    }
    Ok(found)
}

fn read(layout: &Layout, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match layout.directory().read(path) {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", path, error)),
    }
}
