//! A ledger that several machines share, as this machine's copy takes part in it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _};
use time::OffsetDateTime;

use super::{
    Effects, Ledger, Medium, event, note_replaced, reading::time, schema, take, untold, wholeness,
};
use crate::store::{
    StoreError,
    layout::Layout,
    shared::{Delta, Files, Seen, Shared, SharedError, number, objects},
};

/// A machine notes what it has seen of all histories once so many events have come since it did last.
const BETWEEN_CHECKPOINTS: i64 = 64;

impl Ledger {
    /// Has it take part in the shared ledger that the directory names, if it names one.
    pub(in crate::store) fn attach(&mut self, layout: &Layout) -> Result<(), StoreError> {
        self.shared = Shared::of(layout)?;
        if let Some(shared) = &mut self.shared
            && !schema::is_shared(&self.db)?
        {
            // It was copied, and that came to no end: all that is here is there.
            let _ = shared.journal.fetch(&seen(&self.db)?)?;
            self.become_shared()?;
        }
        match schema::is_shared(&self.db)? == self.shared.is_some() {
            true => Ok(()),
            false => Err(StoreError::LedgerParted(
                layout.root().join(crate::store::shared::SETTINGS),
            )),
        }
    }

    /// Whether several machines share it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Whether it is a machine's copy of a shared one, attached to that or not.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn is_copy(&self) -> Result<bool, StoreError> {
        Ok(schema::is_shared(&self.db)?)
    }

    /// When the last change was made, as the clock of who made it said.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn last_change(&self) -> Result<Option<OffsetDateTime>, StoreError> {
        let query = "SELECT at FROM event ORDER BY txn DESC LIMIT 1";
        let last = self.db.query_row(query, [], |row| time(row, 0));
        Ok(last.optional()?)
    }

    /// Has nothing recorded at the shared ledger from now on: nothing may be committed, either.
    pub(in crate::store) fn rehearse(&mut self) {
        if let Some(shared) = &mut self.shared {
            shared.rehearses = true;
        }
    }

    /// Writes what others did meanwhile into this machine's copy; says whether something was told of this machine that
    /// it does not know.
    pub(in crate::store) fn refresh(&mut self) -> Result<bool, StoreError> {
        let Some(shared) = &mut self.shared else {
            return Ok(false);
        };
        let own = shared.writer;
        let news = shared.journal.fetch(&seen(&self.db)?)?;
        if news.is_empty() {
            return Ok(false);
        }
        let mut has_own = false;
        let change = self.db.transaction()?;
        let last: i64 = change.query_row("SELECT txn FROM state", [], |row| row.get(0))?;
        for delta in news {
            let transaction = delta.transaction;
            if !number::is_sound(transaction) {
                return Err(SharedError::Broken(transaction).into());
            }
            // The trigger notes changes for it.
            change.execute("UPDATE state SET txn = ?", [transaction])?;
            if number::writer(transaction) == own {
                // This copy was put back from a backup: the history goes on where the machine was.
                let head = delta.hash().map(<[u8]>::to_vec);
                change.execute("UPDATE state SET head = ?", [head])?;
                has_own = true;
            }
            take_over(&change, delta, false)?;
        }
        change.execute("UPDATE state SET txn = ?", [last])?;
        change.commit()?;
        Ok(has_own)
    }

    /// Records at the shared ledger what was recorded here: the last `count` certificates of a transaction.
    pub(super) fn reserve(&mut self, transaction: i64, count: usize) -> Result<(), StoreError> {
        let Self {
            db, shared, rows, ..
        } = self;
        let (Some(shared), Some(rows)) = (shared, rows) else {
            return Ok(());
        };
        if shared.rehearses {
            return Ok(());
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let number = |index| number::certificate(transaction, index);
        let ids = number(rows.count - count)..=number(rows.count - 1);
        let recorded = Delta::recorded(db, transaction, ids.clone())?;
        let objects = objects(db, transaction, Some(*ids.start()))?;
        let reserved = shared
            .journal
            .reserve(&recorded, &objects, &mut |number| is_seen(db, number));
        Ok(reserved?)
    }

    /// Notes here, before it is decided there, what a machine that dies in between must know.
    pub(super) fn prepare(
        &mut self,
        transaction: i64,
        effects: &Effects<'_>,
    ) -> Result<(), StoreError> {
        if self.shared.is_none() {
            return Ok(());
        }
        let is_recorded = self
            .rows
            .as_ref()
            .is_some_and(|rows| rows.transaction == transaction);
        // That it is in progress is known then, and there is nothing else.
        if is_recorded && !self.tells_changes && !effects.replaces() {
            return Ok(());
        }
        let change = self.db.transaction()?;
        take(&change, transaction)?;
        note_replaced(&change, transaction, effects)?;
        if self.tells_changes {
            untold::note(&change, transaction)?;
        }
        Ok(change.commit()?)
    }

    /// Has a transaction in progress never become true unless it is; what it did where it is.
    pub(super) fn settle(&mut self, transaction: i64) -> Result<Option<Delta>, StoreError> {
        let is_pending = self
            .pending()?
            .is_some_and(|it| it.transaction == transaction && !it.committed);
        let shared = self.shared.as_mut();
        let Some(shared) = shared.filter(|shared| is_pending && !shared.rehearses) else {
            return Ok(None);
        };
        if !shared.journal.settle(transaction)? {
            return Ok(None);
        }
        let found = shared.journal.find(transaction)?;
        Ok(Some(found.ok_or(SharedError::Broken(transaction))?))
    }

    /// Makes true here what became true there while this machine died; says whether anything did.
    pub(in crate::store) fn catch_up(&mut self, transaction: i64) -> Result<bool, StoreError> {
        let Some(delta) = self.settle(transaction)? else {
            return Ok(false);
        };
        let hash = delta.hash().map(<[u8]>::to_vec);
        let change = self.db.transaction()?;
        take_over(&change, delta, true)?;
        change.execute("UPDATE state SET progress = 'committed', head = ?", [hash])?;
        change.commit()?;
        Ok(true)
    }

    /// Publishes files of this directory, of which the ledger knows nothing.
    pub(in crate::store) fn commit_files(
        &mut self,
        transaction: i64,
        effects: &Effects<'_>,
    ) -> Result<(), StoreError> {
        let change = self.db.transaction()?;
        take(&change, transaction)?;
        note_replaced(&change, transaction, effects)?;
        change.execute("UPDATE state SET progress = 'committed'", [])?;
        Ok(change.commit()?)
    }

    /// Every transaction, oldest first, with what it built on and changed.
    pub(in crate::store) fn deltas(&self) -> Result<Vec<(Delta, BTreeSet<String>)>, StoreError> {
        // Tables that a machine's own ledger has only once they are needed.
        let change = self.db.unchecked_transaction()?;
        schema::share(&change)?;
        let mut events = change.prepare("SELECT txn FROM event ORDER BY txn")?;
        let numbers = events.query_map([], |row| row.get(0))?;
        let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
        let deltas = numbers.into_iter().map(|number| {
            Ok((
                Delta::whole(&change, number)?,
                objects(&change, number, Some(0))?,
            ))
        });
        deltas.collect()
    }

    /// Becomes this machine's copy of a ledger that is shared from now on. The history so far stays what it is, and
    /// this machine begins one of its own.
    pub(in crate::store) fn become_shared(&mut self) -> Result<(), StoreError> {
        if schema::is_shared(&self.db)? {
            return Ok(());
        }
        let change = self.db.transaction()?;
        schema::share(&change)?;
        change.execute("UPDATE state SET head = x''", [])?;
        Ok(change.commit()?)
    }

    /// The shared ledger, read anew from the first event on.
    pub(in crate::store) fn shared_copy(&mut self) -> Result<Self, StoreError> {
        let blank = schema::blank(true)?;
        let mut copy = Self::deserialized(blank, Medium::Writable)?;
        copy.shared = self.shared.take();
        let refreshed = copy.refresh();
        self.shared = copy.shared.take();
        refreshed.map(|_| copy)
    }

    /// The database as the octets of a file.
    pub(in crate::store) fn octets(&mut self) -> Result<Vec<u8>, StoreError> {
        Ok(self.db.serialize(rusqlite::MAIN_DB)?.to_vec())
    }

    /// The newest public files of these paths.
    pub(in crate::store) fn shared_files(&mut self, paths: &[String]) -> Result<Files, StoreError> {
        match &mut self.shared {
            Some(shared) => Ok(shared.journal.files(paths)?),
            None => Ok(Files::new()),
        }
    }
}

