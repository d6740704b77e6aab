//! The ledger of another PKI directory of certctl's: what its CAs have signed, and what became of it. CRLs tell of
//! revocations once they are made, and of what has ended no more.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row as Columns};
use time::OffsetDateTime;

use super::{
    database::{DatabaseError, is_plain, opened, rows},
    index::Row,
};
use crate::pki::{
    revocation::{Reason, Revocation},
    serial::Serial,
};

/// What it has of one CA.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// What was signed, as an index would have it
    pub(super) rows: Vec<Row>,
    /// What the CA had revoked before it came there
    pub(super) adopted: Vec<Revocation>,
    /// The number of its last CRL
    pub(super) last_number: u64,
}

/// A CA of which the ledger says that another takes its place.
#[derive(Debug)]
pub struct MadeWay {
    /// Its name there
    pub old: String,
    /// That of the other
    pub new: String,
    /// How far that is
    pub stage: Stage,
}

/// How far a CA's place is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// The other has signed nothing yet
    Announced,
    /// Both are trusted, and certificates of both are in use
    OnItsWay,
    /// The other alone is trusted
    Done,
}

/// All that it says.
#[derive(Debug)]
pub(super) struct OwnLedger {
    /// What it has of each CA, by its name
    pub(super) authorities: BTreeMap<String, Recorded>,
    /// CAs that make way for others, in the order in which they did
    pub(super) made_way: Vec<MadeWay>,
}

/// Reads it.
///
/// # Errors
///
/// Where it is none, or a row says nothing that can be understood: it could be a revocation.
pub(super) fn read(octets: &[u8]) -> Result<OwnLedger, DatabaseError> {
    let db = opened(octets, &["certificate", "adopted_revocation", "crl"])?;
    let mut all: BTreeMap<String, Recorded> = BTreeMap::new();
    let signed = rows(
        &db,
        "SELECT issuer, serial, revoked_at, reason, status, not_after, name FROM main.certificate
         WHERE issuer IS NOT NULL",
        signed,
    )?;
    for (issuer, row) in signed {
        all.entry(issuer).or_default().rows.push(row);
    }
    let adopted = rows(
        &db,
        "SELECT issuer, serial, revoked_at, reason FROM main.adopted_revocation",
        |columns| Ok((columns.get(0)?, revocation(columns)?)),
    )?;
    for (issuer, revocation) in adopted {
        all.entry(issuer).or_default().adopted.push(revocation);
    }
    let numbers = rows(&db, "SELECT issuer, number FROM main.crl", |columns| {
        Ok((columns.get(0)?, columns.get::<_, i64>(1)?))
    })?;
    for (issuer, number) in numbers {
        let known = &mut all.entry(issuer).or_default().last_number;
        *known = u64::try_from(number).unwrap_or(0).max(*known);
    }
    Ok(OwnLedger {
        authorities: all,
        made_way: made_way(&db)?,
    })
}

/// A ledger has the table from its first rotation on.
fn made_way(db: &Connection) -> Result<Vec<MadeWay>, DatabaseError> {
    if !is_plain(db, "rotation")? {
        return Ok(Vec::new());
    }
    let all = rows(
        db,
        "SELECT ca, successor, phase FROM main.rotation AS step
         WHERE txn = (SELECT max(txn) FROM main.rotation AS last WHERE last.began = step.began)
         ORDER BY began, place",
        |columns| {
            let phase: String = columns.get(2)?;
            let made_way = |stage| {
                Ok(Some(MadeWay {
                    old: columns.get(0)?,
                    new: columns.get(1)?,
                    stage,
                }))
            };
            match phase.as_str() {
                "announced" => made_way(Stage::Announced),
                "finished" => made_way(Stage::Done),
                "aborted" => Ok(None),
                // Whatever else there is, it is not over.
                _ => made_way(Stage::OnItsWay),
            }
        },
    )?;
    Ok(all.into_iter().flatten().collect())
}

