//! What a transaction made true, as the rows that it wrote: read from one database, written to another.

use std::collections::BTreeSet;

use rusqlite::{Connection, params_from_iter, types::Value};

use crate::store::layout::Area;

/// What a column holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Blob,
    Integer,
    Text,
}

/// A table whose rows are shared. They are never changed, and each belongs to one transaction, `txn`.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    /// The columns of its primary key
    pub(super) key: &'static str,
}

use Kind::{Blob, Integer, Text};

/// Certificates come before they are signed, as they were recorded: what becomes of them is in [`TABLES`].
pub(super) static CERTIFICATE: Table = Table {
    name: "certificate",
    columns: &[
        ("id", Integer),
        ("txn", Integer),
        ("issuer", Text),
        ("serial", Blob),
        ("name", Text),
        ("kind", Text),
        ("not_before", Integer),
        ("not_after", Integer),
        ("names", Text),
        ("key_type", Text),
        ("origin", Text),
        ("status", Text),
        ("tbs", Blob),
    ],
    key: "id",
};

/// All others, in the order in which they are written.
pub(super) static TABLES: [Table; 7] = [
    Table {
        name: "crl",
        columns: &[
            ("txn", Integer),
            ("issuer", Text),
            ("url", Text),
            ("number", Integer),
            ("this_update", Integer),
        ],
        key: "issuer, txn",
    },
    Table {
        name: "adopted_revocation",
        columns: &[
            ("txn", Integer),
            ("issuer", Text),
            ("serial", Blob),
            ("revoked_at", Integer),
            ("reason", Text),
        ],
        key: "txn, issuer, serial",
    },
    Table {
        name: "rotation",
        columns: &[
            ("txn", Integer),
            ("began", Integer),
            ("place", Integer),
            ("ca", Text),
            ("successor", Text),
            ("phase", Text),
        ],
        key: "txn, began, place",
    },
    Table {
        name: "consumer",
        columns: &[
            ("txn", Integer),
            ("began", Integer),
            ("name", Text),
            ("format", Text),
            ("trusts", Integer),
            ("bundle", Blob),
            ("serial", Blob),
            ("chain", Blob),
            ("seen_by", Text),
        ],
        key: "txn, began, name",
    },
    Table {
        name: "checkpoint",
        columns: &[
            ("txn", Integer),
            ("writer", Integer),
            ("last", Integer),
            ("hash", Blob),
        ],
        key: "txn, writer",
    },
    STATUS_CHANGE,
    Table {
        name: "event",
        columns: &[
            ("txn", Integer),
            ("at", Integer),
            ("user", Text),
            ("host", Text),
            ("command", Text),
            ("certificates", Blob),
            ("hash", Blob),
        ],
        key: "txn",
    },
];

/// In a machine's database a trigger writes them.
const STATUS_CHANGE: Table = Table {
    name: "status_change",
    columns: &[
        ("txn", Integer),
        ("certificate", Integer),
        ("status", Text),
        ("revoked_at", Integer),
        ("reason", Text),
    ],
    key: "txn, certificate",
};

/// The tables that those who issue add to.
pub(super) fn tables() -> impl Iterator<Item = &'static str> {
    let beside = ["claim", "file", "outcome", "signed", "writer"];
    let shared = [&CERTIFICATE].into_iter().chain(&TABLES);
    shared.map(|table| table.name).chain(beside)
}

pub(super) type Rows = Vec<Vec<Value>>;

impl Table {
    /// Its columns, each in double quotes: `user` is a word of SQL.
    pub(super) fn list(&self) -> String {
        let quoted = self.columns.iter().map(|(name, _)| format!("\"{name}\""));
        quoted.collect::<Vec<_>>().join(", ")
    }

    /// Its rows of one transaction.
    fn read(&self, db: &Connection, transaction: i64) -> rusqlite::Result<Rows> {
        let (list, name, key) = (self.list(), self.name, self.key);
        let query = format!("SELECT {list} FROM {name} WHERE txn = ? ORDER BY {key}");
        let mut statement = db.prepare_cached(&query)?;
        let width = self.columns.len();
        let rows = statement.query_map([transaction], |row| {
            (0..width).map(|column| row.get(column)).collect()
        })?;
        rows.collect()
    }

    fn write(&self, db: &Connection, rows: Rows) -> rusqlite::Result<()> {
        let values = vec!["?"; self.columns.len()].join(", ");
        let (name, list) = (self.name, self.list());
        let mut insert =
            db.prepare_cached(&format!("INSERT INTO {name} ({list}) VALUES ({values})"))?;
        for row in rows {
            insert.execute(params_from_iter(row))?;
        }
        Ok(())
    }
}

/// What one transaction wrote.
#[derive(Clone, Debug)]
pub(in crate::store) struct Delta {
    pub(in crate::store) transaction: i64,
    /// Certificates that it recorded
    pub(super) certificates: Rows,
    /// Rows of [`TABLES`], in their order
    pub(super) tables: Vec<Rows>,
}

