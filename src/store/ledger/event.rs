//! The history: one event for each transaction, chained by hashes, so that a changed or missing row shows.
//!
//! An event's hash covers the hash before it, its own fields, the certificates that its transaction
//! recorded, what became of older ones, and the CRLs that it made. Changes of certificates are noted by a
//! trigger, so that no path of the program can leave one out.

use std::fmt;

use ring::digest::{Context, SHA256};
use rusqlite::{Row, params, types::ValueRef};
use time::OffsetDateTime;

use super::{
    Ledger, Record,
    reading::{SETTLED, time},
    schema,
};
use crate::{pki::serial::Serial, store::StoreError};

/// Who has something done, and what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Author {
    /// When
    pub at: OffsetDateTime,
    /// Name or number of the user
    pub user: String,
    /// Name of the machine
    pub host: String,
    /// The command line, without secrets
    pub command: String,
}

impl Default for Author {
    fn default() -> Self {
        Self {
            at: OffsetDateTime::UNIX_EPOCH,
            user: String::new(),
            host: String::new(),
            command: String::new(),
        }
    }
}

/// What one transaction did.
#[derive(Clone, Debug)]
pub struct Event {
    /// Number of the transaction
    pub number: i64,
    /// Who did it
    pub author: Author,
    /// SHA-256 over all that came before and this
    pub hash: Vec<u8>,
    /// Which certificates were concerned, new ones first
    pub certificates: Vec<Touched>,
}

/// A certificate in an event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Touched {
    /// Name of the entry or CA
    pub name: String,
    /// Its serial number, upper-case hexadecimal digits
    pub serial: String,
    /// `issued`, `key-imported`, or its new status
    pub change: String,
}

/// Columns of a certificate that never change, in the order of [`Rows::add`].
pub(super) const FIXED: &str =
    "issuer, serial, name, kind, not_before, not_after, names, key_type, origin, tbs";

/// A running digest over the certificates of one transaction.
#[derive(Clone)]
pub(super) struct Rows {
    pub(super) transaction: i64,
    /// Number of the first of them
    pub(super) first_id: Option<i64>,
    /// How many they are
    pub(super) count: i64,
    pub(super) context: Context,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rows({})", self.transaction)
    }
}

impl Rows {
    pub(super) fn new(transaction: i64) -> Self {
        Self {
            transaction,
            first_id: None,
            count: 0,
            context: Context::new(&SHA256),
        }
    }

    pub(super) fn add(&mut self, record: &Record) {
        self.count += 1;
        let seconds = |time: OffsetDateTime| time.unix_timestamp().to_be_bytes();
        let names = record.names.join("\n");
        let fields = [
            record
                .issuer
                .as_ref()
                .map(|issuer| issuer.as_str().as_bytes()),
            Some(record.serial.as_bytes()),
            Some(record.name.as_str().as_bytes()),
            Some(record.kind.name().as_bytes()),
            Some(&seconds(record.validity.not_before)),
            Some(&seconds(record.validity.not_after)),
            Some(names.as_bytes()),
            Some(record.key_type.as_bytes()),
            Some(record.origin.name().as_bytes()),
            Some(&record.to_be_signed),
        ];
        for field in fields {
            add(&mut self.context, field);
        }
    }

    pub(super) fn finish(&self) -> Vec<u8> {
        self.context.clone().finish().as_ref().to_vec()
    }
}

/// One field, told apart from its neighbours by its length, and NULL from nothing.
fn add(context: &mut Context, field: Option<&[u8]>) {
    let length = field.map_or(u64::MAX, |octets| octets.len() as u64);
    context.update(&length.to_be_bytes());
    context.update(field.unwrap_or_default());
}

/// The columns `from..to` of a row, as [`Rows::add`] takes the fields of a record.
pub(super) fn add_columns(
    context: &mut Context,
    row: &Row<'_>,
    columns: std::ops::Range<usize>,
) -> rusqlite::Result<()> {
    for column in columns {
        match row.get_ref(column)? {
            ValueRef::Null => add(context, None),
            ValueRef::Integer(number) => add(context, Some(&number.to_be_bytes())),
            ValueRef::Real(number) => add(context, Some(&number.to_be_bytes())),
            ValueRef::Text(octets) | ValueRef::Blob(octets) => add(context, Some(octets)),
        }
    }
    Ok(())
}

