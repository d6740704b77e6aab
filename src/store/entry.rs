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
    let path = layout.place(&Place::entry(name.clone())).join(file::KEY);
    let Some(octets) = read(layout, &path)? else {
        return Ok(None);
    };
    let octets = Zeroizing::new(octets);
    let content = |error: KeyFileError| StoreError::Content {
        path: path.clone(),
        reason: error.to_string(),
    };
    let key = key_file::read(&octets, None, public_key).map_err(content)?;
    if public_key.is_some_and(|public_key| public_key != key.public_key()) {
        return Err(content(KeyFileError::Mismatch));
    }
    Ok(Some(key))
}

/// Whether an entry has its directory; a symlink in its place is none.
///
/// # Errors
///
/// Where that cannot be told.
pub fn exists(layout: &Layout, name: &EntryName) -> Result<bool, StoreError> {
    let path = layout.place(&Place::entry(name.clone()));
    let found = layout.directory().find(&path);
    let found = found.map_err(|error| StoreError::io("look at", &path, error))?;
    Ok(found.is_some_and(|found| found.is_directory()))
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

fn read(layout: &Layout, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match layout.directory().read(path) {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", path, error)),
    }
}
