//! The PKI directory: who may work on it, what lies in it, and how it changes as a whole or not at all.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

pub mod authority;
pub mod files;
pub mod layout;
pub mod ledger;
mod lock;
mod publish;
pub mod transaction;

use layout::{Area, Layout};
use ledger::Ledger;
use lock::Sharing;
use transaction::Transaction;

use crate::pki::entry_name::EntryName;

/// Why the PKI directory cannot be used, or was not changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file of a CA or entry cannot be used as it is.
    #[error("{}: {reason}", .path.display())]
    Content {
        /// The file
        path: PathBuf,
        /// What is wrong with it
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// What was tried, as a verb
        action: &'static str,
        /// On which file or directory
        path: PathBuf,
        /// Why not
        source: io::Error,
    },
    /// A CA's private key that others can read or write.
    #[error("{} has mode {mode:04o}: others can use the CA's key", .path.display())]
    KeyExposed {
        /// The key file
        path: PathBuf,
        /// Its permission bits
        mode: u32,
    },
    /// SQLite refused.
    #[error("the ledger failed: {0}")]
    Ledger(#[from] rusqlite::Error),
    /// CAs or entries without a ledger.
    #[error("{} has certificates but no ledger.db", .0.display())]
    LedgerMissing(PathBuf),
    /// Made by a later certctl.
    #[error("ledger.db has version {0}, which this certctl does not know")]
    LedgerVersion(i64),
    /// Somebody else worked on it for too long.
    #[error("{} is in use by another certctl, waited {} s", .directory.display(), .wait.as_secs())]
    Locked {
        /// The PKI directory
        directory: PathBuf,
        /// How long
        wait: Duration,
    },
    /// No CA of this name.
    #[error("there is no CA `{0}`")]
    NoAuthority(EntryName),
    /// There is no PKI directory.
    #[error("there is no PKI in {}", .0.display())]
    NoPki(PathBuf),
}

impl StoreError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// What a command wants with the PKI directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Change it, and make it where it is missing
    Create,
    /// Only look
    Read,
    /// Change it
    Write,
}

/// An open and locked PKI directory.
#[derive(Debug)]
pub struct Pki {
    layout: Layout,
    ledger: Ledger,
    repaired: Option<&'static str>,
    /// Made by this command: goes again if nothing comes of it.
    created: bool,
    _lock: File,
}

impl Pki {
    /// Opens and locks the PKI directory, waiting up to `wait`, and repairs what an interrupted command left.
    ///
    /// # Errors
    ///
    /// Where there is none (unless `access` is [`Access::Create`]), it stays locked, or it cannot be read.
    pub fn open(directory: &Path, access: Access, wait: Duration) -> Result<Self, StoreError> {
        let (root, created) = locate(directory, access)?;
        let layout = Layout::new(root);
        if access == Access::Read
            && let Some(pki) = Self::open_shared(&layout, wait)?
        {
            return Ok(pki);
        }
        let lock = lock::lock(layout.root(), Sharing::Exclusive, wait)?;
        let found = has_ledger(&layout, access);
        if let (Err(_), true) = (&found, created) {
            let _ = fs::remove_dir(layout.root());
        }
        found?;
        let ledger = Ledger::open(&layout.ledger())?;
        let mut pki = Self {
            layout,
            ledger,
            repaired: None,
            created,
            _lock: lock,
        };
        pki.repaired = publish::recover(&pki.layout, &mut pki.ledger)?;
        Ok(pki)
    }

    /// For a reader: beside others where nothing is to be repaired; `None` where something is.
    fn open_shared(layout: &Layout, wait: Duration) -> Result<Option<Self>, StoreError> {
        let lock = lock::lock(layout.root(), Sharing::Shared, wait)?;
        has_ledger(layout, Access::Read)?;
        let ledger = match Ledger::open(&layout.ledger()) {
            Err(StoreError::Ledger(error)) if is_read_only(&error) => {
                Ledger::open_read_only(&layout.ledger())?
            }
            other => other?,
        };
        if publish::needs_recovery(layout, &ledger)? {
            return Ok(None);
        }
        let layout = layout.clone();
        Ok(Some(Self {
            layout,
            ledger,
            repaired: None,
            created: false,
            _lock: lock,
        }))
    }

    /// Where everything lies.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What was signed.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What was repaired when the directory was opened, in words for the user.
    #[must_use]
    pub fn repaired(&self) -> Option<&'static str> {
        self.repaired
    }

    /// Begins a change. Dropped without [`Transaction::commit`], it leaves everything as it was.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        Transaction::begin(&self.layout, &mut self.ledger)
    }
}

impl Drop for Pki {
    /// A directory that this command made and never used goes again, still under the lock.
    fn drop(&mut self) {
        if !self.created || !self.ledger.is_empty().unwrap_or(false) {
            return;
        }
        // A request for a certificate leaves a key, and no row.
        if has_certificates(&self.layout) {
            return;
        }
        for name in ["ledger.db-wal", "ledger.db-shm", "ledger.db"] {
            let _ = fs::remove_file(self.layout.root().join(name));
        }
        for area in Area::ALL {
            let _ = fs::remove_dir(self.layout.area(area));
        }
        let _ = fs::remove_dir(self.layout.root());
    }
}

/// Finds the directory, or makes it; true where it was made.
fn locate(directory: &Path, access: Access) -> Result<(PathBuf, bool), StoreError> {
    let created = match access {
        Access::Create => match files::create_directory(directory) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(StoreError::io("make", directory, error)),
        },
        Access::Read | Access::Write => false,
    };
    match fs::canonicalize(directory) {
        Ok(root) if root.is_dir() => Ok((root, created)),
        Ok(_) => Err(StoreError::io(
            "use",
            directory,
            io::ErrorKind::NotADirectory.into(),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(StoreError::NoPki(directory.to_owned()))
        }
        Err(error) => Err(StoreError::io("open", directory, error)),
    }
}

/// Makes sure that there is a ledger; makes an empty one only where there are no certificates.
fn has_ledger(layout: &Layout, access: Access) -> Result<(), StoreError> {
    let path = layout.ledger();
    match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() => return Ok(()),
        Ok(_) => {
            return Err(StoreError::io(
                "use",
                &path,
                io::Error::other("not a regular file"),
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(StoreError::io("open", &path, error)),
    }
    if has_certificates(layout) {
        return Err(StoreError::LedgerMissing(layout.root().to_owned()));
    }
    if access != Access::Create {
        return Err(StoreError::NoPki(layout.root().to_owned()));
    }
    // SQLite would make it readable for all; its -wal and -shm files take over this mode.
    let created = files::create(&path, &[], files::PRIVATE);
    created
        .map(drop)
        .map_err(|error| StoreError::io("make", &path, error))
}

/// Whether there is the directory of a CA or an entry.
fn has_certificates(layout: &Layout) -> bool {
    let mut areas = Area::ALL.into_iter().map(|area| layout.area(area));
    areas.any(|area| fs::read_dir(area).is_ok_and(|mut entries| entries.next().is_some()))
}

fn is_read_only(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
    let code = error.sqlite_error_code();
    code.is_some_and(|code| matches!(code, CannotOpen | PermissionDenied | ReadOnly))
}
