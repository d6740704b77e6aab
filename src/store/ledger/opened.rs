//! What SQLite opened by its name is what lies in the open PKI directory.
//!
//! SQLite knows names alone. Where others can rename what is above a PKI directory, they could put another in
//! its place while it is opened.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::process::geteuid;

use crate::store::{StoreError, layout::Layout};

/// Whether others can put another directory in the place of the PKI directory.
pub(super) fn is_renamable(layout: &Layout) -> Result<bool, StoreError> {
    let failed = |error| StoreError::io("look at", layout.root(), error);
    let root = fs::canonicalize(layout.root()).map_err(failed)?;
    is_in_others_hands(&root).map_err(failed)
}

/// Refuses a ledger that was opened in another directory than the one that was looked at.
pub(super) fn check(layout: &Layout) -> Result<(), StoreError> {
    compare(layout).map_err(|error| StoreError::io("open", layout.root(), error))
}

/// Whether others can rename the directory, or one above it.
fn is_in_others_hands(root: &Path) -> io::Result<bool> {
    const WRITABLE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    for above in root.ancestors().skip(1) {
        let metadata = fs::metadata(above)?;
        let is_theirs = ![0, geteuid().as_raw()].contains(&metadata.uid());
        let mode = metadata.mode();
        if is_theirs || (mode & WRITABLE != 0 && mode & STICKY == 0) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Compares every open file that is called as the ledger is, or as SQLite's files beside it.
fn compare(layout: &Layout) -> io::Result<()> {
    for entry in fs::read_dir(DESCRIPTORS)? {
        let path = entry?.path();
        // The one that lists the directory is gone by then.
        let Ok(target) = target(&path) else {
            continue;
        };
        let Some(name) = called_as_a_ledger(&target) else {
            continue;
        };
        let opened = fs::metadata(&path)?;
        let there = layout.directory().find(name)?;
        if there.map(|look| (look.device, look.inode)) != Some((opened.dev(), opened.ino())) {
            return Err(io::Error::other("another directory took its place"));
        }
    }
    Ok(())
}

/// Where a process finds its own open files, by number.
#[cfg(target_os = "linux")]
const DESCRIPTORS: &str = "/proc/self/fd";
#[cfg(not(target_os = "linux"))]
const DESCRIPTORS: &str = "/dev/fd";

/// What an open file is called.
#[cfg(target_os = "linux")]
fn target(descriptor: &Path) -> io::Result<PathBuf> {
    fs::read_link(descriptor)
}

#[cfg(not(target_os = "linux"))]
fn target(descriptor: &Path) -> io::Result<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    // Opening it there is duplicating it.
    let path = rustix::fs::getpath(fs::File::open(descriptor)?)?;
    Ok(std::ffi::OsString::from_vec(path.into_bytes()).into())
}

fn called_as_a_ledger(target: &Path) -> Option<PathBuf> {
    let name = target.file_name()?.to_str()?;
    // So the kernel marks what has no name any more.
    let name = name.strip_suffix(" (deleted)").unwrap_or(name);
    let names = [
        "ledger.db",
        "ledger.db-shm",
        "ledger.db-wal",
        "ledger.db-journal",
    ];
    names.contains(&name).then(|| name.into())
}

/// Escapes what has a meaning in a `file:` URI.
pub(super) fn percent_encode(path: &[u8]) -> String {
    let encode = |octet: &u8| match octet {
        b'/' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(*octet).to_string(),
        octet => format!("%{octet:02x}"),
    };
    path.iter().map(encode).collect()
}
