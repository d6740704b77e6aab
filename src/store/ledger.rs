//! The ledger: every certificate ever signed here, in SQLite. It decides what is true after a crash.
//!
//! A command that signs goes through three durable states: its rows are *recorded* before anything is
//! signed, *committed* once all files are on disk, and finished when these have been published and
//! nothing is staged any more. Rows of a command that never committed are taken back by the next one; nobody
//! has seen what it signed.

pub mod event;
mod opened;
mod opening;
mod reading;
mod record;
pub mod revocation;
pub mod rotation;
pub(super) mod schema;
mod selection;
mod sharing;
mod untold;
mod wholeness;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use opening::Medium;
pub use record::{Kind, Listed, Origin, Record, Status};
pub use selection::{Order, Selection};
pub use untold::Untold;
pub use wholeness::Break;

use super::{
    StoreError,
    layout::{Area, Place},
    shared::{Files, Shared, number},
};
use crate::pki::{entry_name::EntryName, revocation::Revocation, serial::Serial};

/// Whether a certificate in use may be called replaced, by its place and serial number.
pub(super) type MayReplace<'a> = dyn Fn(&Place, &Serial) -> Result<(), StoreError> + 'a;

/// What a transaction makes true besides the rows that it has recorded.
pub(super) struct Effects<'a> {
    /// Where it publishes; those where it swaps a directory with that one's inode
    pub(super) places: Vec<(&'a Place, Option<u64>)>,
    /// What it sends to the archive, with their inodes
    pub(super) retired: Vec<(&'a Place, u64)>,
    /// Revocations
    pub(super) changes: &'a [revocation::Change],
    /// CRLs, by the name of their issuer
    pub(super) crls: &'a [(EntryName, revocation::CrlState)],
    /// What adopted CAs had revoked, by their names
    pub(super) adopted: &'a [(EntryName, Vec<Revocation>)],
    /// Steps of rotations
    pub(super) steps: &'a [rotation::Step],
    /// What was seen of those that trust
    pub(super) sightings: &'a [rotation::Sighting],
    /// Refuses to have a certificate in use called replaced
    pub(super) may_replace: &'a MayReplace<'a>,
    /// Who has it done
    pub(super) author: event::Author,
    /// Public files that others may fetch from a shared ledger
    pub(super) files: Files,
}

impl Effects<'_> {
    /// Whether it publishes where something stands, or sends that to the archive.
    fn replaces(&self) -> bool {
        let stands = |(_, standing): &(&Place, Option<u64>)| standing.is_some();
        !self.retired.is_empty() || self.places.iter().any(stands)
    }
}

/// The last command that changed something: interrupted, unless it committed and nothing of it is staged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Pending {
    pub(super) transaction: i64,
    pub(super) committed: bool,
}

/// The open database. The caller holds the lock on the PKI directory.
#[derive(Debug)]
pub struct Ledger {
    db: Connection,
    /// What the transaction in progress has recorded, for its event
    rows: Option<event::Rows>,
    /// Whether somebody is to be told of what is committed
    tells_changes: bool,
    /// Where it is decided what is true, if not here
    shared: Option<Shared>,
}

/// One state of the ledger, for many questions.
#[derive(Debug)]
pub struct Snapshot<'a>(
    #[expect(dead_code, reason = "it ends when it is dropped")] rusqlite::Transaction<'a>,
);

