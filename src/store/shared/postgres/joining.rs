//! Directories that share a ledger, and how it begins.

use std::{collections::BTreeSet, path::Path};

use ring::rand::{SecureRandom as _, SystemRandom};
use tokio_postgres::{IsolationLevel, error::SqlState};

use super::{
    Connected, Failure, Postgres, attempted,
    client::{Client, Transaction},
    connect::Address,
    schema, unasked,
};
use crate::store::shared::{Settings, SharedError, delta::Delta, number};

/// The author of a directory that is known by its transactions alone.
const FORGOTTEN: &str = "a directory that a backup had forgotten";

/// Which ledger is in a database.
pub(super) fn ledger(client: &mut Client) -> Result<String, SharedError> {
    let missing = [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME];
    let row = match client.query_opt("SELECT id, version FROM certctl.ledger", &[]) {
        Err(Failure::Database(error)) if error.code().is_some_and(|it| missing.contains(it)) => {
            None
        }
        found => found.map_err(unasked)?,
    };
    let row = row.ok_or(SharedError::Absent)?;
    let read = |error: tokio_postgres::Error| unasked(error.into());
    match row.try_get(1).map_err(read)? {
        schema::VERSION => row.try_get(0).map_err(read),
        other => Err(SharedError::Version(other)),
    }
}

/// Makes the tables; true where there were none.
pub(in crate::store::shared) fn init(url: &str, root: &Path) -> Result<bool, SharedError> {
    let mut client = Address::new(url, root)?.connect()?;
    match ledger(&mut client) {
        Err(SharedError::Absent) => {}
        there => return there.map(|_| false),
    }
    let id = token()?;
    let made = attempted(&mut client, IsolationLevel::ReadCommitted, &mut |change| {
        change.batch_execute(&schema::all())?;
        change.execute(
            "INSERT INTO certctl.ledger VALUES ($1, $2)",
            &[&id, &schema::VERSION],
        )
    });
    made.map(|_| true).map_err(unasked)
}

/// Takes a number for a directory.
pub(in crate::store::shared) fn join(
    url: &str,
    root: &Path,
    author: &str,
) -> Result<Settings, SharedError> {
    let address = Address::new(url, root)?;
    let mut client = address.connect()?;
    let id = ledger(&mut client)?;
    let token = token()?;
    let octets = random::<8>()?;
    let mut database = Postgres {
        address,
        id: id.clone(),
        joined: None,
        client: Some(Connected(client)),
        claimed: None,
    };
    let writer = database.run(IsolationLevel::ReadCommitted, |change| {
        let known = "SELECT number FROM certctl.writer WHERE token = $1";
        if let Some(row) = change.query_opt(known, &[&token])? {
            return Ok(row.try_get(0)?);
        }
        // At random: what a backup has forgotten is hardly given again.
        let number = number::any(octets);
        let count = "SELECT count(*) FROM certctl.writer";
        let count: i64 = change.query_one(count, &[])?.try_get(0)?;
        if count > number::MAX_WRITERS / 2 {
            let reason = String::from("no more directories can join this ledger");
            return Err(SharedError::Refused(reason).into());
        }
        // Who has the same number by chance draws another.
        let written = change.execute(
            "INSERT INTO certctl.writer VALUES ($1, $2, $3, now()) ON CONFLICT (number) DO NOTHING",
            &[&number, &token, &author],
        )?;
        Ok(if written == 1 { number } else { 0 })
    });
    match writer? {
        0 => join(url, root, author),
        writer => Ok(Settings {
            url: url.to_owned(),
            id,
            writer,
            token,
        }),
    }
}

/// Sixteen octets that nobody else has, in hexadecimal digits.
fn token() -> Result<String, SharedError> {
    Ok(base16ct::lower::encode_string(&random::<16>()?))
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], SharedError> {
    let mut octets = [0; LENGTH];
    let filled = SystemRandom::new().fill(&mut octets);
    filled.map_err(|_| SharedError::Refused(String::from("there is no randomness")))?;
    Ok(octets)
}

/// Makes sure that the directory's number is its own: a backup may have forgotten that it has joined, and another
/// may have got the number since then.
pub(super) fn check_number(
    joined: Option<&(i64, String)>,
    client: &mut Client,
) -> Result<(), SharedError> {
    let Some((number, token)) = joined else {
        return Ok(());
    };
    let query = "SELECT token FROM certctl.writer WHERE number = $1";
    let found = client.query_opt(query, &[number]).map_err(unasked)?;
    let found: Option<String> = found
        .map(|row| row.try_get(0))
        .transpose()
        .map_err(|error| unasked(error.into()))?;
    match found {
        Some(found) if found == *token || found == brought_back(*number) => Ok(()),
        _ => Err(SharedError::Forgotten),
    }
}

/// Has the directories whose transactions are given be among those that share the ledger, and who gives them.
///
/// A backup may have been made before they joined, and nobody reads what is of none of them.
pub(super) fn bring_back_writers(
    change: &mut Transaction<'_>,
    deltas: &[(Delta, BTreeSet<String>)],
    joined: Option<&(i64, String)>,
) -> Result<(), Failure> {
    let put =
        "INSERT INTO certctl.writer VALUES ($1, $2, $3, now()) ON CONFLICT (number) DO NOTHING";
    if let Some((number, token)) = joined {
        change.execute(put, &[number, token, &FORGOTTEN])?;
    }
    let numbers = deltas.iter().map(|(it, _)| number::writer(it.transaction));
    let numbers: BTreeSet<i64> = numbers.filter(|it| *it > 0).collect();
    for number in numbers {
        change.execute(put, &[&number, &brought_back(number), &FORGOTTEN])?;
    }
    Ok(())
}

/// The token that a directory's number has where others, who do not know it, brought the number back.
fn brought_back(number: i64) -> String {
    format!("forgotten-{number}")
}
