//! The database of `cfssl serve` and `cfssl sign -db-config`: SQLite, a row a certificate (cfssl's certdb).

use rusqlite::{Row as Columns, types::ValueRef};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use x509_parser::num_bigint::BigUint;

use super::{
    database::{DatabaseError, opened, rows},
    index::Row,
};
use crate::pki::{
    certificate::Certificate,
    recognize::certificates,
    revocation::{Reason, Revocation},
    serial::Serial,
};

/// Digits of a serial number; 20 octets have 49.
const MOST_DIGITS: usize = 64;

/// One certificate of a database.
#[derive(Debug)]
pub(super) struct Recorded {
    /// What an index would say of it
    pub(super) row: Row,
    /// The certificate, where it can be read
    pub(super) certificate: Option<Certificate>,
}

impl Recorded {
    /// Who has issued it, as far as the certificate says.
    pub(super) fn issuer(&self) -> Option<Vec<u8>> {
        let certificate = self.certificate.as_ref()?;
        Some(certificate.parsed().issuer().as_raw().to_vec())
    }
}

/// Reads the rows of a database.
///
/// # Errors
///
/// Where it is none of cfssl's, or one of its rows says nothing that can be understood: it could be a revocation.
pub(super) fn read(octets: &[u8]) -> Result<Vec<Recorded>, DatabaseError> {
    let db = opened(octets, &["certificates"])?;
    let query =
        "SELECT serial_number, status, reason, expiry, revoked_at, pem FROM main.certificates";
    rows(&db, query, recorded)
}

fn recorded(columns: &Columns<'_>) -> Result<Recorded, DatabaseError> {
    let serial = text(columns, 0)?;
    let wrong = |reason| {
        let serial = serial.chars().filter(|c| !c.is_control()).take(MOST_DIGITS);
        DatabaseError::Row {
            serial: serial.collect(),
            reason,
        }
    };
    let number = number(&serial).ok_or_else(|| wrong("its serial number is not a decimal one"))?;
    let ends = moment(columns, 3)?.ok_or_else(|| wrong("its `expiry` is not a time"))?;
    let revocation = match text(columns, 1)?.as_str() {
        "good" => None,
        "revoked" if code(columns)? == REMOVED => None,
        "revoked" => {
            let at = moment(columns, 4)?;
            Some(Revocation {
                serial: number.clone(),
                at: at.ok_or_else(|| wrong("its `revoked_at` is not a time"))?,
                reason: reason(code(columns)?)
                    .ok_or_else(|| wrong("its `reason` is not one of RFC 5280"))?,
            })
        }
        _ => return Err(wrong("its `status` is neither good nor revoked")),
    };
    let pem = text(columns, 5)?;
    let certificate = certificates(pem.as_bytes())
        .ok()
        .into_iter()
        .flatten()
        .next();
    Ok(Recorded {
        // Another's certificate would be believed to be this one.
        certificate: certificate.filter(|it| it.serial() == number),
        row: Row {
            serial: number,
            ends,
            revocation,
            common_name: None,
        },
    })
}

/// Text, as SQLite keeps it or as Go hands it over.
fn text(columns: &Columns<'_>, index: usize) -> Result<String, DatabaseError> {
    Ok(match columns.get_ref(index)? {
        ValueRef::Text(octets) | ValueRef::Blob(octets) => {
            String::from_utf8_lossy(octets).into_owned()
        }
        _ => String::new(),
    })
}

