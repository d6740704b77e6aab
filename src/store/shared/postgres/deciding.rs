//! What becomes of a transaction, and what it claims until then.

use std::{collections::BTreeSet, time::Duration};

use super::{Failure, client::Transaction, rows};
use crate::store::shared::{
    IsSeen, SharedError,
    delta::{CERTIFICATE, Delta},
    number,
};

/// How long a name stays claimed by a command that does not come to its end.
const LEASE_SECONDS: i64 = 600;
pub(super) const LEASE: Duration = Duration::from_secs(LEASE_SECONDS.unsigned_abs());

/// Writes what becomes of a transaction, unless that is written. True where it is true already; an error where it was
/// to become true and never will.
pub(super) fn decide(
    change: &mut Transaction<'_>,
    transaction: i64,
    committed: bool,
) -> Result<bool, Failure> {
    let writer = number::writer(transaction);
    let written = change.execute(
        "INSERT INTO certctl.outcome VALUES ($1, $2, $3) ON CONFLICT (txn) DO NOTHING",
        &[&transaction, &writer, &committed],
    )?;
    if written == 1 || !committed {
        return Ok(false);
    }
    let query = "SELECT committed FROM certctl.outcome WHERE txn = $1";
    match change.query_one(query, &[&transaction])?.try_get(0)? {
        true => Ok(true),
        false => {
            let reason = "the transaction was given up in the meantime";
            Err(SharedError::Refused(String::from(reason)).into())
        }
    }
}

/// Records certificates that are about to be signed, those and no others.
///
/// What was recorded before an answer was lost is there already. What is there and differs has a number that was given
/// before: this directory's ledger.db was put back from a backup.
pub(super) fn record(change: &mut Transaction<'_>, recorded: &Delta) -> Result<(), Failure> {
    let certificates = &recorded.certificates;
    let written = rows::insert(change, &CERTIFICATE, certificates, true)?;
    if usize::try_from(written) == Ok(certificates.len()) {
        return Ok(());
    }
    let there = rows::select(change, &CERTIFICATE, &[recorded.transaction])?;
    match certificates.iter().all(|row| there.contains(row)) {
        true => Ok(()),
        false => {
            let reason = "this directory's copy is older than what it did: run the command again";
            Err(SharedError::Refused(String::from(reason)).into())
        }
    }
}

/// Has the certificates that a transaction recorded be signed ones, unless one of the same serial number is.
///
/// Not sooner: what was recorded and given up may come again, as an import does.
pub(super) fn sign(change: &mut Transaction<'_>, transaction: i64) -> Result<(), Failure> {
    let recorded = change.query_one(
        "SELECT count(*) FROM certctl.certificate WHERE txn = $1 AND issuer IS NOT NULL",
        &[&transaction],
    )?;
    let recorded: i64 = recorded.try_get(0)?;
    let signed = change.execute(
        "INSERT INTO certctl.signed SELECT issuer, serial FROM certctl.certificate
         WHERE txn = $1 AND issuer IS NOT NULL ON CONFLICT (issuer, serial) DO NOTHING",
        &[&transaction],
    )?;
    match u64::try_from(recorded) == Ok(signed) {
        true => Ok(()),
        false => {
            let reason = "another certificate of this CA has the same serial number";
            Err(SharedError::Refused(String::from(reason)).into())
        }
    }
}

/// Makes sure that all is known here that was done to the CAs that sign, and to rotations: what is signed follows them.
pub(super) fn check_issuers(
    change: &mut Transaction<'_>,
    transaction: i64,
    is_seen: &mut IsSeen<'_>,
) -> Result<(), Failure> {
    let found = change.query(
        "SELECT object, txn FROM certctl.claim WHERE EXISTS (SELECT 1 FROM certctl.certificate WHERE txn = $1)
         AND (object = 'rotation' OR object IN
          (SELECT 'ca/' || issuer FROM certctl.certificate WHERE txn = $1 AND issuer IS NOT NULL)) FOR SHARE",
        &[&transaction],
    )?;
    for row in &found {
        let last: i64 = row.try_get(1)?;
        if last != 0 && !is_seen(last)? {
            return Err(SharedError::Stale(row.try_get(0)?).into());
        }
    }
    Ok(())
}

