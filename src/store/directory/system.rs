//! What Linux has and macOS has not: there the same is done in more steps, or with less certainty.

use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Component, Path},
};

use rustix::{
    fs::{Mode, OFlags, RawMode, openat},
    io::Errno,
};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{TO_LOOK, begin_to_sync, change_mode, open, sync_all};
#[cfg(target_os = "linux")]
pub(super) use linux::{TO_LOOK, begin_to_sync, change_mode, open, sync_all};

/// Permission bits as the system's calls take them.
pub(super) fn bits(mode: u32) -> Mode {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "twelve bits; the widths differ"
    )]
    Mode::from_raw_mode((mode & 0o7777) as RawMode)
}

/// As `openat2` without symlinks: opens one name after the other.
pub(super) fn walk(
    from: BorrowedFd<'_>,
    path: &Path,
    flags: OFlags,
    mode: Mode,
) -> rustix::io::Result<OwnedFd> {
    let step = TO_LOOK | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut names: Vec<_> = path.components().map(Component::as_os_str).collect();
    let last = names.pop().ok_or(Errno::INVAL)?;
    let mut opened: Option<OwnedFd> = None;
    for name in names {
        let at = opened.as_ref().map_or(from, AsFd::as_fd);
        let next = openat(at, name, step, Mode::empty())?;
        opened = Some(next);
    }
    openat(opened.as_ref().map_or(from, AsFd::as_fd), last, flags, mode)
}

/// Whether the file system cannot do what was asked for.
pub(super) fn is_unsupported(error: Errno) -> bool {
    // Two names for one number on Linux.
    let is_not_supported = error == Errno::OPNOTSUPP || error == Errno::NOTSUP;
    is_not_supported || matches!(error, Errno::INVAL | Errno::NOSYS)
}