fn signed(columns: &Columns<'_>) -> Result<(String, Row), DatabaseError> {
    let serial = serial(columns)?;
    let wrong = |reason| wrong(&serial, reason);
    let status: String = columns.get(4)?;
    let row = Row {
        ends: moment(columns, 5).ok_or_else(|| wrong("its `not_after` is not a time"))?,
        revocation: match status.as_str() {
            "current" | "replaced" => None,
            "revoked" => Some(revocation(columns)?),
            _ => return Err(wrong("its `status` is none of certctl's")),
        },
        common_name: columns.get(6)?,
        serial,
    };
    Ok((columns.get(0)?, row))
}

fn serial(columns: &Columns<'_>) -> Result<Serial, DatabaseError> {
    Ok(Serial::from_integer(&columns.get::<_, Vec<u8>>(1)?))
}

fn revocation(columns: &Columns<'_>) -> Result<Revocation, DatabaseError> {
    let serial = serial(columns)?;
    let reason: Option<Reason> = columns
        .get::<_, Option<String>>(3)?
        .and_then(|word| word.parse().ok());
    Ok(Revocation {
        at: moment(columns, 2).ok_or_else(|| wrong(&serial, "its `revoked_at` is not a time"))?,
        reason: reason.ok_or_else(|| wrong(&serial, "its `reason` is not one of RFC 5280"))?,
        serial,
    })
}

fn moment(columns: &Columns<'_>, index: usize) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(columns.get(index).ok()?).ok()
}

fn wrong(serial: &Serial, reason: &'static str) -> DatabaseError {
    DatabaseError::Row {
        serial: serial.to_string(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, MAIN_DB};

    use super::*;

    const TABLES: &str =
        "CREATE TABLE certificate (issuer TEXT, serial BLOB, revoked_at INTEGER, reason TEXT,
            status TEXT, not_after INTEGER, name TEXT);
        CREATE TABLE adopted_revocation (issuer TEXT, serial BLOB, revoked_at INTEGER, reason TEXT);
        CREATE TABLE crl (issuer TEXT, number INTEGER);";

    fn ledger(rows: &str) -> Vec<u8> {
        let mut db = Connection::open_in_memory().expect("SQLite is linked");
        db.execute_batch(&format!("{TABLES}{rows}")).expect("SQL");
        db.serialize(MAIN_DB).expect("there is room").to_vec()
    }

    #[test]
    fn all_that_is_known_of_a_ca() {
        let found = read(&ledger(
            "INSERT INTO certificate VALUES (NULL, x'01', NULL, NULL, 'current', 9, 'root'),
                ('root', x'02', NULL, NULL, 'replaced', 9, 'a'), ('root', x'03', 5, 'superseded', 'revoked', 9, 'a'),
                ('issuing', x'02', NULL, 'key-imported', 'current', 9, 'b');
             INSERT INTO adopted_revocation VALUES ('root', x'07', 4, 'unspecified');
             INSERT INTO crl VALUES ('root', 3), ('root', 2), ('issuing', 0);",
        ))
        .expect("a ledger");
        let told = |name: &str| {
            let it = &found.authorities[name];
            let rows = it.rows.iter().map(|row| {
                let revoked = row
                    .revocation
                    .as_ref()
                    .map(|it| (it.at.unix_timestamp(), it.reason));
                (row.serial.to_string(), revoked)
            });
            (rows.collect::<Vec<_>>(), it.adopted.len(), it.last_number)
        };
        let superseded = Some((5, Reason::Superseded));
        let of_root = [(String::from("02"), None), (String::from("03"), superseded)];
        assert_eq!(told("root"), (of_root.to_vec(), 1, 3));
        assert_eq!(told("issuing"), (vec![(String::from("02"), None)], 0, 0));
    }

    #[test]
    fn what_could_be_a_revocation_is_not_left_out() {
        for (row, reason) in [
            (
                "('r', x'02', NULL, 'superseded', 'revoked', 9, 'a')",
                "`revoked_at`",
            ),
            ("('r', x'02', 5, 'whim', 'revoked', 9, 'a')", "`reason`"),
            ("('r', x'02', NULL, NULL, 'gone', 9, 'a')", "`status`"),
            (
                "('r', x'02', NULL, NULL, 'current', 'late', 'a')",
                "`not_after`",
            ),
        ] {
            let error = read(&ledger(&format!("INSERT INTO certificate VALUES {row};")));
            let error = error.expect_err(row).to_string();
            assert!(error.contains(reason), "{row}: {error}");
        }
    }
}