impl Ledger {
    /// Has what is read until it is dropped come from one state of the ledger, without a lock for each statement.
    ///
    /// Nothing may be written meanwhile.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, StoreError> {
        Ok(Snapshot(self.db.unchecked_transaction()?))
    }

    /// The last command, if it may have been interrupted.
    pub(super) fn pending(&self) -> Result<Option<Pending>, StoreError> {
        let query = "SELECT txn, progress = 'committed' FROM state WHERE progress IS NOT NULL";
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
        if let Some(shared) = &self.shared {
            return Ok(sharing::next(&self.db, shared.writer)?);
        }
        Ok(self
            .db
            .query_row("SELECT txn + 1 FROM state", [], |row| row.get(0))?)
    }

    /// Records certificates that are about to be signed; durable when it returns.
    pub(super) fn record(
        &mut self,
        transaction: i64,
        records: &[Record],
    ) -> Result<(), StoreError> {
        let numbers_certificates = self.shared.is_some();
        let change = self.db.transaction()?;
        take(&change, transaction)?;
        if records.iter().any(|it| it.origin == Origin::Crossed) {
            // An older certctl would take it for a CA.
            schema::ensure_rotations(&change)?;
        }
        {
            let mut insert = change.prepare_cached(
                "INSERT INTO certificate (id, txn, issuer, serial, name, kind, not_before, not_after,
                 names, key_type, origin, status, tbs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?;
            let rows = match &mut self.rows {
                Some(rows) if rows.transaction == transaction => rows,
                rows => rows.insert(event::Rows::new(transaction)),
            };
            for record in records {
                let id = numbers_certificates.then(|| number::certificate(transaction, rows.count));
                rows.add(record);
                insert.execute(params![
                    id,
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
                    &*record.to_be_signed,
                ])?;
                rows.first_id
                    .get_or_insert_with(|| change.last_insert_rowid());
            }
        }
        change.commit()?;
        self.reserve(transaction, records.len())
    }

    /// Makes a transaction true: its rows count, and what had the same names before is replaced.
    pub(super) fn commit(
        &mut self,
        transaction: i64,
        effects: &Effects<'_>,
    ) -> Result<(), StoreError> {
        self.prepare(transaction, effects)?;
        let change = self.db.transaction()?;
        take(&change, transaction)?;
        note_replaced(&change, transaction, effects)?;
        revocation::apply(&change, effects.changes)?;
        for (issuer, state) in effects.crls {
            revocation::note_crl(&change, transaction, issuer, state)?;
        }
        for (issuer, revocations) in effects.adopted {
            revocation::adopt(&change, transaction, issuer, revocations)?;
        }
        rotation::note(&change, transaction, effects.steps, effects.sightings)?;
        let rows = self.rows.take();
        let rows = rows.filter(|rows| rows.transaction == transaction);
        if let Some(first) = rows.as_ref().and_then(|rows| rows.first_id) {
            replace_older(&change, first, effects.may_replace)?;
        }
        if self.tells_changes {
            untold::note(&change, transaction)?;
        }
        if let Some(shared) = &self.shared {
            sharing::note_checkpoint(&change, transaction, shared.writer)?;
        }
        let head = event::note(&change, transaction, &effects.author, rows.as_ref())?;
        change.execute("UPDATE state SET progress = 'committed', head = ?", [head])?;
        let Some(shared) = &mut self.shared else {
            return Ok(change.commit()?);
        };
        sharing::commit(&change, shared, transaction, rows.as_ref(), &effects.files)?;
        // The next command does here what is true there.
        change
            .commit()
            .map_err(|error| StoreError::Committed(Box::new(error.into())))
    }

    /// Directories that stood where a transaction publishes when it was committed, with their inodes; those that go to
    /// the archive, and nothing takes their place, or all of them.
    pub(super) fn replaced<C: FromIterator<(Place, u64)>>(
        &self,
        transaction: i64,
        is_retired: bool,
    ) -> Result<C, StoreError> {
        let query = "SELECT path, inode FROM replaced_directory WHERE txn = ? AND retired >= ?";
        let mut statement = self.db.prepare_cached(query)?;
        let rows = statement.query_map(params![transaction, is_retired], |row| {
            let inode = row.get::<_, i64>(1)?.cast_unsigned();
            let place = place(row.get_ref(0)?.as_str().unwrap_or_default());
            Ok(place.map(|place| (place, inode)))
        })?;
        Ok(rows
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?)
    }

    /// Takes back the rows of a transaction that never committed.
    pub(super) fn abandon(&mut self, transaction: i64) -> Result<(), StoreError> {
        if self.settle(transaction)?.is_some() {
            return Err(StoreError::Committed(Box::new(StoreError::LedgerParted(
                "ledger.toml".into(),
            ))));
        }
        self.rows = None;
        let change = self.db.transaction()?;
        change.execute("DELETE FROM certificate WHERE txn = ?", [transaction])?;
        if schema::has_untold(&change)? {
            change.execute("DELETE FROM untold WHERE txn = ?", [transaction])?;
        }
        change.execute(
            "UPDATE state SET progress = NULL WHERE txn = ?",
            [transaction],
        )?;
        Ok(change.commit()?)
    }

    /// Whether nothing was ever recorded.
    pub(super) fn is_empty(&self) -> Result<bool, StoreError> {
        let query = "SELECT NOT EXISTS (SELECT 1 FROM certificate)";
        Ok(self.db.query_row(query, [], |row| row.get(0))?)
    }
}

