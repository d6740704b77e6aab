//! The ledger: every certificate ever signed here, in SQLite. It decides what is true after a crash.
//!
//! A command that signs goes through three durable states: its rows are *recorded* before anything
//! is signed, *committed* once all files are on disk, and *finished* when they have been published.
//! Rows of a command that never committed are taken back by the next one; nobody has seen what it signed.

use std::path::Path;

mod selection;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};
use time::OffsetDateTime;

use super::{
    StoreError,
    layout::{Area, Place},
};
use crate::pki::{serial::Serial, validity::Validity};

pub use selection::{Order, Selection};

/// What kind of certificate a row is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// A self-signed CA
    Root,
    /// A CA below another
    Intermediate,
    /// A leaf for both ends of a connection
    Node,
    /// A leaf that answers
    Server,
    /// A leaf that dials
    Client,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Root,
        Self::Intermediate,
        Self::Node,
        Self::Server,
        Self::Client,
    ];

    /// The word in the ledger and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Intermediate => "intermediate",
            Self::Node => "node",
            Self::Server => "server",
            Self::Client => "client",
        }
    }

    /// In which directory such a certificate lies.
    #[must_use]
    pub const fn area(self) -> Area {
        match self {
            Self::Root | Self::Intermediate => Area::Authorities,
            Self::Node | Self::Server | Self::Client => Area::Entries,
        }
    }
}

impl From<crate::pki::profile::Profile> for Kind {
    fn from(profile: crate::pki::profile::Profile) -> Self {
        match profile {
            crate::pki::profile::Profile::Node => Self::Node,
            crate::pki::profile::Profile::Server => Self::Server,
            crate::pki::profile::Profile::Client => Self::Client,
        }
    }
}

/// What became of a certificate, apart from its expiry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// In use
    Current,
    /// Another took its name
    Replaced,
    /// Revoked
    Revoked,
}

impl Status {
    const ALL: [Self; 3] = [Self::Current, Self::Replaced, Self::Revoked];

    const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
        }
    }
}

/// Where a certificate's key and signature were made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Both here
    Issued,
    /// Key here, signature by a CA elsewhere
    Installed,
    /// Key elsewhere, signature here: of a certificate signing request
    Requested,
}

impl Origin {
    const ALL: [Self; 3] = [Self::Issued, Self::Installed, Self::Requested];

    const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Installed => "installed",
            Self::Requested => "requested",
        }
    }

    /// Whether the entry's directory holds a private key.
    #[must_use]
    pub const fn has_key(self) -> bool {
        !matches!(self, Self::Requested)
    }
}

/// One certificate.
#[derive(Clone, Debug)]
pub struct Record {
    /// Name of the CA that signed it; `None` where it signed itself, or a CA elsewhere did
    pub issuer: Option<String>,
    /// Unique for its issuer
    pub serial: Serial,
    /// Name of the entry or CA
    pub name: String,
    /// What it is
    pub kind: Kind,
    /// When it is valid
    pub validity: Validity,
    /// Its subject alternative names, typed
    pub names: Vec<String>,
    /// Type of its key
    pub key_type: String,
    /// Where its key and signature were made
    pub origin: Origin,
    /// What became of it
    pub status: Status,
    /// What was signed (`TBSCertificate`)
    pub to_be_signed: Vec<u8>,
}

/// A command that was interrupted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Pending {
    pub(super) transaction: i64,
    pub(super) committed: bool,
}

/// The open database. The caller holds the lock on the PKI directory.
#[derive(Debug)]
pub struct Ledger {
    db: Connection,
}

