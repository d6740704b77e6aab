//! A tool's database of SQLite. It is somebody else's file: it is opened in memory, and nothing that stands in it
//! besides its rows is run.

use rusqlite::{Connection, MAIN_DB, Row, config::DbConfig};

/// How every file of SQLite begins.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Where it says who may write it, and who read: 2 is by a log beside it (SQLite's file format, §1.3.3).
const VERSIONS: std::ops::RangeInclusive<usize> = 18..=19;
/// More than a file that is read at all holds; one that was made to can show the same row over and over.
const MOST_ROWS: usize = 1_000_000;

/// Why a database is not read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum DatabaseError {
    /// It is something else, and may be left out.
    #[error("it is no database that is known: {0}")]
    Another(String),
    /// It cannot be read.
    #[error("it cannot be read as a database: {0}")]
    Broken(String),
    /// What is in it is not what its tool writes.
    #[error("the certificate {serial}: {reason}")]
    Row {
        /// Its serial number as it stands there
        serial: String,
        /// What is wrong with it
        reason: &'static str,
    },
    /// More than anybody has.
    #[error("there are more than {MOST_ROWS} certificates in it")]
    Long,
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Octets that its header says it has, page size times number of pages (§1.3.2, §1.3.8).
fn length(octets: &[u8]) -> Option<u64> {
    let size = u16::from_be_bytes(octets.get(16..18)?.try_into().ok()?);
    let size = if size == 1 { 1 << 16 } else { u64::from(size) };
    let pages = u32::from_be_bytes(octets.get(28..32)?.try_into().ok()?);
    Some(size * u64::from(pages))
}

/// Opens it in memory, where all of these are tables and nothing else.
pub(super) fn opened(octets: &[u8], tables: &[&str]) -> Result<Connection, DatabaseError> {
    let Some(length) = length(octets).filter(|_| octets.starts_with(MAGIC)) else {
        return Err(DatabaseError::Another(String::from("it is not SQLite's")));
    };
    if (octets.len() as u64) < length {
        return Err(DatabaseError::Broken(String::from("its end is missing")));
    }
    let mut octets = octets.to_vec();
    // There is no log in memory; one that stands beside the file is refused before.
    octets[VERSIONS].fill(1);
    let mut db = Connection::open_in_memory()?;
    for (setting, is_on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        db.set_db_config(setting, is_on)?;
    }
    db.deserialize_read_exact(MAIN_DB, &*octets, octets.len(), true)?;
    db.pragma_update(None, "cell_size_check", true)?;
    for table in tables {
        if !is_plain(&db, table)? {
            return Err(DatabaseError::Another(format!(
                "it has no plain table `{table}`"
            )));
        }
    }
    Ok(db)
}

/// Whether it is a table and nothing else: a virtual one, and a column that is computed, would run what the file says.
pub(super) fn is_plain(db: &Connection, table: &str) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema
         WHERE type = 'table' AND name = ?1 AND rootpage > 0)
         AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 0)";
    db.query_row(query, [table], |row| row.get(0))
}

/// All that a query finds.
pub(super) fn rows<T>(
    db: &Connection,
    query: &str,
    read: impl Fn(&Row<'_>) -> Result<T, DatabaseError>,
) -> Result<Vec<T>, DatabaseError> {
    let mut statement = db.prepare(query)?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        if all.len() == MOST_ROWS {
            return Err(DatabaseError::Long);
        }
        all.push(read(row)?);
    }
    Ok(all)
}
