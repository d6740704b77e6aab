//! Whether the history holds: each event's hash, and all that is recorded, against each other.

use std::collections::HashMap;

use rusqlite::OptionalExtension as _;

use super::{
    Ledger,
    event::{FIXED, Rows, add_columns, after, finish},
    reading::SETTLED,
    schema,
};
use crate::store::{
    StoreError,
    shared::{LAST, number},
};

/// Where the history does not hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Break {
    /// The transaction
    pub number: i64,
    /// What is wrong with it
    pub reason: &'static str,
}

/// Whether a transaction's event fits to the one before it of the same machine, and to what it recorded and changed.
pub(super) fn holds(db: &rusqlite::Connection, transaction: i64) -> rusqlite::Result<bool> {
    let mut before =
        db.prepare_cached("SELECT hash, txn FROM event WHERE txn < ?1 ORDER BY txn DESC")?;
    let mut rows = before.query([transaction])?;
    let mut last: Vec<u8> = Vec::new();
    while let Some(row) = rows.next()? {
        if number::writer(row.get(1)?) == number::writer(transaction) {
            last = row.get(0)?;
            break;
        }
    }
    let mut digest = Rows::new(transaction);
    let mut certificates = db.prepare_cached(&format!(
        "SELECT txn, {FIXED} FROM certificate WHERE txn = ? ORDER BY id"
    ))?;
    let mut rows = certificates.query([transaction])?;
    while let Some(row) = rows.next()? {
        add_columns(&mut digest.context, row, 1..11)?;
    }
    let query = "SELECT txn, at, user, host, command, certificates, hash FROM event WHERE txn = ?";
    let mut event = db.prepare_cached(query)?;
    let mut rows = event.query([transaction])?;
    let Some(row) = rows.next()? else {
        return Ok(false);
    };
    let mut context = after(&last);
    add_columns(&mut context, row, 0..6)?;
    let is_whole = digest.finish() == row.get::<_, Vec<u8>>(5)?;
    Ok(is_whole && finish(context, db, transaction)? == row.get::<_, Vec<u8>>(6)?)
}

impl Ledger {
    /// The first event that does not hold; `None` where the whole history does.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn first_break(&self) -> Result<Option<Break>, StoreError> {
        let found = [
            self.broken_chain()?,
            self.broken_certificates()?,
            self.broken_checkpoint()?,
            self.missing_event()?,
        ];
        match found.into_iter().flatten().min_by_key(|found| found.number) {
            // What the events say of a status counts only where the events hold.
            None => self.broken_status(),
            found => Ok(found),
        }
    }

    fn broken_chain(&self) -> Result<Option<Break>, StoreError> {
        let mut statement = self.db.prepare(
            "SELECT txn, at, user, host, command, certificates, hash FROM event ORDER BY txn",
        )?;
        let mut rows = statement.query([])?;
        // Each machine that shares the ledger has a history of its own.
        let mut lasts: HashMap<i64, Vec<u8>> = HashMap::new();
        let mut number = 0;
        while let Some(row) = rows.next()? {
            number = row.get(0)?;
            let stored: Vec<u8> = row.get(6)?;
            let last = lasts.entry(number::writer(number)).or_default();
            let mut context = after(last);
            add_columns(&mut context, row, 0..6)?;
            if stored != finish(context, &self.db, number)? {
                return Ok(Some(Break {
                    number,
                    reason: "it was changed, or the event before it is missing",
                }));
            }
            *last = stored;
        }
        let head: Option<Vec<u8>> = self
            .db
            .query_row("SELECT head FROM state", [], |row| row.get(0))
            .optional()?;
        let is_first = lasts.is_empty() || schema::is_shared(&self.db)?;
        let is_last = |head: &Vec<u8>| {
            lasts.values().any(|last| last == head) || (head.is_empty() && is_first)
        };
        let reason = "the events after it are missing";
        Ok((!head.as_ref().is_some_and(is_last)).then_some(Break { number, reason }))
    }

    /// Compares what transactions had seen of each history with what is there.
    fn broken_checkpoint(&self) -> Result<Option<Break>, StoreError> {
        if !schema::is_shared(&self.db)? {
            return Ok(None);
        }
        let query =
            "SELECT min(last) FROM checkpoint AS seen LEFT JOIN event ON event.txn = seen.last
                     WHERE event.hash IS NOT seen.hash";
        let number: Option<i64> = self.db.query_row(query, [], |row| row.get(0))?;
        Ok(number.map(|number| Break {
            number,
            reason: "it was there when somebody looked, and was changed or is missing",
        }))
    }

    /// Compares what the transactions recorded with what is there.
    fn broken_certificates(&self) -> Result<Option<Break>, StoreError> {
        let query =
            format!("SELECT txn, {FIXED} FROM certificate WHERE {SETTLED} ORDER BY txn, id");
        let mut digests: HashMap<i64, Rows> = HashMap::new();
        let mut statement = self.db.prepare(&query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            let digest = digests.entry(number).or_insert_with(|| Rows::new(number));
            add_columns(&mut digest.context, row, 1..11)?;
        }
        let mut events = self
            .db
            .prepare("SELECT txn, certificates FROM event ORDER BY txn")?;
        let mut rows = events.query([])?;
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            let found = digests.remove(&number).unwrap_or_else(|| Rows::new(number));
            if found.finish() != row.get::<_, Vec<u8>>(1)? {
                return Ok(Some(Break {
                    number,
                    reason: "a certificate that it recorded was changed or is missing",
                }));
            }
        }
        Ok(digests.into_keys().min().map(|number| Break {
            number,
            reason: "it is missing, and its certificates are there",
        }))
    }

    /// Finds a change of certificates or CRLs that belongs to no event.
    fn missing_event(&self) -> Result<Option<Break>, StoreError> {
        let of_rotations = match schema::has_rotations(&self.db)? {
            true => "UNION SELECT txn FROM rotation UNION SELECT txn FROM consumer",
            false => "",
        };
        let of_shared = match schema::is_shared(&self.db)? {
            true => "UNION SELECT txn FROM checkpoint",
            false => "",
        };
        let query = format!(
            "SELECT min(txn) FROM (SELECT txn FROM status_change UNION SELECT txn FROM crl
              UNION SELECT txn FROM adopted_revocation {of_rotations} {of_shared})
             WHERE txn NOT IN (SELECT txn FROM event)"
        );
        let number: Option<i64> = self.db.query_row(&query, [], |row| row.get(0))?;
        Ok(number.map(|number| Break {
            number,
            reason: "it is missing, and what it changed is there",
        }))
    }

    /// Finds a status that no event gave.
    fn broken_status(&self) -> Result<Option<Break>, StoreError> {
        let query = format!(
            "SELECT c.txn FROM certificate AS c LEFT JOIN status_change AS h ON h.certificate = c.id
              AND h.txn = (SELECT txn FROM status_change WHERE certificate = c.id ORDER BY {LAST} LIMIT 1)
             WHERE c.{SETTLED} AND (c.status IS NOT coalesce(h.status, 'current')
              OR c.revoked_at IS NOT h.revoked_at OR c.reason IS NOT h.reason)
             ORDER BY c.txn LIMIT 1"
        );
        let number = self.db.query_row(&query, [], |row| row.get(0)).optional()?;
        Ok(number.map(|number| Break {
            number,
            reason: "the status of a certificate that it recorded was changed",
        }))
    }
}