/// Version of the schema, in `PRAGMA user_version`.
const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE certificate (
    id          INTEGER PRIMARY KEY,
    txn         INTEGER NOT NULL,   -- the command that had it signed
    issuer      TEXT,               -- name of a CA here; NULL: signed itself, or elsewhere
    serial      BLOB NOT NULL,      -- magnitude, big-endian
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    not_before  INTEGER NOT NULL,   -- seconds since 1970, UTC
    not_after   INTEGER NOT NULL,
    names       TEXT NOT NULL,      -- typed subject alternative names, one a line
    key_type    TEXT NOT NULL,
    origin      TEXT NOT NULL,      -- where key and signature were made
    status      TEXT NOT NULL,
    tbs         BLOB NOT NULL       -- DER of what was signed
) STRICT;
CREATE UNIQUE INDEX certificate_serial ON certificate (serial, issuer);
CREATE INDEX certificate_name ON certificate (name);
CREATE TABLE pending (
    txn         INTEGER PRIMARY KEY,
    committed   INTEGER NOT NULL    -- 0: take back, 1: publish
) STRICT;
CREATE TABLE replaced_directory (   -- what stands where a pending command will publish
    txn         INTEGER NOT NULL,
    path        TEXT NOT NULL,
    inode       INTEGER NOT NULL,
    PRIMARY KEY (txn, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE counter (txn INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES (0);
PRAGMA user_version = 1;
";

/// Rows that count: those of a command in progress do not yet.
const SETTLED: &str = "txn NOT IN (SELECT txn FROM pending WHERE committed = 0)";

const COLUMNS: &str =
    "issuer, serial, name, kind, not_before, not_after, names, key_type, origin, status, tbs";

impl Ledger {
    /// Opens the database, which must exist (an empty file will do), and brings its schema up to date.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let db = Connection::open_with_flags(path, flags)?;
        // No page may be half written after a power cut, and a commit is on disk when it returns.
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        // The log is folded into the database once, when the command ends.
        db.pragma_update(None, "wal_autocheckpoint", 0)?;
        let mut ledger = Self { db };
        ledger.migrate()?;
        Ok(ledger)
    }

    /// Opens the database without writing to its directory, for a medium that is read-only.
    pub(super) fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let uri = format!(
            "file:{}?immutable=1",
            percent_encode(&path.to_string_lossy())
        );
        Ok(Self {
            db: Connection::open_with_flags(uri, flags)?,
        })
    }

    fn migrate(&mut self) -> Result<(), StoreError> {
        let version: i64 = self
            .db
            .pragma_query_value(None, "user_version", |row| row.get(0))?;
        match version {
            SCHEMA_VERSION => Ok(()),
            0 => {
                let change = self.db.transaction()?;
                change.execute_batch(SCHEMA)?;
                Ok(change.commit()?)
            }
            newer => Err(StoreError::LedgerVersion(newer)),
        }
    }

    /// The command that was interrupted, if any.
    pub(super) fn pending(&self) -> Result<Option<Pending>, StoreError> {
        let query = "SELECT txn, committed FROM pending";
        let read = |row: &Row<'_>| {
            Ok(Pending {
                transaction: row.get(0)?,
                committed: row.get(1)?,
            })
        };
        Ok(self.db.query_row(query, [], read).optional()?)
    }

    /// Number of the next transaction. It is taken with its first record.
    pub(super) fn next_transaction(&self) -> Result<i64, StoreError> {
        Ok(self
            .db
            .query_row("SELECT txn + 1 FROM counter", [], |row| row.get(0))?)
    }

    /// Records certificates that are about to be signed; durable when it returns.
    pub(super) fn record(
        &mut self,
        transaction: i64,
        records: &[Record],
    ) -> Result<(), StoreError> {
        let change = self.db.transaction()?;
        take(&change, transaction)?;
        {
            let mut insert = change.prepare_cached(
                "INSERT INTO certificate (txn, issuer, serial, name, kind, not_before, not_after,
                 names, key_type, origin, status, tbs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?;
            for record in records {
                insert.execute(params![
                    transaction,
                    record.issuer,
                    record.serial.as_bytes(),
                    record.name,
                    record.kind.name(),
                    record.validity.not_before.unix_timestamp(),
                    record.validity.not_after.unix_timestamp(),
                    record.names.join("\n"),
                    record.key_type,
                    record.origin.name(),
                    record.status.name(),
                    record.to_be_signed,
                ])?;
            }
        }
        Ok(change.commit()?)
    }

    /// Makes a transaction true: its rows count, and what had the same names before is replaced.
    ///
    /// `places` are where it publishes; those where it swaps a directory with that one's inode.
    pub(super) fn commit(
        &mut self,
        transaction: i64,
        places: &[(&Place, Option<u64>)],
    ) -> Result<(), StoreError> {
        let change = self.db.transaction()?;
        take(&change, transaction)?;
        for (place, inode) in places {
            if let Some(inode) = inode {
                change
                    .prepare_cached("INSERT INTO replaced_directory VALUES (?, ?, ?)")?
                    .execute(params![transaction, path(place), inode.cast_signed()])?;
            }
            // A directory that only gets another chain has no new row, and keeps its own.
            change
                .prepare_cached(
                    "UPDATE certificate SET status = 'replaced' WHERE name = ?1 AND txn <> ?2
                     AND status = 'current' AND (kind IN ('root', 'intermediate')) = ?3
                     AND EXISTS (SELECT 1 FROM certificate WHERE name = ?1 AND txn = ?2
                                 AND (kind IN ('root', 'intermediate')) = ?3)",
                )?
                .execute(params![
                    place.name.as_str(),
                    transaction,
                    place.area == Area::Authorities
                ])?;
        }
        change.execute(
            "UPDATE pending SET committed = 1 WHERE txn = ?",
            [transaction],
        )?;
        Ok(change.commit()?)
    }

    /// Inode of the directory that stood at `place` when the transaction committed.
    pub(super) fn replaced_inode(
        &self,
        transaction: i64,
        place: &Place,
    ) -> Result<Option<u64>, StoreError> {
        let query = "SELECT inode FROM replaced_directory WHERE txn = ? AND path = ?";
        let read = |row: &Row<'_>| row.get::<_, i64>(0).map(i64::cast_unsigned);
        Ok(self
            .db
            .prepare_cached(query)?
            .query_row(params![transaction, path(place)], read)
            .optional()?)
    }

    /// Forgets that a transaction was in progress: all is published.
    ///
    /// It need not be durable at once. Should it be lost, the next command finds nothing left to publish.
    pub(super) fn finish(&mut self, transaction: i64) -> Result<(), StoreError> {
        self.db.pragma_update(None, "synchronous", "NORMAL")?;
        let change = self.db.transaction()?;
        change.execute(
            "DELETE FROM replaced_directory WHERE txn = ?",
            [transaction],
        )?;
        change.execute("DELETE FROM pending WHERE txn = ?", [transaction])?;
        change.commit()?;
        Ok(self.db.pragma_update(None, "synchronous", "FULL")?)
    }

    /// Takes back the rows of a transaction that never committed.
    pub(super) fn abandon(&mut self, transaction: i64) -> Result<(), StoreError> {
        let change = self.db.transaction()?;
        change.execute("DELETE FROM certificate WHERE txn = ?", [transaction])?;
        change.execute("DELETE FROM pending WHERE txn = ?", [transaction])?;
        Ok(change.commit()?)
    }

    /// Whether nothing was ever recorded.
    pub(super) fn is_empty(&self) -> Result<bool, StoreError> {
        let query = "SELECT NOT EXISTS (SELECT 1 FROM certificate)";
        Ok(self.db.query_row(query, [], |row| row.get(0))?)
    }

    /// The certificate that is in use under a name.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn current(&self, area: Area, name: &str) -> Result<Option<Record>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM certificate WHERE name = ?1 AND status = 'current'
             AND (kind IN ('root', 'intermediate')) = ?2 AND {SETTLED} ORDER BY id DESC LIMIT 1"
        );
        let mut statement = self.db.prepare_cached(&query)?;
        Ok(statement
            .query_row(params![name, area == Area::Authorities], read_record)
            .optional()?)
    }

    /// The first certificate in use of a kind that a CA has signed.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn first_issued(&self, kind: Kind, issuer: &str) -> Result<Option<Record>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM certificate WHERE kind = ?1 AND issuer = ?2
             AND status = 'current' AND {SETTLED} LIMIT 1"
        );
        let mut statement = self.db.prepare_cached(&query)?;
        Ok(statement
            .query_row(params![kind.name(), issuer], read_record)
            .optional()?)
    }

    /// Every certificate that counts, in the order of signing, handed to `each` one by one.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn for_each(&self, mut each: impl FnMut(Record)) -> Result<(), StoreError> {
        let query = format!("SELECT {COLUMNS} FROM certificate WHERE {SETTLED} ORDER BY id");
        let mut statement = self.db.prepare(&query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(read_record(row)?);
        }
        Ok(())
    }

    /// CAs that are in use, roots and intermediates, in the order of signing.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn authorities(&self) -> Result<Vec<Record>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM certificate WHERE kind IN ('root', 'intermediate')
             AND status = 'current' AND {SETTLED} ORDER BY id"
        );
        let mut statement = self.db.prepare(&query)?;
        let records = statement.query_map([], read_record)?;
        Ok(records.collect::<Result<_, _>>()?)
    }
}

