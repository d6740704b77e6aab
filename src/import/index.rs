//! The database of `openssl ca`, a line a certificate (openssl-ca(1), and apps/lib/apps.c of OpenSSL):
//! `V|R|E`, when it ends, when and why it was revoked, serial number, file, subject; tabs between them.

use time::{Date, Month, OffsetDateTime, Time};

use crate::pki::{
    revocation::{Reason, Revocation},
    serial::Serial,
};

/// One certificate of an index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// Its serial number
    pub serial: Serial,
    /// Until when it is valid
    pub ends: OffsetDateTime,
    /// Since when and why it is revoked, if it is
    pub revocation: Option<Revocation>,
    /// The common name in its subject
    pub common_name: Option<String>,
}

/// A line that is not read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BadLine {
    /// From 1
    pub line: usize,
    /// What is wrong with it
    pub reason: &'static str,
}

/// So many bad lines are told of one file.
const MAX_TOLD: usize = 20;

/// Reads an index.
///
/// # Errors
///
/// Every line that is none, as far as they are told: one that was left out could be a revocation.
pub fn read(text: &[u8]) -> Result<Vec<Row>, Vec<BadLine>> {
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for (number, line) in text.split(|octet| *octet == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        match row(&String::from_utf8_lossy(line)) {
            Ok(row) => rows.push(row),
            Err(reason) if bad.len() < MAX_TOLD => bad.push(BadLine {
                line: number + 1,
                reason,
            }),
            Err(_) => break,
        }
    }
    match bad.is_empty() {
        true => Ok(rows),
        false => Err(bad),
    }
}

fn row(line: &str) -> Result<Row, &'static str> {
    let fields: Vec<_> = line.split('\t').collect();
    let [status, ends, revoked, serial, _file, subject] = fields[..] else {
        return Err("it has not the six fields that `openssl ca` writes");
    };
    let ends = time(ends).ok_or("its second field is not a time, YYMMDDHHMMSSZ")?;
    let serial = number(serial).ok_or("its fourth field is not a serial number in hexadecimal")?;
    let revocation = match (status, revoked) {
        ("V" | "E", "") => None,
        ("R", revoked) => revocation(revoked, &serial)?,
        ("V" | "E", _) => return Err("it is not revoked, and says when it was"),
        _ => return Err("it begins with none of `V`, `R` and `E`"),
    };
    Ok(Row {
        serial,
        ends,
        revocation,
        common_name: common_name(subject),
    })
}

/// `TIME[,REASON[,MORE]]`. What was taken off hold is revoked no more.
fn revocation(field: &str, serial: &Serial) -> Result<Option<Revocation>, &'static str> {
    let mut parts = field.split(',');
    let at = parts.next().and_then(time);
    let at = at.ok_or("its third field does not say when it was revoked")?;
    let reason = match parts.next() {
        None | Some("") => Reason::Unspecified,
        Some("removeFromCRL") => return Ok(None),
        // Words of OpenSSL's for which the RFC has others.
        Some("holdInstruction") => Reason::CertificateHold,
        Some("keyTime") => Reason::KeyCompromise,
        Some("CAkeyTime") => Reason::CaCompromise,
        Some(word) => word
            .parse()
            .map_err(|_| "its third field does not say why it was revoked")?,
    };
    let serial = serial.clone();
    Ok(Some(Revocation { serial, at, reason }))
}

/// A serial number in hexadecimal, as many zeros before it as somebody likes.
pub(super) fn number(text: &str) -> Option<Serial> {
    match text.trim_start_matches('0') {
        "" if text.is_empty() => None,
        "" => "0".parse().ok(),
        digits if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => digits.parse().ok(),
        _ => None,
    }
}