/// Writes a transaction that is true there, if it fits to all that is here: rows that no certctl wrote are told as such,
/// also where this machine's database does not take them.
fn take_over(db: &Connection, delta: Delta, has_certificates: bool) -> Result<(), StoreError> {
    use rusqlite::Error::{FromSqlConversionFailure, InvalidColumnType, SqliteFailure};
    let transaction = delta.transaction;
    let written = delta
        .write(db, has_certificates)
        .and_then(|()| wholeness::holds(db, transaction));
    let is_foreign = |error: &rusqlite::Error| match error {
        SqliteFailure(error, _) => error.code == ErrorCode::ConstraintViolation,
        InvalidColumnType(..) | FromSqlConversionFailure(..) => true,
        _ => false,
    };
    match written {
        Ok(true) => Ok(()),
        Ok(false) => Err(SharedError::Broken(transaction).into()),
        Err(error) if is_foreign(&error) => Err(SharedError::Broken(transaction).into()),
        Err(error) => Err(error.into()),
    }
}

/// Makes a transaction true at the shared ledger, within its commit here.
pub(super) fn commit(
    change: &Connection,
    shared: &mut Shared,
    transaction: i64,
    rows: Option<&event::Rows>,
    files: &Files,
) -> Result<(), StoreError> {
    if shared.rehearses {
        let reason = String::from("a rehearsal makes nothing true");
        return Err(SharedError::Refused(reason).into());
    }
    let effects = Delta::effects(change, transaction)?;
    let objects = objects(change, transaction, rows.and_then(|rows| rows.first_id))?;
    let committed = shared
        .journal
        .commit(&effects, &objects, files, &mut |number| {
            is_seen(change, number)
        });
    Ok(committed?)
}

