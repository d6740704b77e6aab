//! A shared ledger on PostgreSQL.
//!
//! Every change is one transaction of the database. What another's has come in the way of (40001, 40P01) is tried
//! again; so is what a broken connection may have swallowed, because nothing is done twice: rows have keys that only
//! this machine gives, and what becomes of a transaction is written once.

mod client;
mod connect;
mod deciding;
mod giving;
mod joining;
mod rows;
mod schema;

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use client::{Client, Transaction};
use connect::{Address, words};
use deciding::{LEASE, change_claimed, check_issuers, claim, decide, record, renew, sign};
use giving::{check_same, is_own, known, put};
use joining::{bring_back_writers, ledger};
pub(super) use joining::{init, join};
use rusqlite::types::Value;
use tokio_postgres::{IsolationLevel, error::SqlState};

use super::{
    Files, IsSeen, Journal, Seen, Settings, SharedError,
    delta::{CERTIFICATE, Delta, Rows, TABLES},
};

/// How often something is tried that others came in the way of.
const ATTEMPTS: usize = 20;

/// Between two attempts where others came in the way.
const PAUSE: Duration = Duration::from_millis(20);

/// Between two attempts where the connection broke: a database takes that long to start again.
const RESTART: Duration = Duration::from_millis(500);

/// For so long a database that was reached is waited for that is not reached any more.
const OUTAGE: Duration = Duration::from_secs(60);

/// The database, as one PKI directory reaches it.
#[derive(Debug)]
pub(super) struct Postgres {
    address: Address,
    id: String,
    /// The directory's number and its token; none where it is just about to join
    joined: Option<(i64, String)>,
    client: Option<Connected>,
    /// Since when all that a transaction claimed is claimed
    claimed: Option<(i64, Instant)>,
}

struct Connected(Client);

impl std::fmt::Debug for Connected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connected")
    }
}

/// Why something did not happen within a transaction of the database.
enum Failure {
    /// As the database or the network has it
    Database(tokio_postgres::Error),
    /// No answer came for so long
    Silence(Duration),
    /// As the ledger has it: it is not tried again
    Ledger(SharedError),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<SharedError> for Failure {
    fn from(error: SharedError) -> Self {
        Self::Ledger(error)
    }
}

impl Postgres {
    pub(super) fn new(settings: &Settings, root: &Path) -> Result<Self, SharedError> {
        Ok(Self {
            address: Address::new(&settings.url, root)?,
            id: settings.id.clone(),
            joined: Some((settings.writer, settings.token.clone())),
            client: None,
            claimed: None,
        })
    }

    /// Whether what a transaction claimed before must be claimed for longer, as for a large batch that takes its time.
    fn is_late(&mut self, transaction: i64) -> bool {
        let now = Instant::now();
        let (of, since) = self.claimed.get_or_insert((transaction, now));
        let is_late = *of == transaction && now.duration_since(*since) > LEASE / 2;
        if is_late || *of != transaction {
            self.claimed = Some((transaction, now));
        }
        is_late
    }

    fn client(&mut self) -> Result<&mut Client, SharedError> {
        if self.client.as_ref().is_none_or(|it| it.0.is_closed()) {
            let mut client = self.address.connect()?;
            if ledger(&mut client)? != self.id {
                return Err(SharedError::Foreign);
            }
            joining::check_number(self.joined.as_ref(), &mut client)?;
            self.client = Some(Connected(client));
        }
        match &mut self.client {
            Some(connected) => Ok(&mut connected.0),
            None => Err(SharedError::Unreachable(String::new())),
        }
    }

