//! What the ledger tells of certificates.

use rusqlite::{OptionalExtension as _, Row, params};
use time::OffsetDateTime;

use super::{Kind, Ledger, Listed, Origin, Record, Status};
use crate::{
    pki::{entry_name::EntryName, serial::Serial, validity::Validity},
    store::{StoreError, layout::Area},
};

/// Rows that count: those of a command in progress do not yet.
pub(super) const SETTLED: &str = "txn NOT IN (SELECT txn FROM state WHERE progress = 'recorded')";

/// Stands as the reason of a certificate in use whose key came here after it: where the key was when the certificate
/// was recorded is sealed with the rest of its row.
pub(super) const KEYED: &str = "key-imported";

/// What is known of a certificate, what was signed left out.
pub(super) const LISTED: &str =
    "issuer, serial, name, kind, not_before, not_after, names, key_type,
     CASE WHEN origin = 'requested' AND reason = 'key-imported' THEN 'issued' ELSE origin END, status";

/// With what was signed.
pub(super) const COLUMNS: &str = "issuer, serial, name, kind, not_before, not_after, names, key_type,
     CASE WHEN origin = 'requested' AND reason = 'key-imported' THEN 'issued' ELSE origin END, status, tbs";

/// What the ledger says of a certificate, without its names and octets.
pub(in crate::store) struct Standing<'a> {
    pub(in crate::store) status: Status,
    pub(in crate::store) name: &'a str,
    pub(in crate::store) area: Area,
    pub(in crate::store) issuer: Option<&'a str>,
}

impl Ledger {
    /// The certificate that is in use under a name.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn current(&self, area: Area, name: &EntryName) -> Result<Option<Record>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM certificate WHERE name = ?1 AND status = 'current'
             AND (kind IN ('root', 'intermediate')) = ?2 AND {SETTLED} ORDER BY id DESC LIMIT 1"
        );
        let mut statement = self.db.prepare_cached(&query)?;
        let record = statement
            .query_row(params![name, area == Area::Authorities], read_record)
            .optional()?;
        match record {
            // An index may lie.
            Some(other) if other.name != *name => Err(StoreError::LedgerContradicts(other.serial)),
            record => Ok(record),
        }
    }

    /// The machine that recorded a certificate, by the name that it gave itself.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn machine<S>(&self, record: &Record<S>) -> Result<Option<String>, StoreError> {
        let query = "SELECT host FROM event JOIN certificate USING (txn) WHERE serial = ?1 AND issuer IS ?2";
        let mut statement = self.db.prepare_cached(query)?;
        let key = params![record.serial.as_bytes(), record.issuer];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
    }

    /// How many certificates were recorded, taken back ones too: told without counting them.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn recorded(&self) -> Result<usize, StoreError> {
        let query = match self.is_copy()? {
            // Machines that share a ledger give numbers with gaps.
            true => "SELECT count(*) FROM certificate",
            false => "SELECT coalesce(max(id), 0) FROM certificate",
        };
        let last: i64 = self.db.query_row(query, [], |row| row.get(0))?;
        Ok(usize::try_from(last).unwrap_or(0))
    }

    /// Whether the database holds together, its indexes with its tables; the first fault in SQLite's words.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn first_fault(&self) -> Result<Option<String>, StoreError> {
        let fault: String = self
            .db
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        Ok((fault != "ok").then_some(fault))
    }

    /// Every certificate that was signed under a name, CAs' and entries', oldest first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn named(&self, name: &EntryName) -> Result<Vec<Record>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM certificate WHERE name = ? AND {SETTLED} ORDER BY id");
        let mut statement = self.db.prepare(&query)?;
        let records = statement.query_map([name.as_str()], read_record)?;
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// The first certificate in use of a kind that a CA has signed.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn first_issued(
        &self,
        kind: Kind,
        issuer: &EntryName,
    ) -> Result<Option<Record>, StoreError> {
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

    /// Serial number and standing of every certificate that counts, handed to `each` one by one.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub(in crate::store) fn for_each_standing(
        &self,
        mut each: impl FnMut(Serial, Standing<'_>),
    ) -> Result<(), StoreError> {
        let query =
            format!("SELECT serial, status, name, kind, issuer FROM certificate WHERE {SETTLED}");
        let mut statement = self.db.prepare(&query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let serial = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let name = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            let status = word(row, 1, Status::ALL.map(|status| (status.name(), status)))?;
            let kind = word(row, 3, Kind::ALL.map(|kind| (kind.name(), kind)))?;
            let issuer = row
                .get_ref(4)?
                .as_str_or_null()
                .map_err(rusqlite::Error::from)?;
            let standing = Standing {
                status,
                name,
                area: kind.area(),
                issuer,
            };
            each(Serial::from_integer(serial), standing);
        }
        Ok(())
    }

    /// CAs that are in use, roots and intermediates, in the order of signing.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn authorities(&self) -> Result<Vec<Record>, StoreError> {
        self.authorities_of(Status::Current)
    }

    /// CAs of a status, roots and intermediates, in the order of signing; found however many entries there are. What
    /// only vouches for the key of one is none.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn authorities_of(&self, status: Status) -> Result<Vec<Record>, StoreError> {
        self.among_authorities(status, "origin <> 'crossed'")
    }

    /// Cross certificates that are in use, in the order of signing.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn crossings(&self) -> Result<Vec<Record>, StoreError> {
        self.among_authorities(Status::Current, "origin = 'crossed'")
    }

    fn among_authorities(&self, status: Status, which: &str) -> Result<Vec<Record>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM certificate INDEXED BY certificate_authority
             WHERE kind IN ('root', 'intermediate') AND status = ? AND {which} AND {SETTLED} ORDER BY id"
        );
        let mut statement = self.db.prepare_cached(&query)?;
        let records = statement.query_map([status.name()], read_record)?;
        Ok(records.collect::<Result<_, _>>()?)
    }
}

/// Of a row of [`COLUMNS`].
pub(super) fn read_record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let to_be_signed: Vec<u8> = row.get(10)?;
    Ok(read_listed(row)?.with(to_be_signed.into()))
}

/// Of a row of [`LISTED`].
pub(super) fn read_listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
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
        to_be_signed: (),
    })
}

pub(super) fn word<T, const N: usize>(
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

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<OffsetDateTime> {
    let seconds = row.get(column)?;
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, seconds))
}