fn is_seen(db: &Connection, transaction: i64) -> Result<bool, SharedError> {
    let found = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM event WHERE txn = ?)")
        .and_then(|mut query| query.query_row([transaction], |row| row.get(0)));
    found.map_err(|error| SharedError::Refused(error.to_string()))
}

/// The last transaction of each machine that is in the copy.
fn seen(db: &Connection) -> rusqlite::Result<Vec<Seen>> {
    let mut lasts = BTreeMap::new();
    let mut events = db.prepare("SELECT txn FROM event ORDER BY txn")?;
    let mut rows = events.query([])?;
    while let Some(row) = rows.next()? {
        let last: i64 = row.get(0)?;
        lasts.insert(number::writer(last), last);
    }
    let seen = lasts
        .into_iter()
        .map(|(writer, last)| Seen { writer, last });
    Ok(seen.collect())
}

/// Number of a machine's next transaction.
pub(super) fn next(db: &Connection, writer: i64) -> rusqlite::Result<i64> {
    let seen = db.query_row(
        "SELECT (SELECT coalesce(max(txn), 0) FROM event), (SELECT txn FROM state),
                (SELECT coalesce(max(id), 0) FROM certificate),
                (SELECT NOT EXISTS (SELECT 1 FROM event WHERE txn = state.txn) FROM state)",
        [],
        |row| {
            let own = match row.get(3)? {
                // What was given up may have taken numbers of certificates beyond its own time.
                true => number::later(row.get(1)?),
                false => row.get(1)?,
            };
            Ok(([row.get(0)?, own], row.get(2)?))
        },
    );
    let (transactions, certificate) = seen?;
    Ok(number::next(writer, transactions, certificate))
}

/// Notes up to where this machine has seen the histories of all, if it is time for that.
pub(super) fn note_checkpoint(
    change: &Connection,
    transaction: i64,
    writer: i64,
) -> rusqlite::Result<()> {
    let mut own = change.prepare_cached("SELECT DISTINCT txn FROM checkpoint ORDER BY txn DESC")?;
    let mut rows = own.query([])?;
    let mut last = 0;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        if number::writer(number) == writer {
            last = number;
            break;
        }
    }
    let mut events = change.prepare_cached("SELECT txn FROM event WHERE txn > ? ORDER BY txn")?;
    let mut rows = events.query([last])?;
    let (mut count, mut lasts) = (0, BTreeMap::new());
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        count += 1;
        lasts.insert(number::writer(number), number);
    }
    if count < BETWEEN_CHECKPOINTS {
        return Ok(());
    }
    let mut insert = change.prepare_cached(
        "INSERT INTO checkpoint SELECT ?1, ?2, txn, hash FROM event WHERE txn = ?3",
    )?;
    for (writer, last) in lasts {
        insert.execute((transaction, writer, last))?;
    }
    Ok(())
}
