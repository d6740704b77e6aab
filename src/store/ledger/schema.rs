//! The ledger's tables, and a ledger in which nothing is yet.

use std::collections::BTreeSet;

use rusqlite::{Connection, MAIN_DB};

use crate::store::StoreError;

/// In `PRAGMA user_version`.
const VERSION: i64 = 2;

/// The version of a ledger that knows rotations. A ledger gets it with its first one, so that an older certctl reads
/// all others, and says of this one that a newer certctl made it.
const ROTATING: i64 = 3;

/// The version of a directory's copy of a ledger that several machines share.
const SHARED: i64 = 4;

/// What makes the tables, as the database keeps it.
const OBJECTS: [&str; 15] = [
    "CREATE TABLE certificate (
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
    revoked_at  INTEGER,            -- seconds since 1970, UTC
    reason      TEXT,               -- RFC 5280 §5.3.1
    tbs         BLOB NOT NULL       -- DER of what was signed
) STRICT",
    "CREATE UNIQUE INDEX certificate_serial ON certificate (serial, issuer)",
    "CREATE INDEX certificate_name ON certificate (name)",
    "CREATE INDEX certificate_authority ON certificate (name) WHERE kind IN ('root', 'intermediate')",
    "CREATE INDEX certificate_revoked ON certificate (issuer) WHERE status = 'revoked'",
    "CREATE TABLE crl (                  -- each that was made, and where it is served; the last one counts
    txn         INTEGER NOT NULL,
    issuer      TEXT NOT NULL,      -- name of a CA
    url         TEXT,
    number      INTEGER NOT NULL,   -- 0 where none was made yet
    this_update INTEGER,            -- seconds since 1970, UTC
    PRIMARY KEY (issuer, txn)
) STRICT, WITHOUT ROWID",
    "CREATE INDEX crl_txn ON crl (txn)",
    "CREATE TABLE adopted_revocation (   -- what a CA had revoked before it was adopted
    txn         INTEGER NOT NULL,
    issuer      TEXT NOT NULL,      -- name of the CA
    serial      BLOB NOT NULL,      -- magnitude, big-endian
    revoked_at  INTEGER NOT NULL,   -- seconds since 1970, UTC
    reason      TEXT NOT NULL,      -- RFC 5280 §5.3.1
    PRIMARY KEY (txn, issuer, serial)
) STRICT, WITHOUT ROWID",
    "CREATE INDEX adopted_revocation_issuer ON adopted_revocation (issuer, serial)",
    "CREATE TABLE state (                -- a single row
    txn         INTEGER NOT NULL,   -- the last command that changed something; 0 before the first
    progress    TEXT,               -- 'recorded': take it back; 'committed': publish what is staged
    head        BLOB NOT NULL       -- hash of the last event
) STRICT",
    "CREATE TABLE replaced_directory (   -- what stands where that command publishes
    txn         INTEGER NOT NULL,
    path        TEXT NOT NULL,
    inode       INTEGER NOT NULL,
    retired     INTEGER NOT NULL,   -- 1: it goes to the archive, and nothing takes its place
    PRIMARY KEY (txn, path)
) STRICT, WITHOUT ROWID",
    "CREATE TABLE event (
    txn          INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,  -- seconds since 1970, UTC
    user         TEXT NOT NULL,
    host         TEXT NOT NULL,
    command      TEXT NOT NULL,
    certificates BLOB NOT NULL,     -- SHA-256 of the rows that the transaction recorded
    hash         BLOB NOT NULL      -- SHA-256 of the last event's hash, of this row and of its changes
) STRICT",
    "CREATE TABLE status_change (        -- what became of certificates
    txn          INTEGER NOT NULL,
    certificate  INTEGER NOT NULL,
    status       TEXT NOT NULL,
    revoked_at   INTEGER,
    reason       TEXT,
    PRIMARY KEY (txn, certificate)
) STRICT, WITHOUT ROWID",
    "CREATE INDEX status_change_certificate ON status_change (certificate, txn)",
    "CREATE TRIGGER certificate_status AFTER UPDATE OF status, revoked_at, reason ON certificate BEGIN
    INSERT OR REPLACE INTO status_change
    VALUES ((SELECT txn FROM state), new.id, new.status, new.revoked_at, new.reason);
END",
];

/// Beside them once somebody was to be told of a change: a ledger in which it is missing is whole.
pub(super) const UNTOLD: &str =
    "CREATE TABLE untold (               -- what --exec was to be told of, and was not yet
    txn         INTEGER PRIMARY KEY
) STRICT";

