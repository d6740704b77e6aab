//! What the ledger knows of revocations and CRLs.

use std::collections::HashSet;

use rusqlite::{OptionalExtension as _, Row, params};
use time::OffsetDateTime;

use super::{
    Ledger, Record,
    reading::{COLUMNS, KEYED, SETTLED, read_record, time},
};
use crate::{
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        revocation::{Reason, Revocation},
        serial::Serial,
    },
    store::StoreError,
};

/// What a transaction is to make of a certificate.
#[derive(Clone, Debug)]
pub struct Change {
    /// Name of the CA that signed it
    pub issuer: Option<EntryName>,
    /// Its serial number
    pub serial: Serial,
    /// What becomes of it
    pub fate: Fate,
}

/// What becomes of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// Its hold ends, and another has its name
    Released,
    /// It is on record, and was in use at no time here
    Replaced,
    /// Its hold ends, and it is in use again
    Restored,
    /// It is in use, and its key, which was elsewhere, is here from now on
    Keyed,
    /// Revoked since then, for this reason
    Revoked(OffsetDateTime, Reason),
}

/// The last CRL of a CA.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CrlState {
    /// Where relying parties fetch it
    pub url: Option<String>,
    /// Its number; 0 before the first
    pub number: u64,
    /// When it was made
    pub this_update: Option<OffsetDateTime>,
}

impl Ledger {
    /// Certificates with this serial number, whatever became of them.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn with_serial(&self, serial: &Serial) -> Result<Vec<Record>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM certificate WHERE serial = ? AND {SETTLED}");
        let mut statement = self.db.prepare_cached(&query)?;
        let records = statement.query_map([serial.as_bytes()], read_record)?;
        let records = records.collect::<Result<Vec<_>, _>>()?;
        // An index may lie.
        match records.iter().all(|record| record.serial == *serial) {
            true => Ok(records),
            false => Err(StoreError::LedgerContradicts(serial.clone())),
        }
    }

    /// What is recorded of a certificate; `None` where it is not known.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn record_of(&self, certificate: &Certificate) -> Result<Option<Record>, StoreError> {
        let parsed = certificate.parsed();
        let signed = parsed.tbs_certificate.as_ref();
        let records = self.with_serial(&certificate.serial())?;
        Ok(records.into_iter().find(|it| *it.to_be_signed == *signed))
    }

    /// Since when and why a certificate is revoked; `None` where it is not.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn revocation(&self, record: &Record) -> Result<Option<Revocation>, StoreError> {
        let query = "SELECT serial, revoked_at, reason FROM certificate
                     WHERE serial = ?1 AND issuer IS ?2 AND status = 'revoked'";
        let key = params![record.serial.as_bytes(), record.issuer];
        let mut statement = self.db.prepare_cached(query)?;
        Ok(statement.query_row(key, read_revocation).optional()?)
    }

    /// What a CA's next CRL lists: every revoked certificate, until it has been on a CRL made after its
    /// end (RFC 5280 §3.3).
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn revocations(
        &self,
        issuer: &EntryName,
        last_update: Option<OffsetDateTime>,
    ) -> Result<Vec<Revocation>, StoreError> {
        // An index could leave one out.
        let query = "SELECT serial, revoked_at, reason FROM certificate NOT INDEXED
                     WHERE issuer = ?1 AND status = 'revoked' AND not_after >= ?2 ORDER BY id";
        let since = last_update.map_or(i64::MIN, OffsetDateTime::unix_timestamp);
        let mut statement = self.db.prepare(query)?;
        let own = statement.query_map(params![issuer, since], read_revocation)?;
        let mut revocations = own.collect::<Result<Vec<_>, _>>()?;
        // What is known by now of one that was revoked before its CA came here counts.
        let known: HashSet<_> = revocations.iter().map(|it| it.serial.clone()).collect();
        let adopted = self.adopted_revocations(issuer)?.into_iter();
        revocations.extend(adopted.filter(|it| !known.contains(&it.serial)));
        Ok(revocations)
    }

    /// What a CA had revoked before it was adopted. When these certificates end nobody here knows.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn adopted_revocations(&self, issuer: &EntryName) -> Result<Vec<Revocation>, StoreError> {
        let query = "SELECT serial, revoked_at, reason FROM adopted_revocation
                     WHERE issuer = ? ORDER BY serial";
        let mut statement = self.db.prepare(query)?;
        let revocations = statement.query_map([issuer], read_revocation)?;
        Ok(revocations.collect::<Result<_, _>>()?)
    }

    /// Whether a certificate was on hold once: its hold may have ended (RFC 5280 §5.3.1).
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn was_on_hold(&self, issuer: &EntryName, serial: &Serial) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM certificate c JOIN status_change h ON h.certificate = c.id
                     WHERE c.serial = ?1 AND c.issuer = ?2 AND h.reason = 'certificateHold')";
        let key = params![serial.as_bytes(), issuer];
        let mut statement = self.db.prepare_cached(query)?;
        Ok(statement.query_row(key, |row| row.get(0))?)
    }

    /// What is known of a CA's CRLs.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn crl_state(&self, issuer: &EntryName) -> Result<CrlState, StoreError> {
        let query = "SELECT url, number, this_update FROM crl WHERE issuer = ?
                     ORDER BY txn DESC LIMIT 1";
        let read = |row: &Row<'_>| {
            let this_update: Option<i64> = row.get(2)?;
            Ok(CrlState {
                url: row.get(0)?,
                number: row.get::<_, i64>(1)?.cast_unsigned(),
                this_update: this_update.map(|_| time(row, 2)).transpose()?,
            })
        };
        Ok(self
            .db
            .query_row(query, [issuer], read)
            .optional()?
            .unwrap_or_default())
    }
}

