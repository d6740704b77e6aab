//! The files of an entry or CA, as an export takes them.

use std::{io, path::Path};

use zeroize::Zeroizing;

use crate::{
    cli::Report,
    export::File,
    store::{
        StoreError, files,
        layout::{Layout, file},
    },
};

/// The files of a directory, by name; the key only where it is wanted.
pub(super) fn read_files(
    layout: &Layout,
    directory: &Path,
    with_key: bool,
) -> Result<Vec<File>, Report> {
    let mut found = Vec::new();
    for name in file::ALL {
        let path = directory.join(name);
        // A key that waits for its certificate is of no use to anybody yet.
        if name == file::NEW_KEY || name == file::KEY && !with_key {
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
