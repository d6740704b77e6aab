//! Why the PKI directory cannot be used, or was not changed.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{ErrorCode, ffi};

use super::{
    layout::file,
    shared::{SettingsError, SharedError},
    trust::Distrust,
};
use crate::pki::{entry_name::EntryName, serial::Serial};

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
    /// It is to be changed, and others can change it too.
    #[error("{0}: nothing is changed in a PKI directory that is not yours alone")]
    Distrusted(Distrust),
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
    /// A CA that is rotated, or one below it, would become another.
    #[error(
        "the CA `{0}` is being rotated: until that is done it is not replaced, not revoked, and gets no CA below it"
    )]
    Rotating(EntryName),
    /// SQLite refused.
    #[error("ledger.db: {}", words(.0))]
    Ledger(#[from] rusqlite::Error),
    /// A database that is none of certctl's, as an empty file is.
    #[error("ledger.db has none of certctl's tables")]
    LedgerForeign,
    /// There is something in the database that certctl did not make: a table, view, index or trigger.
    #[error("ledger.db was changed by another program: {0:?} is not as certctl makes it")]
    LedgerChanged(String),
    /// A change was written, and something else was read back.
    #[error("ledger.db does not say what was written of the certificate {0}; nothing was changed")]
    LedgerContradicts(Serial),
    /// What the ledger calls in use was archived already.
    #[error(
        "{} is archived, and in use as the ledger knows it: an older ledger was put back, which may have \
         forgotten a revocation", .path.display()
    )]
    LedgerOlder {
        /// Where it is
        path: PathBuf,
        /// The certificate's serial number
        serial: Serial,
    },
    /// CAs or entries without a ledger.
    #[error("{} has certificates but no ledger.db", .0.display())]
    LedgerMissing(PathBuf),
    /// It belongs to another shared ledger than the one that was named.
    #[error("{} belongs to another shared ledger: see its ledger.toml", .0.display())]
    LedgerAnother(PathBuf),
    /// It is no copy of a shared ledger, as it was to be.
    #[error("{} has a ledger of its own", .0.display())]
    LedgerOwn(PathBuf),
    /// Its copy in this directory does not belong to a shared ledger, or the other way round.
    #[error("{} and ledger.db do not belong together", .0.display())]
    LedgerParted(PathBuf),
    /// What was given cannot be a shared ledger's name.
    #[error("{0}")]
    LedgerUrl(SettingsError),
    /// A shared ledger did not decide, or decided against it.
    #[error("{0}")]
    Shared(SharedError),
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

    /// Whether another program has locked the ledger.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.code() == Some(ErrorCode::DatabaseBusy)
    }

    /// Whether the ledger may not be written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.code() == Some(ErrorCode::ReadOnly)
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Ledger(error) => error.sqlite_error_code(),
            _ => None,
        }
    }

    /// Whether the ledger's log could not be written, or not whole, which leaves the ledger as it was.
    ///
    /// Other errors, that of a sync above all, do not tell what will be found on the disk.
    pub(super) fn is_failed_write(&self) -> bool {
        let Self::Ledger(error) = self else {
            return false;
        };
        let code = error.sqlite_error().map(|error| error.extended_code);
        is_read_only(error) || matches!(code, Some(ffi::SQLITE_FULL | ffi::SQLITE_IOERR_WRITE))
    }
}

/// What is wrong, for who does not know SQLite.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::FromSqlConversionFailure(.., source) => {
            format!("there is what certctl never writes: {source}")
        }
        rusqlite::Error::InvalidQuery => String::from("there is a word that certctl never writes"),
        other => other.to_string(),
    }
}

pub(super) fn is_read_only(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
    let code = error.sqlite_error_code();
    code.is_some_and(|code| matches!(code, CannotOpen | PermissionDenied | ReadOnly))
}

/// Whether what was to be written found no room, or no disk that takes it: what a reader needs to write, too.
pub(super) fn is_without_room(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
    let code = error.sqlite_error_code();
    code.is_some_and(|code| matches!(code, DiskFull | SystemIoFailure))
}
