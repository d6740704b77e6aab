//! What one history gives another: the same PKI's, and no transaction twice.

use std::collections::{BTreeSet, HashMap};

use super::{
    Failure,
    client::Transaction,
    deciding::{decide, sign},
    rows,
};
use crate::store::shared::{
    SharedError,
    delta::{CERTIFICATE, Delta, TABLES},
    number,
};

/// The hashes of all that is true.
pub(super) fn known(change: &mut Transaction<'_>) -> Result<HashMap<i64, Vec<u8>>, Failure> {
    let query = "SELECT o.txn, e.hash FROM certctl.outcome o JOIN certctl.event e ON e.txn = o.txn WHERE o.committed";
    let rows = change.query(query, &[])?;
    let pairs = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    pairs.collect()
}

/// Refuses a history that is not of the same PKI: no transaction is another one there, and of a machine that both know
/// one is the beginning of the other. Whose directory `is_new` has all that is there.
pub(super) fn check_same(
    known: &HashMap<i64, Vec<u8>>,
    deltas: &[(Delta, BTreeSet<String>)],
    is_new: bool,
) -> Result<(), SharedError> {
    let own: HashMap<i64, &[u8]> = deltas
        .iter()
        .filter_map(|(delta, _)| Some((delta.transaction, delta.hash()?)))
        .collect();
    let is_met = known.is_empty() || known.keys().any(|it| own.contains_key(it));
    let is_whole = !is_new || known.keys().all(|it| own.contains_key(it));
    if !is_met || !is_whole {
        return Err(SharedError::Foreign);
    }
    for (transaction, hash) in known {
        if own
            .get(transaction)
            .is_some_and(|own| *own != hash.as_slice())
        {
            return Err(match number::writer(*transaction) {
                0 => SharedError::Foreign,
                _ => SharedError::Forgotten,
            });
        }
    }
    for transaction in own.keys().filter(|it| !known.contains_key(it)) {
        let writer = number::writer(*transaction);
        let mut others = known.keys().filter(|it| number::writer(**it) == writer);
        if others.any(|it| !own.contains_key(it)) {
            return Err(SharedError::Forgotten);
        }
    }
    Ok(())
}

/// Makes sure that what is true already is this, whose answer was lost.
pub(super) fn is_own(change: &mut Transaction<'_>, effects: &Delta) -> Result<(), Failure> {
    let query = "SELECT hash FROM certctl.event WHERE txn = $1";
    let found = change.query_opt(query, &[&effects.transaction])?;
    let hash: Option<Vec<u8>> = found.map(|row| row.try_get(0)).transpose()?;
    match hash.as_deref() == effects.hash() {
        true => Ok(()),
        false => {
            let reason = "a copy of this PKI directory is at work elsewhere: only one may go on, and the other is to join";
            Err(SharedError::Refused(String::from(reason)).into())
        }
    }
}

/// Writes a transaction that was true elsewhere.
pub(super) fn put(
    change: &mut Transaction<'_>,
    delta: &Delta,
    objects: &BTreeSet<String>,
) -> Result<(), Failure> {
    decide(change, delta.transaction, true).map_err(|failure| match failure {
        // Whoever began it was told by the backup that it never became true, and went on without it.
        Failure::Ledger(SharedError::Refused(_)) => SharedError::GivenUp(delta.transaction).into(),
        other => other,
    })?;
    rows::insert(change, &CERTIFICATE, &delta.certificates, true)?;
    sign(change, delta.transaction)?;
    for (table, rows) in TABLES.iter().zip(&delta.tables) {
        rows::insert(change, table, rows, true)?;
    }
    let objects: Vec<_> = objects.iter().collect();
    change.execute(
        "INSERT INTO certctl.claim AS c (object, txn) SELECT object, $1 FROM unnest($2::text[]) AS o (object)
         ON CONFLICT (object) DO UPDATE SET txn = excluded.txn, holder = NULL, until = NULL WHERE c.txn < excluded.txn",
        &[&delta.transaction, &objects],
    )?;
    Ok(())
}