/// Beside them once a CA is rotated.
const ROTATIONS: [&str; 2] = [
    "CREATE TABLE rotation (             -- each step of each; the last one counts
    txn         INTEGER NOT NULL,
    began       INTEGER NOT NULL,   -- the transaction with which it began
    place       INTEGER NOT NULL,   -- 0: the CA that was named; the others stand below it, parents first
    ca          TEXT NOT NULL,      -- name of a CA
    successor   TEXT NOT NULL,      -- name of the CA that takes its place
    phase       TEXT NOT NULL,
    PRIMARY KEY (txn, began, place)
) STRICT, WITHOUT ROWID",
    "CREATE TABLE consumer (             -- what was seen of those that trust; the last row of a name counts
    txn         INTEGER NOT NULL,
    began       INTEGER NOT NULL,   -- of which rotation
    name        TEXT NOT NULL,      -- of an entry, or of somebody outside
    format      TEXT,               -- in which somebody outside has the bundle; NULL: an entry
    trusts      INTEGER NOT NULL,   -- 1: the bundle that was seen holds the successor
    bundle      BLOB,               -- SHA-256 of that bundle's file
    serial      BLOB,               -- of the leaf that was seen: magnitude, big-endian
    chain       BLOB,               -- SHA-256 of what is sent behind it
    seen_by     TEXT NOT NULL,
    PRIMARY KEY (txn, began, name)
) STRICT, WITHOUT ROWID",
];

/// Beside all of them where the ledger is shared.
const CHECKPOINT: &str =
    "CREATE TABLE checkpoint (           -- up to where a transaction had seen the histories of all machines
    txn         INTEGER NOT NULL,
    writer      INTEGER NOT NULL,   -- whose history
    last        INTEGER NOT NULL,   -- its last transaction then
    hash        BLOB NOT NULL,      -- that one's hash
    PRIMARY KEY (txn, writer)
) STRICT, WITHOUT ROWID";

/// Makes the tables of rotations where there are none yet.
pub(super) fn ensure_rotations(db: &Connection) -> rusqlite::Result<()> {
    if has_rotations(db)? {
        return Ok(());
    }
    db.execute_batch(&ROTATIONS.join(";\n"))?;
    db.pragma_update(None, "user_version", ROTATING)
}

/// Whether there are tables of rotations.
pub(super) fn has_rotations(db: &Connection) -> rusqlite::Result<bool> {
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok([ROTATING, SHARED].contains(&version))
}

/// Whether it is a copy of a ledger that several machines share.
pub(in crate::store) fn is_shared(db: &Connection) -> rusqlite::Result<bool> {
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(version == SHARED)
}

/// Makes a machine's own ledger its copy of one that it shares.
pub(in crate::store) fn share(db: &Connection) -> rusqlite::Result<()> {
    ensure_rotations(db)?;
    if !is_shared(db)? {
        db.execute_batch(CHECKPOINT)?;
        db.pragma_update(None, "user_version", SHARED)?;
    }
    Ok(())
}

/// A new database, as the octets of its file.
///
/// Made in memory, it reaches the disk in one piece, where SQLite would need a journal for its tables.
pub(in crate::store) fn blank(is_shared: bool) -> Result<Vec<u8>, StoreError> {
    let mut db = Connection::open_in_memory()?;
    db.execute_batch(&OBJECTS.join(";\n"))?;
    db.execute("INSERT INTO state VALUES (0, NULL, x'')", [])?;
    db.pragma_update(None, "user_version", VERSION)?;
    if is_shared {
        share(&db)?;
    }
    let mut octets = db.serialize(MAIN_DB)?.to_vec();
    // Whoever writes or reads it uses a write-ahead log (SQLite's file format, §1.3.3).
    octets[18..=19].fill(2);
    Ok(octets)
}

/// Refuses a database of another version, one that is none of certctl's, and one in which there are other
/// tables, views or triggers than certctl makes: those would decide what a query finds.
pub(super) fn check(db: &Connection) -> Result<(), StoreError> {
    let mut expected: BTreeSet<&str> = OBJECTS.into_iter().collect();
    match db.pragma_query_value(None, "user_version", |row| row.get(0))? {
        VERSION => {}
        ROTATING => expected.extend(ROTATIONS),
        SHARED => expected.extend(ROTATIONS.into_iter().chain([CHECKPOINT])),
        0 => return Err(StoreError::LedgerForeign),
        other => return Err(StoreError::LedgerVersion(other)),
    }
    let all = expected.len();
    let mut statement = db.prepare("SELECT name, sql FROM sqlite_schema")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let sql: Option<String> = row.get(1)?;
        let is_known = match sql {
            // The index of a primary key.
            None => name.starts_with("sqlite_autoindex_"),
            Some(sql) => sql == UNTOLD || expected.remove(&*sql),
        };
        if !is_known {
            return Err(StoreError::LedgerChanged(name));
        }
    }
    match expected.first() {
        None => Ok(()),
        Some(_) if expected.len() == all => Err(StoreError::LedgerForeign),
        Some(missing) => {
            let name = missing
                .split_whitespace()
                .find(|word| word.starts_with(char::is_lowercase));
            Err(StoreError::LedgerChanged(
                name.unwrap_or_default().to_owned(),
            ))
        }
    }
}

/// Whether there is a table for what was not told.
pub(super) fn has_untold(db: &Connection) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'untold')";
    db.query_row(query, [], |row| row.get(0))
}