/// Has all that a transaction claimed stay claimed for as long again.
pub(super) fn renew(change: &mut Transaction<'_>, transaction: i64) -> Result<(), Failure> {
    change.execute(
        "UPDATE certctl.claim SET until = now() + make_interval(secs => $2::bigint) WHERE holder = $1",
        &[&transaction, &LEASE_SECONDS],
    )?;
    Ok(())
}

/// Notes what a transaction changes, which gives that back.
///
/// Whatever it claimed before, and nobody took when its time was over, is as it was then: what another makes true in
/// between takes the claim away. The rest is claimed now.
pub(super) fn change_claimed(
    change: &mut Transaction<'_>,
    transaction: i64,
    objects: &BTreeSet<String>,
    is_seen: &mut IsSeen<'_>,
) -> Result<(), Failure> {
    let names: Vec<_> = objects.iter().collect();
    let query = "UPDATE certctl.claim SET txn = $1, holder = NULL, until = NULL
                 WHERE object = ANY($2::text[]) AND holder = $1";
    let changed = change.execute(query, &[&transaction, &names])?;
    if usize::try_from(changed) == Ok(names.len()) {
        return Ok(());
    }
    claim(change, transaction, objects, is_seen)?;
    change.execute(query, &[&transaction, &names])?;
    Ok(())
}

/// Claims objects for a transaction that knows all that was done to them before.
///
/// A claim ends with its time, counts for nothing where that is longer than certctl gives, and ends with what became of its transaction: a client that was killed may have had one on
/// the way that came here after that was written.
pub(super) fn claim(
    change: &mut Transaction<'_>,
    transaction: i64,
    objects: &BTreeSet<String>,
    is_seen: &mut IsSeen<'_>,
) -> Result<(), Failure> {
    if objects.is_empty() {
        return Ok(());
    }
    // In one order, so that two do not wait for each other.
    let objects: Vec<_> = objects.iter().collect();
    let claimed = change.query(
        "INSERT INTO certctl.claim AS c (object, txn, holder, until)
         SELECT object, 0, $1, now() + make_interval(secs => $2::bigint) FROM unnest($3::text[]) AS o (object)
         ON CONFLICT (object) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE c.holder IS NULL OR c.holder = excluded.holder OR c.until < now()
            OR c.until > excluded.until + make_interval(secs => $2::bigint)
            OR EXISTS (SELECT 1 FROM certctl.outcome o WHERE o.txn = c.holder)
         RETURNING object, txn",
        &[&transaction, &LEASE_SECONDS, &objects],
    )?;
    let mut missing: BTreeSet<&str> = objects.iter().map(|it| it.as_str()).collect();
    for row in &claimed {
        let object: &str = row.try_get(0)?;
        let last: i64 = row.try_get(1)?;
        missing.remove(object);
        if last != 0 && !is_seen(last)? {
            return Err(SharedError::Stale(object.to_owned()).into());
        }
    }
    let Some(object) = missing.first() else {
        return Ok(());
    };
    let held = change.query_opt(
        "SELECT w.author, greatest(0, ceil(extract(epoch FROM c.until - now())))::bigint
         FROM certctl.claim c JOIN certctl.writer w ON w.number = c.holder & $2
         WHERE c.object = $1 AND c.holder IS NOT NULL",
        &[object, &number::MAX_WRITERS],
    )?;
    let (by, seconds) = match held {
        Some(row) => (row.try_get(0)?, row.try_get(1)?),
        None => (String::from("somebody else"), 0),
    };
    Err(SharedError::Taken {
        object: (*object).to_owned(),
        by,
        seconds,
    }
    .into())
}
