//! Linux.

use std::{
    io,
    os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{Advice, Mode, OFlags, ResolveFlags, fadvise, openat2, syncfs},
    io::Errno,
};

use super::{bits, walk};

/// Opens to look at only, what nobody may read too.
pub(in super::super) const TO_LOOK: OFlags = OFlags::PATH;

pub(in super::super) fn open(
    from: BorrowedFd<'_>,
    path: &Path,
    flags: OFlags,
    mode: Mode,
) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    match openat2(from, path, flags, mode, resolve) {
        // Linux before 5.6 has no such call, and some containers forbid it.
        Err(Errno::NOSYS | Errno::PERM) => walk(from, path, flags, mode),
        opened => opened,
    }
}

/// Changes the mode of what was opened to look at.
pub(in super::super) fn change_mode(file: &OwnedFd, to: u32) -> io::Result<()> {
    // The one way to an open file that was not opened for reading.
    let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(rustix::fs::chmod(descriptor, bits(to))?)
}

/// Makes everything on the file system durable.
pub(in super::super) fn sync_all(directory: BorrowedFd<'_>) -> io::Result<()> {
    Ok(syncfs(directory)?)
}

/// Sends a file on its way to the disk, as far as that can be: a sync decides.
pub(in super::super) fn begin_to_sync(file: impl AsFd) {
    let _ = fadvise(file, 0, None, Advice::DontNeed);
}