/// What stands in a row: serial number, status, when and why it was revoked.
type Found = (Vec<u8>, String, Option<i64>, Option<String>);

/// Makes revocations true, within a transaction's commit, and reads back that they are.
pub(super) fn apply(
    commit: &rusqlite::Transaction<'_>,
    changes: &[Change],
) -> Result<(), StoreError> {
    for change in changes {
        let (status, at, reason) = match change.fate {
            Fate::Released | Fate::Replaced => ("replaced", None, None),
            Fate::Restored => ("current", None, None),
            Fate::Keyed => ("current", None, Some(KEYED)),
            Fate::Revoked(at, reason) => {
                ("revoked", Some(at.unix_timestamp()), Some(reason.name()))
            }
        };
        // What RETURNING does makes a table of its own each time.
        let id: Option<i64> = commit
            .prepare_cached("SELECT id FROM certificate WHERE serial = ?1 AND issuer IS ?2")?
            .query_row(params![change.serial.as_bytes(), change.issuer], |row| {
                row.get(0)
            })
            .optional()?;
        let reason = match change.fate {
            Fate::Restored if was_keyed(commit, id)? => Some(KEYED),
            _ => reason,
        };
        commit
            .prepare_cached(
                "UPDATE certificate SET status = ?1, revoked_at = ?2, reason = ?3 WHERE id = ?4",
            )?
            .execute(params![status, at, reason, id])?;
        // By its number, past the index that found it.
        let found: Option<Found> = commit
            .prepare_cached(
                "SELECT serial, status, revoked_at, reason FROM certificate WHERE id = ?",
            )?
            .query_row([id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let serial = change.serial.as_bytes().to_vec();
        let reason = reason.map(str::to_owned);
        if found != Some((serial, status.to_owned(), at, reason)) {
            return Err(StoreError::LedgerContradicts(change.serial.clone()));
        }
    }
    Ok(())
}

/// Whether its key came here after the certificate: what comes back after a hold has it still.
fn was_keyed(commit: &rusqlite::Transaction<'_>, id: Option<i64>) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM status_change WHERE certificate = ? AND reason = ?)";
    let mut statement = commit.prepare_cached(query)?;
    statement.query_row(params![id, KEYED], |row| row.get(0))
}

/// Notes what an adopted CA had revoked, within a transaction's commit.
pub(super) fn adopt(
    commit: &rusqlite::Transaction<'_>,
    transaction: i64,
    issuer: &EntryName,
    revocations: &[Revocation],
) -> rusqlite::Result<()> {
    let mut insert =
        commit.prepare("INSERT OR REPLACE INTO adopted_revocation VALUES (?, ?, ?, ?, ?)")?;
    for Revocation { serial, at, reason } in revocations {
        let at = at.unix_timestamp();
        insert.execute(params![
            transaction,
            issuer,
            serial.as_bytes(),
            at,
            reason.name()
        ])?;
    }
    Ok(())
}

/// Notes a CRL or its place, within a transaction's commit.
pub(super) fn note_crl(
    commit: &rusqlite::Transaction<'_>,
    transaction: i64,
    issuer: &EntryName,
    state: &CrlState,
) -> rusqlite::Result<()> {
    let number = state.number.cast_signed();
    let this_update = state.this_update.map(OffsetDateTime::unix_timestamp);
    commit.execute(
        "INSERT OR REPLACE INTO crl VALUES (?, ?, ?, ?, ?)",
        params![transaction, issuer, state.url, number, this_update],
    )?;
    Ok(())
}

fn read_revocation(row: &Row<'_>) -> rusqlite::Result<Revocation> {
    let reason: Option<String> = row.get(2)?;
    Ok(Revocation {
        serial: Serial::from_integer(row.get_ref(0)?.as_blob()?),
        at: time(row, 1)?,
        reason: reason
            .and_then(|word| word.parse().ok())
            .unwrap_or_default(),
    })
}
