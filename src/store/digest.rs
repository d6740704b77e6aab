//! Digests of what was written, for reading it back.

use std::{fs, io, path::Path};

use super::files;

/// Of all files of a directory.
pub(super) fn directory(directory: &Path) -> io::Result<[u8; 32]> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let content = zeroize::Zeroizing::new(files::read(&entry.path())?);
        parts.push((entry.file_name().to_string_lossy().into_owned(), content));
    }
    Ok(digest(parts.iter().map(|(name, content)| {
        (name.as_str(), content.as_slice())
    })))
}

/// Of one file.
pub(super) fn file(name: &str, path: &Path) -> io::Result<[u8; 32]> {
    let content = files::read(path)?;
    Ok(digest([(name, content.as_slice())].into_iter()))
}

/// SHA-256 over names and contents, whatever their order.
pub(super) fn digest<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> [u8; 32] {
    let mut sorted: Vec<_> = files.collect();
    sorted.sort_unstable();
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for (name, content) in sorted {
        for part in [name.as_bytes(), content] {
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
    }
    let mut octets = [0; 32];
    octets.copy_from_slice(context.finish().as_ref());
    octets
}
