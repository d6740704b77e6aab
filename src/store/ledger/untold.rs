//! What was changed and not yet told: to the command that `--exec` names, which failed or never ran.
//!
//! Its table is made by the first transaction that has somebody to tell.

use rusqlite::{Row, params};

use super::{Ledger, schema};
use crate::{
    pki::entry_name::EntryName,
    store::{
        Pki, StoreError,
        layout::{Area, Place},
    },
};

/// A transaction that was not told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Untold {
    /// Its number
    pub transaction: i64,
    /// Where it put new certificates
    pub certificates: Vec<Place>,
    /// The CAs whose CRLs it made
    pub crls: Vec<Place>,
}

impl Ledger {
    /// Every transaction that was to be told and was not, oldest first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn untold(&self) -> Result<Vec<Untold>, StoreError> {
        if !schema::has_untold(&self.db)? {
            return Ok(Vec::new());
        }
        let mut statement = self.db.prepare("SELECT txn FROM untold ORDER BY txn")?;
        let numbers = statement.query_map([], |row| row.get(0))?;
        let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
        let untold = numbers.into_iter().map(|transaction| {
            Ok(Untold {
                transaction,
                certificates: self.places(
                    "SELECT name, kind IN ('root', 'intermediate') FROM certificate WHERE txn = ? ORDER BY id",
                    transaction,
                )?,
                crls: self.places(
                    "SELECT issuer, 1 FROM crl WHERE txn = ? AND this_update IS NOT NULL ORDER BY issuer",
                    transaction,
                )?,
            })
        });
        untold.collect()
    }

    /// Notes that these transactions were told.
    fn note_told(&mut self, transactions: &[i64]) -> Result<(), StoreError> {
        if transactions.is_empty() || !schema::has_untold(&self.db)? {
            return Ok(());
        }
        let change = self.db.transaction()?;
        for transaction in transactions {
            change.execute("DELETE FROM untold WHERE txn = ?", [transaction])?;
        }
        Ok(change.commit()?)
    }

    fn places(&self, query: &str, transaction: i64) -> Result<Vec<Place>, StoreError> {
        let read = |row: &Row<'_>| {
            let area = match row.get(1)? {
                true => Area::Authorities,
                false => Area::Entries,
            };
            Ok((area, row.get::<_, String>(0)?))
        };
        let mut statement = self.db.prepare_cached(query)?;
        let rows = statement.query_map([transaction], read)?;
        let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
        let place = |(area, name): (Area, String)| {
            let name: EntryName = name.parse().ok()?;
            Some(Place { area, name })
        };
        Ok(rows.into_iter().filter_map(place).collect())
    }
}

impl Pki {
    /// Has every change from now on noted as one that somebody is to be told of, until [`Pki::note_told`].
    pub fn tell_changes(&mut self) {
        self.ledger.tells_changes = true;
    }

    /// Notes that these transactions were told.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be written, or others can change the directory.
    pub fn note_told(&mut self, transactions: &[i64]) -> Result<(), StoreError> {
        match &self.distrust {
            Some(distrust) => Err(StoreError::Distrusted(distrust.clone())),
            None => self.ledger.note_told(transactions),
        }
    }
}

/// Notes that a transaction is to be told, within its commit.
pub(super) fn note(commit: &rusqlite::Transaction<'_>, transaction: i64) -> rusqlite::Result<()> {
    if !schema::has_untold(commit)? {
        commit.execute(schema::UNTOLD, [])?;
    }
    commit.execute(
        "INSERT OR IGNORE INTO untold VALUES (?)",
        params![transaction],
    )?;
    Ok(())
}