/// Writes the event of a transaction, as the last step of its commit; returns its hash.
pub(super) fn note(
    commit: &rusqlite::Transaction<'_>,
    transaction: i64,
    author: &Author,
    rows: Option<&Rows>,
) -> rusqlite::Result<Vec<u8>> {
    let certificates = rows.map_or_else(|| Rows::new(transaction).finish(), Rows::finish);
    let last: Vec<u8> = commit.query_row("SELECT head FROM state", [], |row| row.get(0))?;
    let at = author.at.unix_timestamp();
    let mut context = after(&last);
    for field in [
        &transaction.to_be_bytes()[..],
        &at.to_be_bytes(),
        author.user.as_bytes(),
        author.host.as_bytes(),
        author.command.as_bytes(),
        &certificates,
    ] {
        add(&mut context, Some(field));
    }
    let hash = finish(context, commit, transaction)?;
    commit.execute(
        "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![
            transaction,
            at,
            author.user,
            author.host,
            author.command,
            certificates,
            hash
        ],
    )?;
    Ok(hash)
}

/// Begins the hash of an event that comes after the one with the hash `last`. The event's own columns follow.
pub(super) fn after(last: &[u8]) -> Context {
    let mut context = Context::new(&SHA256);
    add(&mut context, Some(last));
    context
}

/// Ends the hash of an event with all that it changed.
pub(super) fn finish(
    mut context: Context,
    db: &rusqlite::Connection,
    transaction: i64,
) -> rusqlite::Result<Vec<u8>> {
    let of_shared = match schema::is_shared(db)? {
        true => Some("SELECT writer, last, hash FROM checkpoint WHERE txn = ? ORDER BY writer"),
        false => None,
    };
    let of_rotations: &[_] = match schema::has_rotations(db)? {
        true => &[
            "SELECT began, place, ca, successor, phase FROM rotation WHERE txn = ? ORDER BY began, place",
            "SELECT began, name, format, trusts, bundle, serial, chain, seen_by FROM consumer WHERE txn = ? ORDER BY began, name",
        ],
        false => &[],
    };
    for query in [
        "SELECT certificate, status, revoked_at, reason FROM status_change WHERE txn = ? ORDER BY certificate",
        "SELECT issuer, url, number, this_update FROM crl WHERE txn = ? ORDER BY issuer",
        "SELECT issuer, serial, revoked_at, reason FROM adopted_revocation WHERE txn = ? ORDER BY issuer, serial",
    ]
    .iter()
    .chain(of_rotations)
    .chain(&of_shared)
    {
        let mut statement = db.prepare_cached(query)?;
        let columns = statement.column_count();
        let mut rows = statement.query([transaction])?;
        while let Some(row) = rows.next()? {
            add_columns(&mut context, row, 0..columns)?;
        }
    }
    Ok(context.finish().as_ref().to_vec())
}

impl Ledger {
    /// Every event, oldest first, with its certificates.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn events(&self) -> Result<Vec<Event>, StoreError> {
        let mut statement = self
            .db
            .prepare("SELECT txn, at, user, host, command, hash FROM event ORDER BY txn")?;
        let read = |row: &Row<'_>| {
            Ok(Event {
                number: row.get(0)?,
                author: Author {
                    at: time(row, 1)?,
                    user: row.get(2)?,
                    host: row.get(3)?,
                    command: row.get(4)?,
                },
                hash: row.get(5)?,
                certificates: Vec::new(),
            })
        };
        let mut events: Vec<_> = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        for query in [
            format!(
                "SELECT txn, name, serial, 'issued' FROM certificate WHERE {SETTLED} ORDER BY id"
            ),
            String::from(
                "SELECT h.txn, c.name, c.serial,
                 iif(h.status = 'current' AND h.reason = 'key-imported' AND NOT EXISTS (SELECT 1 FROM status_change b
                     WHERE b.certificate = c.id AND b.reason = h.reason AND b.txn < h.txn), h.reason, h.status)
                 FROM status_change h JOIN certificate c ON c.id = h.certificate ORDER BY h.txn, c.id",
            ),
        ] {
            let mut statement = self.db.prepare(&query)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let number: i64 = row.get(0)?;
                let serial: Vec<u8> = row.get(2)?;
                let touched = Touched {
                    name: row.get(1)?,
                    serial: Serial::from_integer(&serial).to_string(),
                    change: row.get(3)?,
                };
                if let Ok(index) = events.binary_search_by_key(&number, |event| event.number) {
                    events[index].certificates.push(touched);
                }
            }
        }
        Ok(events)
    }
}
