//! Rows of the machines' databases in PostgreSQL: written many at a time, and read.

use postgres::{Row, Transaction, types::ToSql};
use rusqlite::types::Value;

use super::schema::of;
use crate::store::shared::delta::{Kind, Rows, Table};

/// So many are written by one statement.
const AT_ONCE: usize = 5_000;

type Parameter = Box<dyn ToSql + Sync>;

/// Writes rows; those whose key is there already are left alone if `may_be_there`. Says how many were written.
pub(super) fn insert(
    change: &mut Transaction<'_>,
    table: &Table,
    rows: &Rows,
    may_be_there: bool,
) -> Result<u64, postgres::Error> {
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
fn column(rows: &[Vec<Value>], index: usize, kind: Kind) -> Parameter {
    let values = rows.iter().map(|row| row.get(index));
    match kind {
        Kind::Integer => Box::new(
            values
                .map(|it| match it {
                    Some(Value::Integer(number)) => Some(*number),
                    _ => None,
                })
                .collect::<Vec<_>>(),
        ),
        Kind::Text => Box::new(
            values
                .map(|it| match it {
                    Some(Value::Text(text)) => Some(text.clone()),
                    _ => None,
                })
                .collect::<Vec<_>>(),
        ),
        Kind::Blob => Box::new(
            values
                .map(|it| match it {
                    Some(Value::Blob(octets)) => Some(octets.clone()),
                    _ => None,
                })
                .collect::<Vec<_>>(),
        ),
    }
}

/// The rows of these transactions.
pub(super) fn select(
    reading: &mut Transaction<'_>,
    table: &Table,
    transactions: &[i64],
) -> Result<Rows, postgres::Error> {
    let (name, list, key) = (table.name, table.list(), table.key);
    let query =
        format!("SELECT {list} FROM certctl.{name} WHERE txn = ANY($1) ORDER BY txn, {key}");
    let rows = reading.query(&query, &[&transactions])?;
    rows.iter().map(|row| values(row, table)).collect()
}

fn values(row: &Row, table: &Table) -> Result<Vec<Value>, postgres::Error> {
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