impl Delta {
    /// The certificates alone, which are recorded before they are signed.
    pub(in crate::store) fn recorded(
        db: &Connection,
        transaction: i64,
        ids: std::ops::RangeInclusive<i64>,
    ) -> rusqlite::Result<Self> {
        let list = CERTIFICATE.list();
        let query = format!(
            "SELECT {list} FROM certificate WHERE id BETWEEN ? AND ? AND txn = ? ORDER BY id"
        );
        let mut statement = db.prepare_cached(&query)?;
        let rows = statement.query_map([*ids.start(), *ids.end(), transaction], |row| {
            (0..CERTIFICATE.columns.len())
                .map(|column| row.get(column))
                .collect()
        })?;
        Ok(Self {
            transaction,
            certificates: rows.collect::<Result<_, _>>()?,
            tables: Vec::new(),
        })
    }

    /// All but the certificates, within the commit.
    pub(in crate::store) fn effects(db: &Connection, transaction: i64) -> rusqlite::Result<Self> {
        let tables = TABLES.iter().map(|table| table.read(db, transaction));
        Ok(Self {
            transaction,
            certificates: Vec::new(),
            tables: tables.collect::<Result<_, _>>()?,
        })
    }

    /// All of it, certificates as they were recorded.
    pub(in crate::store) fn whole(db: &Connection, transaction: i64) -> rusqlite::Result<Self> {
        let mut certificates = CERTIFICATE.read(db, transaction)?;
        let status = CERTIFICATE.columns.iter().position(|it| it.0 == "status");
        for row in &mut certificates {
            let (Some(Value::Integer(id)), Some(status)) = (row.first(), status) else {
                continue;
            };
            // What became of it since then is in the changes of its status.
            let is_changed: bool = db
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM status_change WHERE certificate = ?)",
                )?
                .query_row([id], |found| found.get(0))?;
            if is_changed {
                row[status] = Value::Text(String::from("current"));
            }
        }
        Ok(Self {
            certificates,
            ..Self::effects(db, transaction)?
        })
    }

    /// Writes it into a database in which it is not yet.
    ///
    /// `has_certificates`: they are there, for they were recorded here.
    pub(in crate::store) fn write(
        self,
        db: &Connection,
        has_certificates: bool,
    ) -> rusqlite::Result<()> {
        if !has_certificates {
            CERTIFICATE.write(db, self.certificates)?;
        }
        for (table, rows) in TABLES.iter().zip(self.tables) {
            match table.name == STATUS_CHANGE.name {
                true => change_status(db, rows)?,
                false => table.write(db, rows)?,
            }
        }
        Ok(())
    }

    /// The hash of its event.
    pub(in crate::store) fn hash(&self) -> Option<&[u8]> {
        match self.tables.last()?.first()?.last()? {
            Value::Blob(hash) => Some(hash),
            _ => None,
        }
    }
}

/// Notes what became of certificates, and gives them the status that follows.
///
/// Histories of several machines may come in any order, as where a backup was put back: a revocation for good stays one,
/// whatever another did meanwhile that did not know of it.
fn change_status(db: &Connection, rows: Rows) -> rusqlite::Result<()> {
    let mut note =
        db.prepare_cached("INSERT OR REPLACE INTO status_change VALUES (?, ?, ?, ?, ?)")?;
    let mut update = db.prepare_cached(&format!(
        "UPDATE certificate SET (status, revoked_at, reason) =
         (SELECT status, revoked_at, reason FROM status_change WHERE certificate = ?1 ORDER BY {LAST} LIMIT 1)
         WHERE id = ?1"
    ))?;
    for row in rows {
        note.execute(params_from_iter(&row))?;
        // A trigger notes the update, as if this transaction had made it what it is.
        update.execute([row.get(1)])?;
        note.execute(params_from_iter(&row))?;
    }
    Ok(())
}

/// The order in which changes of a certificate's status count: a revocation for good, or else the last one.
pub(in crate::store) const LAST: &str =
    "(status = 'revoked' AND reason IS NOT 'certificateHold') DESC, txn DESC";

/// What a transaction builds on and changes, by the names that machines claim: `certs/NAME`, `ca/NAME`, `crl/NAME`,
/// `rotation`. Who changes one knows all that was done to it before.
pub(in crate::store) fn objects(
    db: &Connection,
    transaction: i64,
    first: Option<i64>,
) -> rusqlite::Result<BTreeSet<String>> {
    let mut objects = BTreeSet::new();
    let mut places = db.prepare_cached(
        "SELECT DISTINCT name, kind IN ('root', 'intermediate') FROM certificate
         WHERE (id >= ?2 AND txn = ?1) OR id IN (SELECT certificate FROM status_change WHERE txn = ?1)",
    )?;
    let mut rows = places.query((transaction, first.unwrap_or(i64::MAX)))?;
    while let Some(row) = rows.next()? {
        let area = match row.get(1)? {
            true => Area::Authorities,
            false => Area::Entries,
        };
        let name: String = row.get(0)?;
        objects.insert(format!("{}/{name}", area.directory()));
    }
    let mut crls = db.prepare_cached(
        "SELECT issuer FROM crl WHERE txn = ?1 UNION SELECT issuer FROM adopted_revocation WHERE txn = ?1",
    )?;
    let mut rows = crls.query([transaction])?;
    while let Some(row) = rows.next()? {
        objects.insert(format!("crl/{}", row.get::<_, String>(0)?));
    }
    let rotates: bool = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM rotation WHERE txn = ?1)
             OR EXISTS (SELECT 1 FROM consumer WHERE txn = ?1)",
        )?
        .query_row([transaction], |row| row.get(0))?;
    if rotates {
        objects.insert(String::from("rotation"));
    }
    Ok(objects)
}
