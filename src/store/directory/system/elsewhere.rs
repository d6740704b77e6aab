//! Every other system: macOS.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::fs::OFlags;

use super::bits;

/// Opens to look at: what may be read.
pub(in super::super) const TO_LOOK: OFlags = OFlags::NONBLOCK;

pub(in super::super) use super::walk as open;

/// Changes the mode of what was opened to look at.
pub(in super::super) fn change_mode(file: &OwnedFd, to: u32) -> io::Result<()> {
    Ok(rustix::fs::fchmod(file, bits(to))?)
}

/// Makes everything durable: sync(2) begins it, and the flush of one file is that of its whole disk.
pub(in super::super) fn sync_all(directory: BorrowedFd<'_>) -> io::Result<()> {
    rustix::fs::sync();
    Ok(rustix::fs::fcntl_fullfsync(directory)?)
}

/// Nothing begins before the sync.
pub(in super::super) fn begin_to_sync(_: impl AsFd) {}
