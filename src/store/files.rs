//! Files and directories with the mode of their kind from the first octet on, and how they reach the disk.

#![allow(clippy::missing_errors_doc)] // every error here is the operating system's

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use rustix::fs::OFlags;

/// Mode of what everybody may read: certificates, bundles, CRLs.
pub const PUBLIC: u32 = 0o644;
/// Mode of private keys and of the ledger.
pub const PRIVATE: u32 = 0o600;
/// Mode of every directory in which private keys lie.
pub const DIRECTORY: u32 = 0o700;

/// Largest file that is read: no certificate, key or CRL of use comes near it.
const MAX_READ: u64 = 256 << 20;

/// Creates a file that was not there, with its final mode, and writes it.
///
/// A file or symlink in its place is an error (O_EXCL), never followed and never written.
/// The mode holds as it is given because the process's umask takes none of its bits. Where there is no room
/// for the content, nothing is left.
pub fn create(path: &Path, octets: &[u8], mode: u32) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(octets).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })?;
    Ok(file)
}

/// Creates a directory for private keys.
pub fn create_directory(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(DIRECTORY).create(path)
}

/// Reads a whole file; a symlink in its place is not followed.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (file, metadata) = open(path)?;
    read_open(file, &metadata)
}

/// Opens a regular file for reading; a symlink in its place is not followed, and nothing blocks.
pub fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => {
            io::Error::other("it is a symlink, which is not followed")
        }
        _ => error,
    })?;
    regular(file)
}

/// Refuses what was opened and is no regular file.
pub(super) fn regular(file: File) -> io::Result<(File, Metadata)> {
    let metadata = file.metadata()?;
    match metadata.is_file() {
        true => Ok((file, metadata)),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        )),
    }
}

/// Reads a file from its beginning to its end.
pub fn read_open(file: File, metadata: &Metadata) -> io::Result<Vec<u8>> {
    if metadata.len() > MAX_READ {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "far too large"));
    }
    // One octet more, so that the buffer does not grow, and leave a copy behind, at the end.
    let mut octets = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.take(MAX_READ).read_to_end(&mut octets)?;
    Ok(octets)
}

/// Makes a directory's entries durable.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