    /// Does something in one transaction, again where others or the network came in the way.
    fn run<T>(
        &mut self,
        isolation: IsolationLevel,
        mut work: impl FnMut(&mut Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<T, SharedError> {
        // Who only reads has nothing that may have been done.
        let unknown = match isolation {
            IsolationLevel::RepeatableRead => SharedError::Unreachable,
            _ => SharedError::Unknown,
        };
        let begun = Instant::now();
        let mut broken = None;
        for attempt in 1..=ATTEMPTS {
            let client = match (self.client(), &broken) {
                (Err(SharedError::Unreachable(_)), Some(_))
                    if attempt < ATTEMPTS && begun.elapsed() < OUTAGE =>
                {
                    thread::sleep(RESTART);
                    continue;
                }
                // What was asked for before may have been done.
                (Err(SharedError::Unreachable(reason)), Some(_)) => {
                    return Err(unknown(reason));
                }
                (client, _) => client?,
            };
            match attempted(client, isolation, &mut work) {
                Ok(done) => return Ok(done),
                Err(Failure::Ledger(error)) => return Err(error),
                // It would be as long until the next one does not come, either.
                Err(Failure::Silence(patience)) => {
                    self.client = None;
                    return Err(unknown(silence(patience)));
                }
                Err(Failure::Database(error)) => match error.code() {
                    Some(code) if is_passing(code) => thread::sleep(PAUSE),
                    Some(code) if !is_end(code) => return Err(SharedError::Refused(words(&error))),
                    _ => {
                        broken = Some(words(&error));
                        self.client = None;
                    }
                },
            }
        }
        Err(match broken {
            Some(reason) => unknown(reason),
            None => SharedError::Refused(String::from("others came in the way too often")),
        })
    }
}

fn attempted<T>(
    client: &mut Client,
    isolation: IsolationLevel,
    work: &mut impl FnMut(&mut Transaction<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut change = client.transaction(isolation)?;
    match work(&mut change) {
        Ok(done) => {
            change.commit()?;
            Ok(done)
        }
        Err(failure) => {
            change.roll_back();
            Err(failure)
        }
    }
}

/// Whether another transaction came in the way.
fn is_passing(code: &SqlState) -> bool {
    [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ]
    .contains(code)
}

/// Whether the database ended the connection, as it does when it is stopped.
fn is_end(code: &SqlState) -> bool {
    let code = code.code();
    code.starts_with("08") || code.starts_with("57P")
}

/// Why a new connection did not answer the first question.
fn unasked(failure: Failure) -> SharedError {
    match failure {
        Failure::Ledger(error) => error,
        Failure::Silence(patience) => SharedError::Unreachable(silence(patience)),
        Failure::Database(error) => match error.code() {
            Some(code) if !is_end(code) => SharedError::Refused(words(&error)),
            _ => SharedError::Unreachable(words(&error)),
        },
    }
}

fn silence(patience: Duration) -> String {
    format!("no answer came within {} s", patience.as_secs())
}

impl Journal for Postgres {
    fn fetch(&mut self, seen: &[Seen]) -> Result<Vec<Delta>, SharedError> {
        let (writers, lasts): (Vec<_>, Vec<_>) = seen.iter().map(|it| (it.writer, it.last)).unzip();
        self.run(IsolationLevel::RepeatableRead, |reading| {
            let lost = reading.query_one(
                "SELECT count(*) FROM unnest($1::bigint[]) AS seen (txn)
                 WHERE NOT EXISTS (SELECT 1 FROM certctl.outcome o WHERE o.txn = seen.txn AND o.committed)",
                &[&lasts],
            )?;
            let lost: i64 = lost.try_get(0)?;
            if lost > 0 {
                return Err(SharedError::Older.into());
            }
            let new = reading.query(
                "SELECT o.txn FROM (SELECT number FROM certctl.writer UNION SELECT 0) AS w
                 LEFT JOIN unnest($1::bigint[], $2::bigint[]) AS seen (writer, last) ON seen.writer = w.number
                 CROSS JOIN LATERAL (SELECT txn FROM certctl.outcome AS o
                  WHERE o.writer = w.number AND o.txn > coalesce(seen.last, 0) AND o.committed) AS o
                 ORDER BY o.txn",
                &[&writers, &lasts],
            )?;
            let new: Result<Vec<i64>, _> = new.iter().map(|row| row.try_get(0)).collect();
            let new = new?;
            let found = deltas(reading, &new)?;
            // What is true has its event.
            let is_found = |(index, it): &(usize, &i64)| {
                found.get(*index).is_some_and(|delta| delta.transaction == **it)
            };
            match new.iter().enumerate().find(|it| !is_found(it)) {
                Some((_, transaction)) => Err(SharedError::Broken(*transaction).into()),
                None => Ok(found),
            }
        })
    }

    fn find(&mut self, transaction: i64) -> Result<Option<Delta>, SharedError> {
        self.run(IsolationLevel::RepeatableRead, |reading| {
            Ok(deltas(reading, &[transaction])?.pop())
        })
    }

    fn reserve(
        &mut self,
        recorded: &Delta,
        objects: &BTreeSet<String>,
        is_seen: &mut IsSeen<'_>,
    ) -> Result<(), SharedError> {
        let is_late = self.is_late(recorded.transaction);
        self.run(IsolationLevel::ReadCommitted, |change| {
            if is_late {
                renew(change, recorded.transaction)?;
            }
            claim(change, recorded.transaction, objects, is_seen)?;
            record(change, recorded)
        })
    }

    fn commit(
        &mut self,
        effects: &Delta,
        objects: &BTreeSet<String>,
        files: &Files,
        is_seen: &mut IsSeen<'_>,
    ) -> Result<(), SharedError> {
        let transaction = effects.transaction;
        self.run(IsolationLevel::ReadCommitted, |change| {
            if decide(change, transaction, true)? {
                return is_own(change, effects);
            }
            change_claimed(change, transaction, objects, is_seen)?;
            check_issuers(change, transaction, is_seen)?;
            sign(change, transaction)?;
            for (table, rows) in TABLES.iter().zip(&effects.tables) {
                rows::insert(change, table, rows, false)?;
            }
            rows::put_files(change, transaction, files)?;
            Ok(())
        })
    }

    fn settle(&mut self, transaction: i64) -> Result<bool, SharedError> {
        self.run(IsolationLevel::ReadCommitted, |change| {
            // What it claimed is free with that.
            decide(change, transaction, false)?;
            let query = "SELECT committed FROM certctl.outcome WHERE txn = $1";
            Ok(change.query_one(query, &[&transaction])?.try_get(0)?)
        })
    }

    fn give(
        &mut self,
        deltas: &[(Delta, BTreeSet<String>)],
        files: &Files,
        is_new: bool,
    ) -> Result<usize, SharedError> {
        // It may have been forgotten: see below.
        let joined = self.joined.take();
        let given = self.run(IsolationLevel::Serializable, |change| {
            let known = known(change)?;
            check_same(&known, deltas, is_new)?;
            bring_back_writers(change, deltas, joined.as_ref())?;
            let mut count = 0;
            for (delta, objects) in deltas {
                if !known.contains_key(&delta.transaction) {
                    put(change, delta, objects)?;
                    count += 1;
                }
            }
            let newest = deltas.last().map_or(0, |(delta, _)| delta.transaction);
            rows::put_files(change, newest, files)?;
            Ok(count)
        });
        // Where another has the number since then, the next question says so.
        self.joined = joined;
        self.client = None;
        given
    }

    fn files(&mut self, paths: &[String]) -> Result<Files, SharedError> {
        self.run(IsolationLevel::RepeatableRead, |reading| {
            let found = reading.query(
                "SELECT DISTINCT ON (path) path, octets FROM certctl.file
                 WHERE path = ANY($1) ORDER BY path, txn DESC",
                &[&paths],
            )?;
            let files = found
                .iter()
                .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
            files.collect()
        })
    }
}

/// What these transactions wrote; in their order, those left out that are not true.
fn deltas(reading: &mut Transaction<'_>, transactions: &[i64]) -> Result<Vec<Delta>, Failure> {
    if transactions.is_empty() {
        return Ok(Vec::new());
    }
    let certificates = rows::select(reading, &CERTIFICATE, transactions)?;
    let place = CERTIFICATE.columns.iter().position(|it| it.0 == "txn");
    let mut certificates = by_transaction(certificates, place.unwrap_or(0));
    let mut tables = Vec::new();
    for table in &TABLES {
        tables.push(by_transaction(
            rows::select(reading, table, transactions)?,
            0,
        ));
    }
    let mut all = Vec::new();
    for transaction in transactions {
        let mut take = |from: &mut HashMap<i64, Rows>| from.remove(transaction).unwrap_or_default();
        let delta = Delta {
            transaction: *transaction,
            certificates: take(&mut certificates),
            tables: tables.iter_mut().map(&mut take).collect(),
        };
        if delta.hash().is_some() {
            all.push(delta);
        }
    }
    Ok(all)
}

/// Rows by the transaction that is in this column.
fn by_transaction(rows: Rows, column: usize) -> HashMap<i64, Rows> {
    let mut all: HashMap<i64, Rows> = HashMap::new();
    for row in rows {
        if let Some(Value::Integer(transaction)) = row.get(column) {
            all.entry(*transaction).or_default().push(row);
        }
    }
    all
}