/// The directory that the ledger calls `ca/NAME`.
fn place(path: &str) -> Option<Place> {
    let (directory, name) = path.split_once('/')?;
    Some(Place {
        area: Area::named(directory)?,
        name: name.parse().ok()?,
    })
}

/// `ca/NAME`, as the ledger names a directory.
fn path(place: &Place) -> String {
    format!("{}/{}", place.area.directory(), place.name)
}

/// Notes that a transaction is in progress. The one before it is finished.
fn take(change: &rusqlite::Transaction<'_>, transaction: i64) -> rusqlite::Result<()> {
    change
        .prepare_cached("UPDATE state SET txn = ?, progress = 'recorded'")?
        .execute([transaction])?;
    Ok(())
}

/// Whatever had the name of a certificate in use with this number or a later one is replaced by it.
fn replace_older(
    change: &rusqlite::Transaction<'_>,
    first: i64,
    may_replace: &MayReplace<'_>,
) -> Result<(), StoreError> {
    let query = "SELECT old.id, old.name, old.serial, old.kind IN ('root', 'intermediate')
                 FROM certificate AS new
                 CROSS JOIN certificate AS old INDEXED BY certificate_name ON old.name = new.name
                 WHERE new.id >= ?1 AND new.status = 'current' AND old.id < ?1 AND old.status = 'current'
                 AND (old.kind IN ('root', 'intermediate')) = (new.kind IN ('root', 'intermediate'))";
    let mut older = change.prepare(query)?;
    let mut rows = older.query([first])?;
    let mut older: Vec<i64> = Vec::new();
    while let Some(row) = rows.next()? {
        let area = if row.get(3)? {
            Area::Authorities
        } else {
            Area::Entries
        };
        let name: String = row.get(1)?;
        let serial: Vec<u8> = row.get(2)?;
        if let Ok(name) = name.parse() {
            may_replace(&Place { area, name }, &Serial::from_integer(&serial))?;
        }
        older.push(row.get(0)?);
    }
    if older.is_empty() {
        // As for most commands: with its trigger the statement below takes long to prepare.
        return Ok(());
    }
    let mut update = change.prepare("UPDATE certificate SET status = 'replaced' WHERE id = ?")?;
    for id in older {
        update.execute([id])?;
    }
    Ok(())
}

/// Notes the directories that a transaction replaces or retires, in place of those of earlier ones.
fn note_replaced(
    change: &rusqlite::Transaction<'_>,
    transaction: i64,
    effects: &Effects<'_>,
) -> rusqlite::Result<()> {
    let retired = effects
        .retired
        .iter()
        .map(|(place, inode)| (place, *inode, true));
    let replaced = effects
        .places
        .iter()
        .filter_map(|(place, inode)| Some((place, (*inode)?, false)));
    let mut directories = retired.chain(replaced).peekable();
    if directories.peek().is_none() {
        return Ok(());
    }
    change.execute("DELETE FROM replaced_directory", [])?;
    let mut insert = change.prepare("INSERT INTO replaced_directory VALUES (?, ?, ?, ?)")?;
    for (place, inode, is_retired) in directories {
        insert.execute(params![
            transaction,
            path(place),
            inode.cast_signed(),
            is_retired
        ])?;
    }
    Ok(())
}