/// `YYMMDDHHMM[SS]Z` or `YYYYMMDDHHMM[SS]Z`: UTCTime and GeneralizedTime (RFC 5280 §4.1.2.5).
pub(super) fn time(text: &str) -> Option<OffsetDateTime> {
    let digits = text.strip_suffix('Z')?;
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match digits.len() {
        10 | 12 => {
            let (year, rest) = digits.split_at(2);
            let year: i32 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        14 => {
            let (year, rest) = digits.split_at(4);
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let two = |at: usize| match rest.get(at..at + 2) {
        Some(digits) => digits.parse::<u8>().ok(),
        None => Some(0),
    };
    let month = Month::try_from(two(0)?).ok()?;
    let date = Date::from_calendar_date(year, month, two(2)?).ok()?;
    let time = Time::from_hms(two(4)?, two(6)?, two(8)?).ok()?;
    Some(date.with_time(time).assume_utc())
}

/// The last CN of `/C=XX/O=Acme/CN=name`, as `X509_NAME_oneline` writes it.
fn common_name(subject: &str) -> Option<String> {
    let (_, name) = subject.rsplit_once("/CN=")?;
    // A slash may stand in a name; only before a type and its equals sign it ends one.
    let ends = name.match_indices('/').find(|(at, _)| {
        let word = name[at + 1..].split('=').next().unwrap_or_default();
        let is_type =
            !word.is_empty() && word.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'.');
        is_type && name[at + 1..].contains('=')
    });
    let name = &name[..ends.map_or(name.len(), |(at, _)| at)];
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn lines() {
        const V: &str = "V\t270101000000Z\t\t01\tunknown\t/CN=a";
        let ends = datetime!(2027-01-01 00:00:00 UTC);
        let at = datetime!(2026-01-02 03:04:05 UTC);
        let revoked = |reason| {
            Some(Revocation {
                serial: "01".parse().expect("a number"),
                at,
                reason,
            })
        };
        for (line, expected) in [
            (V, Ok(None)),
            ("V\t20270101000000Z\t\t01\tunknown\t/CN=a", Ok(None)),
            ("E\t270101000000Z\t\t01\tunknown\t/CN=a", Ok(None)),
            (
                "R\t270101000000Z\t260102030405Z\t01\tunknown\t/CN=a",
                Ok(revoked(Reason::Unspecified)),
            ),
            (
                "R\t270101000000Z\t20260102030405Z,keyCompromise\t01\tx.pem\t/CN=a",
                Ok(revoked(Reason::KeyCompromise)),
            ),
            (
                "R\t270101000000Z\t260102030405Z,CACompromise\t0000000000000000000000000000000000000000000001\tx\t/CN=a",
                Ok(revoked(Reason::CaCompromise)),
            ),
            (
                "R\t270101000000Z\t260102030405Z,keyTime,20260101000000Z\t01\tx\t/CN=a",
                Ok(revoked(Reason::KeyCompromise)),
            ),
            (
                "R\t270101000000Z\t260102030405Z,holdInstruction,holdInstructionReject\t01\tx\t/CN=a",
                Ok(revoked(Reason::CertificateHold)),
            ),
            (
                "R\t270101000000Z\t260102030405Z,removeFromCRL\t01\tx\t/CN=a",
                Ok(None),
            ),
            ("V\t270101000000Z\t\t01\tunknown", Err("six fields")),
            ("", Ok(None)),
            ("nonsense", Err("six fields")),
            (
                "X\t270101000000Z\t\t01\tunknown\t/CN=a",
                Err("`V`, `R` and `E`"),
            ),
            (
                "V\t271301000000Z\t\t01\tunknown\t/CN=a",
                Err("second field"),
            ),
            ("V\t27010100000é\t\t01\tunknown\t/CN=a", Err("second field")),
            (
                "V\t270101000000Z\t260102030405Z\t01\tunknown\t/CN=a",
                Err("not revoked, and says"),
            ),
            (
                "R\t270101000000Z\t\t01\tunknown\t/CN=a",
                Err("when it was revoked"),
            ),
            (
                "R\t270101000000Z\t260102030405Z,whim\t01\tunknown\t/CN=a",
                Err("why it was revoked"),
            ),
            (
                "V\t270101000000Z\t\t-01\tunknown\t/CN=a",
                Err("serial number"),
            ),
            ("V\t270101000000Z\t\t\tunknown\t/CN=a", Err("serial number")),
            (
                "V\t270101000000Z\t\t0x1\tunknown\t/CN=a",
                Err("serial number"),
            ),
        ] {
            let text = format!("{V}\n{line}\n");
            match (read(text.as_bytes()), expected) {
                (Ok(rows), Ok(revocation)) => {
                    let last = rows.last().expect("a row");
                    assert_eq!((&last.revocation, last.ends), (&revocation, ends), "{line}");
                    assert_eq!(last.serial.to_string(), "01", "{line}");
                }
                (Err(bad), Err(reason)) => {
                    assert_eq!(bad.len(), 1);
                    assert_eq!(bad[0].line, 2);
                    assert!(bad[0].reason.contains(reason), "{line}: {}", bad[0]);
                }
                (found, _) => panic!("{line}: {found:?}"),
            }
        }
    }

    #[test]
    fn bad_lines_are_told_together_and_not_without_end() {
        let bad = read("x\n".repeat(100_000).as_bytes()).expect_err("none is a line");
        assert_eq!(bad.len(), MAX_TOLD);
        assert_eq!(
            bad[19].to_string(),
            "line 20: it has not the six fields that `openssl ca` writes"
        );
    }

    #[test]
    fn times() {
        for (text, expected) in [
            ("500101000000Z", Some(datetime!(1950-01-01 00:00:00 UTC))),
            ("491231235959Z", Some(datetime!(2049-12-31 23:59:59 UTC))),
            ("2601020304Z", Some(datetime!(2026-01-02 03:04:00 UTC))),
            ("99991231235959Z", Some(datetime!(9999-12-31 23:59:59 UTC))),
            ("260102030405", None),
            ("260230000000Z", None),
            ("Z", None),
            ("", None),
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
    }

    #[test]
    fn common_names() {
        for (subject, expected) in [
            ("/CN=a", Some("a")),
            ("/C=DE/O=Acme/CN=n1.db/emailAddress=x@y", Some("n1.db")),
            ("/CN=a/b", Some("a/b")),
            ("/CN=../../etc/x", Some("../../etc/x")),
            ("/CN=a/1.2.3=b", Some("a")),
            ("/CN=", None),
            ("/O=Acme", None),
            ("", None),
        ] {
            assert_eq!(common_name(subject).as_deref(), expected, "{subject}");
        }
    }
}
