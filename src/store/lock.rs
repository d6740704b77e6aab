//! One writer at a time: an advisory lock on the ledger, which nobody else can open, so that nobody else can
//! hold it, and no lock file is left behind.

use std::{
    fs::{File, TryLockError},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{StoreError, layout::Layout};

/// How a command uses the PKI directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sharing {
    /// Alone
    Exclusive,
    /// With other readers
    Shared,
}

/// Locks the ledger, waiting up to `wait`; `None` where there is none.
///
/// The lock goes with the open file, so the kernel drops it when the process ends, however it ends.
/// A ledger that was removed or replaced while we waited is looked for again under its name.
pub(crate) fn lock(
    layout: &Layout,
    sharing: Sharing,
    wait: Duration,
) -> Result<Option<File>, StoreError> {
    let path = layout.ledger();
    let open = || match layout.directory().file(&path) {
        Ok((file, _)) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("open", &path, error)),
    };
    let patience = Patience::new(wait);
    while let Some(file) = open()? {
        patience.lock(layout, &file, sharing)?;
        let is_it = is_named(layout, &path, &file);
        if is_it.map_err(|error| StoreError::io("lock", &path, error))? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// How long a command waits for others, all in all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    wait: Duration,
    /// None where it lies beyond all time
    end: Option<Instant>,
}

impl Patience {
    pub(crate) fn new(wait: Duration) -> Self {
        let end = Instant::now().checked_add(wait);
        Self { wait, end }
    }

    /// Locks an open file in the PKI directory, whatever its name is by then.
    pub(crate) fn lock(
        self,
        layout: &Layout,
        file: &File,
        sharing: Sharing,
    ) -> Result<(), StoreError> {
        /// How often a held lock is tried again: short beside the work done under it.
        const INTERVAL: Duration = Duration::from_millis(5);
        loop {
            let taken = match sharing {
                Sharing::Exclusive => file.try_lock(),
                Sharing::Shared => file.try_lock_shared(),
            };
            match taken {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock)
                    if self.end.is_none_or(|end| Instant::now() < end) =>
                {
                    thread::sleep(INTERVAL);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::Locked {
                        directory: layout.root().to_owned(),
                        wait: self.wait,
                    });
                }
                Err(TryLockError::Error(error)) => {
                    return Err(StoreError::io("lock", &layout.ledger(), error));
                }
            }
        }
    }
}

/// Whether an open file has this name.
pub(crate) fn is_named(layout: &Layout, path: &Path, file: &File) -> io::Result<bool> {
    let held = file.metadata()?;
    let named = layout.directory().find(path)?;
    Ok(named.is_some_and(|named| (named.device, named.inode) == (held.dev(), held.ino())))
}
