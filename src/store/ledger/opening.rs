//! Opening the database: by its name, or as a copy in memory.

use std::{fs, os::unix::ffi::OsStrExt as _};

use rusqlite::{Connection, MAIN_DB, OpenFlags, config::DbConfig};

use super::{Ledger, opened, schema};
use crate::store::{StoreError, layout::Layout};

/// What may be done with a database in memory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Medium {
    ReadOnly,
    Writable,
}

impl Ledger {
    /// Opens the database, which must exist.
    pub(in crate::store) fn open(layout: &Layout) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let db = Connection::open_with_flags(layout.ledger(), flags)?;
        let is_renamable = opened::is_renamable(layout)?;
        if is_renamable {
            // Makes no ledger.db-shm, wherever the name leads by now.
            db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        }
        let ledger = Self::checked(db)?;
        if is_renamable {
            opened::check(layout)?;
        }
        let db = &ledger.db;
        // No page may be half written after a power cut, and a commit is on disk when it returns.
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        // The log is folded into the database once, when the command ends.
        db.pragma_update(None, "wal_autocheckpoint", 0)?;
        // Because of the partial indexes SQLite would plan a statement anew for each value bound to it.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(ledger)
    }

    /// Opens the database for a reader: by its name only where nobody else can have it lead elsewhere.
    pub(in crate::store) fn open_shared(layout: &Layout) -> Result<Self, StoreError> {
        match opened::is_renamable(layout)? {
            true => Self::copy(layout),
            false => Self::open(layout),
        }
    }

    /// Opens the database without writing to its directory, for a medium that is read-only.
    pub(crate) fn open_read_only(layout: &Layout) -> Result<Self, StoreError> {
        if opened::is_renamable(layout)? {
            return Self::copy(layout);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let failed = |error| StoreError::io("open", layout.root(), error);
        let root = fs::canonicalize(layout.root()).map_err(failed)?;
        let root = opened::percent_encode(root.as_os_str().as_bytes());
        let uri = format!("file:{root}/ledger.db?immutable=1");
        Self::checked(Connection::open_with_flags(uri, flags)?)
    }

    /// Reads the database into memory: SQLite opens nothing by a name that others can change.
    pub(crate) fn copy(layout: &Layout) -> Result<Self, StoreError> {
        let path = layout.ledger();
        let octets = layout.directory().read(&path);
        let octets = octets.map_err(|error| StoreError::io("read", &path, error))?;
        Self::deserialized(octets, Medium::ReadOnly)
    }

    /// A database in memory, from the octets of its file.
    pub(super) fn deserialized(mut octets: Vec<u8>, medium: Medium) -> Result<Self, StoreError> {
        if let Some(versions) = octets.get_mut(18..20) {
            // Without a write-ahead log: there is none in memory (SQLite's file format, §1.3.3).
            versions.fill(1);
        }
        let mut db = Connection::open_in_memory()?;
        let is_read_only = medium == Medium::ReadOnly;
        db.deserialize_read_exact(MAIN_DB, &octets[..], octets.len(), is_read_only)?;
        Self::checked(db)
    }

    /// Takes a database for data: nothing in it is run, and its tables are those that certctl makes.
    fn checked(db: Connection) -> Result<Self, StoreError> {
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        schema::check(&db)?;
        Ok(Self {
            db,
            rows: None,
            tells_changes: false,
            shared: None,
        })
    }
}
