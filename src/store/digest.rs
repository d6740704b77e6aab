//! Digests of what was written, for reading it back.

use std::{io, path::Path};

use zeroize::Zeroizing;

use super::directory::Directory;

/// Of all files of a directory below `base`.
pub(super) fn directory(base: &Directory, path: &Path) -> io::Result<[u8; 32]> {
    let directory = base.directory(path)?;
    let mut parts = Vec::new();
    for name in directory.names()? {
        let content = Zeroizing::new(directory.read(&name)?);
        parts.push((name, content));
    }
    Ok(digest(parts.iter().map(|(name, content)| {
        (name.as_str(), content.as_slice())
    })))
}

/// Of one file below `base`.
pub(super) fn file(base: &Directory, name: &str, path: &Path) -> io::Result<[u8; 32]> {
    let content = base.read(path)?;
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