/// `ca/NAME`, as the ledger names a directory.
fn path(place: &Place) -> String {
    format!("{}/{}", place.area.directory(), place.name)
}

/// Notes that a transaction is in progress, unless that is noted already.
fn take(change: &rusqlite::Transaction<'_>, transaction: i64) -> rusqlite::Result<()> {
    change.execute("UPDATE counter SET txn = max(txn, ?)", [transaction])?;
    change.execute("INSERT OR IGNORE INTO pending VALUES (?, 0)", [transaction])?;
    Ok(())
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let names: String = row.get(6)?;
    Ok(Record {
        issuer: row.get(0)?,
        serial: Serial::from_integer(row.get_ref(1)?.as_blob()?),
        name: row.get(2)?,
        kind: word(row, 3, Kind::ALL.map(|kind| (kind.name(), kind)))?,
        validity: Validity {
            not_before: time(row, 4)?,
            not_after: time(row, 5)?,
        },
        names: names.lines().map(str::to_owned).collect(),
        key_type: row.get(7)?,
        origin: word(row, 8, Origin::ALL.map(|origin| (origin.name(), origin)))?,
        status: word(row, 9, Status::ALL.map(|status| (status.name(), status)))?,
        to_be_signed: row.get(10)?,
    })
}

fn word<T, const N: usize>(
    row: &Row<'_>,
    column: usize,
    words: [(&str, T); N],
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    let found = words.into_iter().find(|(word, _)| *word == text);
    found
        .map(|(_, value)| value)
        .ok_or(rusqlite::Error::InvalidQuery)
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<OffsetDateTime> {
    let seconds = row.get(column)?;
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, seconds))
}

/// Escapes what has a meaning in a `file:` URI.
fn percent_encode(path: &str) -> String {
    path.replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23")
}
