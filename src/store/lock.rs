//! One writer at a time: an advisory lock on the PKI directory itself, so that no lock file is left behind.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::StoreError;

/// How a command uses the PKI directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sharing {
    /// Alone
    Exclusive,
    /// With other readers
    Shared,
}

/// Locks `directory`, waiting up to `wait`.
///
/// The lock goes with the open directory, so the kernel drops it when the process ends, however it ends.
/// A directory that was removed and made anew while we waited is locked again under its name; one that was
/// removed for good is [`StoreError::NoPki`].
pub(super) fn lock(directory: &Path, sharing: Sharing, wait: Duration) -> Result<File, StoreError> {
    /// How often a held lock is tried again: short beside the work done under it.
    const INTERVAL: Duration = Duration::from_millis(5);
    let deadline = Instant::now().checked_add(wait);
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::NoPki(directory.to_owned()),
        _ => StoreError::io("lock", directory, error),
    };
    loop {
        let file = File::open(directory).map_err(failed)?;
        let taken = match sharing {
            Sharing::Exclusive => file.try_lock(),
            Sharing::Shared => file.try_lock_shared(),
        };
        match taken {
            Ok(()) if is_still(directory, &file).map_err(failed)? => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if deadline.is_none_or(|end| Instant::now() < end) => {
                thread::sleep(INTERVAL);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked {
                    directory: directory.to_owned(),
                    wait,
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
}

fn is_still(path: &Path, file: &File) -> io::Result<bool> {
    let (named, held) = (fs::metadata(path)?, file.metadata()?);
    Ok(named.dev() == held.dev() && named.ino() == held.ino())
}