fn number(text: &str) -> Option<Serial> {
    let is_decimal =
        (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    let number = is_decimal.then(|| BigUint::parse_bytes(text.as_bytes(), 10))??;
    Some(Serial::from_integer(&number.to_bytes_be()))
}

/// `2027-01-01 00:00:00+00:00`, with a `T` or without a zone; or seconds since 1970.
fn moment(columns: &Columns<'_>, index: usize) -> Result<Option<OffsetDateTime>, DatabaseError> {
    if let ValueRef::Integer(seconds) = columns.get_ref(index)? {
        return Ok(OffsetDateTime::from_unix_timestamp(seconds).ok());
    }
    let text = text(columns, index)?.replacen(' ', "T", 1);
    let read = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    Ok(read(&text).or_else(|| read(&format!("{text}Z"))))
}

/// Code 8: what was on hold is taken off the CRL.
const REMOVED: i64 = 8;

/// Why it is revoked (RFC 5280 §5.3.1); code 7 is nobody's.
fn reason(code: i64) -> Option<Reason> {
    let place = match code {
        0..=6 => code,
        9 | 10 => code - 2,
        _ => return None,
    };
    usize::try_from(place).ok().map(|place| Reason::ALL[place])
}

fn code(columns: &Columns<'_>) -> Result<i64, DatabaseError> {
    Ok(match columns.get_ref(2)? {
        ValueRef::Null => 0,
        ValueRef::Integer(code) => code,
        _ => -1,
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, MAIN_DB};
    use time::macros::datetime;

    use super::*;

    const TABLE: &str = "CREATE TABLE certificates (serial_number blob NOT NULL,
        authority_key_identifier blob NOT NULL, ca_label blob, status blob NOT NULL, reason int,
        expiry timestamp, revoked_at timestamp, pem blob NOT NULL,
        PRIMARY KEY (serial_number, authority_key_identifier));";

    fn database(statements: &str) -> Vec<u8> {
        let mut db = Connection::open_in_memory().expect("SQLite is linked");
        db.execute_batch(statements).expect("SQL");
        db.serialize(MAIN_DB).expect("there is room").to_vec()
    }

    fn with_row(values: &str) -> Vec<u8> {
        database(&format!(
            "{TABLE} INSERT INTO certificates VALUES ({values}, '');"
        ))
    }

    #[test]
    fn rows() {
        const GOOD: &str = "'good', 0, '2027-01-01 00:00:00+00:00', '0001-01-01 00:00:00+00:00'";
        let at = datetime!(2026-01-02 03:04:05 UTC);
        let revoked = |reason| Ok(Some((at, reason)));
        for (values, expected) in [
            (format!("'255', '', NULL, {GOOD}"), Ok(None)),
            (
                String::from(
                    "'255', 'aa', '', 'revoked', 1, '2027-01-01T00:00:00Z', '2026-01-02 03:04:05'",
                ),
                revoked(Reason::KeyCompromise),
            ),
            (
                String::from("'255', '', '', 'revoked', 10, 1798761600, 1767323045"),
                revoked(Reason::AaCompromise),
            ),
            (
                String::from(
                    "'255', '', '', 'revoked', NULL, 1798761600, '2026-01-02 03:04:05+00:00'",
                ),
                revoked(Reason::Unspecified),
            ),
            (
                String::from("'255', '', '', 'revoked', 8, 1798761600, 1767323045"),
                Ok(None),
            ),
            (
                String::from("'255', '', '', 'revoked', 7, 1798761600, 1767323045"),
                Err("`reason`"),
            ),
            (
                String::from("'255', '', '', 'revoked', 'x', 1798761600, 1767323045"),
                Err("`reason`"),
            ),
            (
                String::from("'255', '', '', 'revoked', 1, 1798761600, 'never'"),
                Err("`revoked_at`"),
            ),
            (
                String::from("'255', '', '', 'maybe', 0, 1798761600, NULL"),
                Err("`status`"),
            ),
            (
                String::from("'255', '', '', 'good', 0, 'never', NULL"),
                Err("`expiry`"),
            ),
            (format!("'FF', '', NULL, {GOOD}"), Err("serial number")),
            (format!("'-1', '', NULL, {GOOD}"), Err("serial number")),
            (format!("'', '', NULL, {GOOD}"), Err("serial number")),
            (
                format!("'{}', '', NULL, {GOOD}", "9".repeat(65)),
                Err("serial number"),
            ),
        ] {
            match (read(&with_row(&values)), expected) {
                (Ok(found), Ok(revocation)) => {
                    let row = &found[0].row;
                    assert_eq!(row.serial.to_string(), "FF", "{values}");
                    assert_eq!(row.ends, datetime!(2027-01-01 00:00:00 UTC), "{values}");
                    let found = row.revocation.as_ref().map(|it| (it.at, it.reason));
                    assert_eq!(found, revocation, "{values}");
                }
                (Err(error), Err(reason)) => {
                    assert!(error.to_string().contains(reason), "{values}: {error}");
                }
                (found, _) => panic!("{values}: {found:?}"),
            }
        }
    }

    /// Nothing of it is run, and whatever it is there is an answer.
    #[test]
    fn hostile_databases() {
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
        let view = format!(
            "CREATE VIEW certificates AS {endless} SELECT i AS serial_number, 'good' AS status, 0 AS reason,
             0 AS expiry, 0 AS revoked_at, '' AS pem FROM n;"
        );
        let computed = TABLE.replace(
            "pem blob NOT NULL",
            "pem blob AS (printf('%.*c', 900000000, 'x'))",
        );
        let mut logged = with_row("'255', '', '', 'good', 0, 1798761600, NULL");
        logged[18..=19].fill(2);
        assert_eq!(read(&logged).map(|rows| rows.len()), Ok(1));
        for octets in [
            database(&view),
            database(&computed),
            database("CREATE TABLE other (a);"),
            b"SQLite format 3\0".to_vec(),
            b"-----BEGIN CERTIFICATE-----".to_vec(),
            Vec::new(),
        ] {
            let found = read(&octets);
            assert!(matches!(found, Err(DatabaseError::Another(_))), "{found:?}");
        }
        let whole = with_row("'255', '', '', 'good', 0, 1798761600, NULL");
        for length in (0..whole.len()).step_by(509) {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
        for place in (100..whole.len()).step_by(7) {
            let mut broken = whole.clone();
            broken[place] ^= 0x55;
            let _ = read(&broken);
        }
    }
}
