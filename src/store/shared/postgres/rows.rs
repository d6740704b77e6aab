//! Rows of the machines' databases in PostgreSQL: written many at a time, and read.

use rusqlite::types::Value;
use tokio_postgres::{Row, types::ToSql};

use super::{Failure, client::Transaction, schema::of};
use crate::store::shared::delta::{Kind, Rows, Table};

/// So many are written by one statement.
const AT_ONCE: usize = 5_000;

/// Nor more octets of files than these, as far as one of them alone has not: a statement has room for 1 GB.
const OCTETS_AT_ONCE: usize = 1 << 24;

type Parameter<'a> = Box<dyn ToSql + Sync + 'a>;

/// Writes rows; those whose key is there already are left alone if `may_be_there`. Says how many were written.
pub(super) fn insert(
    change: &mut Transaction<'_>,
    table: &Table,
    rows: &Rows,
    may_be_there: bool,
) -> Result<u64, Failure> {
    if rows.is_empty() {
        return Ok(0);
    }
    let arrays = table.columns.iter().enumerate();
    let arrays = arrays.map(|(index, (_, kind))| format!("${}::{}[]", index + 1, of(*kind)));
    let arrays = arrays.collect::<Vec<_>>().join(", ");
    let (name, list, key) = (table.name, table.list(), table.key);
    let conflict = match may_be_there {
        true => format!("ON CONFLICT ({key}) DO NOTHING"),
        false => String::new(),
    };
    let statement = change.prepare(&format!(
        "INSERT INTO certctl.{name} ({list}) SELECT * FROM unnest({arrays}) {conflict}"
    ))?;
    let mut written = 0;
    for some in rows.chunks(AT_ONCE) {
        let columns = table.columns.iter().enumerate();
        let columns: Vec<Parameter> = columns
            .map(|(index, (_, kind))| column(some, index, *kind))
            .collect();
        let columns: Vec<_> = columns
            .iter()
            .map(|it| &**it as &(dyn ToSql + Sync))
            .collect();
        written += change.execute(&statement, &columns)?;
    }
    Ok(written)
}

/// One column of many rows, as an array.
fn column(rows: &[Vec<Value>], index: usize, kind: Kind) -> Parameter<'_> {
    let values = rows.iter().map(|row| row.get(index));
    match kind {
        Kind::Integer => Box::new(array(values, |it| match it {
            Value::Integer(number) => Some(*number),
            _ => None,
        })),
        Kind::Text => Box::new(array(values, |it| match it {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })),
        Kind::Blob => Box::new(array(values, |it| match it {
            Value::Blob(octets) => Some(octets.as_slice()),
            _ => None,
        })),
    }
}

fn array<'a, T>(
    values: impl Iterator<Item = Option<&'a Value>>,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Vec<Option<T>> {
    values.map(|value| value.and_then(&read)).collect()
}

/// Writes the public files of a transaction, unless they are there already.
pub(super) fn put_files(
    change: &mut Transaction<'_>,
    transaction: i64,
    mut files: &[(String, Vec<u8>)],
) -> Result<(), Failure> {
    while !files.is_empty() {
        let (some, rest) = files.split_at(so_many(files));
        let (paths, octets): (Vec<_>, Vec<_>) =
            some.iter().map(|(path, octets)| (path, octets)).unzip();
        change.execute(
            "INSERT INTO certctl.file SELECT $1, * FROM unnest($2::text[], $3::bytea[])
             ON CONFLICT (path, txn) DO NOTHING",
            &[&transaction, &paths, &octets],
        )?;
        files = rest;
    }
    Ok(())
}

/// How many of these files one statement carries: at least one.
fn so_many(files: &[(String, Vec<u8>)]) -> usize {
    let mut octets = 0;
    let fits = |(_, content): &&(String, Vec<u8>)| {
        octets += content.len();
        octets <= OCTETS_AT_ONCE
    };
    let count = files.iter().take(AT_ONCE).take_while(fits).count();
    count.max(1)
}

/// The rows of these transactions.
pub(super) fn select(
    reading: &mut Transaction<'_>,
    table: &Table,
    transactions: &[i64],
) -> Result<Rows, Failure> {
    let (name, list, key) = (table.name, table.list(), table.key);
    let query =
        format!("SELECT {list} FROM certctl.{name} WHERE txn = ANY($1) ORDER BY txn, {key}");
    let rows = reading.query(&query, &[&transactions])?;
    rows.iter().map(|row| values(row, table)).collect()
}

fn values(row: &Row, table: &Table) -> Result<Vec<Value>, Failure> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(index, (_, kind))| {
            let value = match kind {
                Kind::Integer => row.try_get::<_, Option<i64>>(index)?.map(Value::Integer),
                Kind::Text => row.try_get::<_, Option<String>>(index)?.map(Value::Text),
                Kind::Blob => row.try_get::<_, Option<Vec<u8>>>(index)?.map(Value::Blob),
            };
            Ok(value.unwrap_or(Value::Null))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_carries_so_many_files() {
        const MOST: usize = OCTETS_AT_ONCE;
        for (sizes, expected) in [
            (vec![1], 1),
            (vec![0; AT_ONCE], AT_ONCE),
            (vec![0; AT_ONCE + 1], AT_ONCE),
            (vec![MOST, 1], 1),
            (vec![MOST - 1, 1, 1], 2),
            (vec![MOST + 1, 1], 1),
        ] {
            let files: Vec<_> = sizes
                .iter()
                .map(|size| (String::new(), vec![0; *size]))
                .collect();
            assert_eq!(so_many(&files), expected, "{:?}", sizes.first());
        }
    }
}
