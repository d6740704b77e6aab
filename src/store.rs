//! The PKI directory: who may work on it, what lies in it, and how it changes as a whole or not at all.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

pub mod authority;
mod digest;
pub mod entry;
pub mod files;
pub mod layout;
pub mod ledger;
mod ledger_files;
mod lock;
mod publish;
pub mod stage;
pub mod survey;
pub mod transaction;

use layout::{Layout, file};
use ledger::{Ledger, event::Author};
use ledger_files::{has_certificates, has_ledger, has_log, make_ledger, remove_logs};
use lock::Sharing;
use rusqlite::ffi;
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
    /// The change is on record, but publishing it did not come to its end.
    #[error("{0}")]
    Committed(#[source] Box<Self>),
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
    /// A CA's private key that belongs to another user, who can read it whatever its mode.
    #[error("{} belongs to user {owner}, who can use the CA's key", .path.display())]
    KeyForeign {
        /// The key file
        path: PathBuf,
        /// Its owner's number
        owner: u32,
    },
    /// SQLite refused.
    #[error("ledger.db: {0}")]
    Ledger(#[from] rusqlite::Error),
    /// A database that is none of certctl's, as an empty file is.
    #[error("ledger.db has none of certctl's tables")]
    LedgerForeign,
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
    /// A directory that nobody can check.
    #[error("{} holds neither a PKI nor a certificate or key ({}, {})", .0.display(), file::CERTIFICATE, file::KEY)]
    NotRecognised(PathBuf),
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

    /// Whether the ledger's log could not be written, or not whole, which leaves the ledger as it was.
    ///
    /// Other errors, that of a sync above all, do not tell what will be found on the disk.
    fn is_failed_write(&self) -> bool {
        let Self::Ledger(error) = self else {
            return false;
        };
        let code = error.sqlite_error().map(|error| error.extended_code);
        is_read_only(error) || matches!(code, Some(ffi::SQLITE_FULL | ffi::SQLITE_IOERR_WRITE))
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
    // Closed before the lock is given back.
    ledger: Ledger,
    held: Held,
    author: Author,
    repaired: Option<&'static str>,
}

/// A locked PKI directory. What this command made of it goes again, unless something came of it.
#[derive(Debug)]
struct Held {
    layout: Layout,
    made_directory: bool,
    made_ledger: bool,
    _lock: File,
}

impl Pki {
    /// Opens and locks the PKI directory, waiting up to `wait`, and repairs what an interrupted command left.
    ///
    /// # Errors
    ///
    /// Where there is none (unless `access` is [`Access::Create`]), it stays locked, or it cannot be read.
    pub fn open(directory: &Path, access: Access, wait: Duration) -> Result<Self, StoreError> {
        if access == Access::Read
            && let Some(pki) = Self::open_shared(directory, wait)?
        {
            return Ok(pki);
        }
        let mut held = Held::new(directory, access, wait)?;
        let mut repaired = None;
        if !has_ledger(&held.layout, access)? {
            repaired = publish::remove_leftovers(&held.layout)?;
            make_ledger(&held.layout)?;
            held.made_ledger = true;
        }
        if has_log(&held.layout) {
            // While it is still there to say so.
            publish::sync_published(&held.layout)?;
        }
        let ledger = Ledger::open(&held.layout.ledger())?;
        let mut pki = Self {
            ledger,
            held,
            author: Author::default(),
            repaired,
        };
        let recovered = publish::recover(&pki.held.layout, &mut pki.ledger)?;
        pki.repaired = recovered.or(repaired);
        Ok(pki)
    }

    /// For a reader: beside others where nothing is to be repaired; `None` where something is.
    fn open_shared(directory: &Path, wait: Duration) -> Result<Option<Self>, StoreError> {
        let (root, _) = locate(directory, Access::Read)?;
        let lock = lock::lock(&root, Sharing::Shared, wait)?;
        let held = Held::existing(root, lock);
        if has_ledger(&held.layout, Access::Read)? && has_log(&held.layout) {
            return Ok(None);
        }
        let ledger = match Ledger::open(&held.layout.ledger()) {
            // It would not see what is in a log, but there is none.
            Err(StoreError::Ledger(error)) if is_read_only(&error) => {
                Ledger::open_read_only(&held.layout.ledger())?
            }
            other => other?,
        };
        if publish::needs_recovery(&held.layout, &ledger)? {
            return Ok(None);
        }
        Ok(Some(Self {
            ledger,
            held,
            author: Author::default(),
            repaired: None,
        }))
    }

    /// Where everything lies.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.held.layout
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

    /// Says who makes the changes that follow, for the history.
    pub fn set_author(&mut self, author: Author) {
        self.author = author;
    }

    /// Begins a change. Dropped without [`Transaction::commit`], it leaves everything as it was.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        Transaction::begin(&self.held.layout, &mut self.ledger, self.author.clone())
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        let made = self.held.made_directory || self.held.made_ledger;
        // A request for a certificate leaves a key, and no row.
        if made && (has_certificates(self.layout()) || !self.ledger.is_empty().unwrap_or(false)) {
            self.held.keep();
        }
    }
}

impl Held {
    fn new(directory: &Path, access: Access, wait: Duration) -> Result<Self, StoreError> {
        /// As many commands do not come and go at the same instant.
        const ATTEMPTS: usize = 100;
        let attempt = || {
            let (root, made_directory) = locate(directory, access)?;
            let lock = lock::lock(&root, Sharing::Exclusive, wait)?;
            let mut held = Self::existing(root, lock);
            held.made_directory = made_directory;
            Ok(held)
        };
        let mut held = attempt();
        for _ in 1..ATTEMPTS {
            match held {
                // Another command made it, and took it away again because nothing came of it.
                Err(StoreError::NoPki(_)) if access == Access::Create => held = attempt(),
                _ => break,
            }
        }
        held
    }

    fn existing(root: PathBuf, lock: File) -> Self {
        Self {
            layout: Layout::new(root),
            made_directory: false,
            made_ledger: false,
            _lock: lock,
        }
    }

    fn keep(&mut self) {
        (self.made_directory, self.made_ledger) = (false, false);
    }
}

impl Drop for Held {
    /// Still under the lock.
    fn drop(&mut self) {
        if self.made_ledger {
            let _ = remove_logs(&self.layout);
            let _ = fs::remove_file(self.layout.ledger());
        }
        if self.made_directory {
            let _ = fs::remove_dir(self.layout.root());
        }
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
        Ok(root) if root.is_dir() => {
            if created {
                sync_parent(&root)?;
            }
            Ok((root, created))
        }
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

/// Makes a new directory's name durable. A parent that may be changed but not read stays as it is.
fn sync_parent(directory: &Path) -> Result<(), StoreError> {
    let Some(parent) = directory.parent() else {
        return Ok(());
    };
    match files::sync_directory(parent) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => {
            Err(StoreError::io("make durable", parent, error))
        }
        _ => Ok(()),
    }
}

fn is_read_only(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
    let code = error.sqlite_error_code();
    code.is_some_and(|code| matches!(code, CannotOpen | PermissionDenied | ReadOnly))
}
