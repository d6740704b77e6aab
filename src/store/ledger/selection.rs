//! Which certificates somebody wants to see, and in which order.

use std::{cmp::Ordering, ops::ControlFlow};

use rusqlite::{params_from_iter, types::Value};
use time::OffsetDateTime;

use super::{
    Ledger, Listed, Status,
    reading::{LISTED, SETTLED, read_listed},
};
use crate::{
    pki::entry_name::EntryName,
    store::{StoreError, layout::Area},
};

/// What certificates must be like. Each part narrows; left out, it takes all.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// CAs or entries
    pub area: Option<Area>,
    /// Of this name
    pub name: Option<EntryName>,
    /// Signed by this CA
    pub issuer: Option<EntryName>,
    /// What became of them: one of these
    pub statuses: Vec<Status>,
    /// Valid until then at most
    pub ends_by: Option<OffsetDateTime>,
    /// In which order
    pub order: Order,
}

/// The order in which certificates come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// What ends first comes first
    End,
    /// CAs from the roots down, then entries; each by name, where numbers count as numbers
    #[default]
    Name,
    /// What was signed last comes first
    Newest,
}

impl Order {
    fn clause(self) -> String {
        match self {
            Self::End => format!("not_after, {RANK}, name COLLATE numeric, id"),
            Self::Name => format!("{RANK}, name COLLATE numeric, id"),
            Self::Newest => String::from("id DESC"),
        }
    }
}

/// How many CAs are above each CA. The limit ends a loop, which only tampering can make.
const LEVELS: &str = "
WITH RECURSIVE
    authority AS MATERIALIZED (
        SELECT DISTINCT name, issuer FROM certificate INDEXED BY certificate_authority
        WHERE kind IN ('root', 'intermediate')
    ),
    level (name, above) AS (
        SELECT name, 0 FROM authority WHERE issuer IS NULL
        UNION
        SELECT authority.name, above + 1 FROM authority JOIN level ON issuer = level.name
        WHERE above < 100
    )";

/// Roots, intermediates by their distance from the root, entries.
const RANK: &str = "CASE kind
    WHEN 'root' THEN -1
    WHEN 'intermediate' THEN (SELECT max(above) FROM level WHERE level.name = certificate.name)
    ELSE 1000 END";

const IS_AUTHORITY: &str = "(kind IN ('root', 'intermediate'))";

impl Ledger {
    /// Hands the certificates of a selection to `each` one by one, without what was signed, until it breaks off.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn select<B>(
        &self,
        selection: &Selection,
        mut each: impl FnMut(Listed) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, StoreError> {
        self.db.create_collation("numeric", natural)?;
        let (query, parameters) = query(selection);
        let mut statement = self.db.prepare(&query)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        while let Some(row) = rows.next()? {
            if let ControlFlow::Break(value) = each(read_listed(row)?) {
                return Ok(ControlFlow::Break(value));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The query with its parameters. What is not asked for is left out, so that an index can serve.
fn query(selection: &Selection) -> (String, Vec<Value>) {
    let mut conditions = vec![SETTLED.to_owned()];
    let mut parameters = Vec::new();
    let mut narrow = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            conditions.push(condition.to_owned());
            parameters.push(value);
        }
    };
    let seconds = |time: OffsetDateTime| Value::Integer(time.unix_timestamp());
    let is_authority = |area| Value::Integer((area == Area::Authorities).into());
    let text = |name: &EntryName| Value::Text(name.to_string());
    narrow("name = ?", selection.name.as_ref().map(text));
    narrow("issuer = ?", selection.issuer.as_ref().map(text));
    narrow("not_after <= ?", selection.ends_by.map(seconds));
    narrow(
        &format!("{IS_AUTHORITY} = ?"),
        selection.area.map(is_authority),
    );
    if !selection.statuses.is_empty() {
        let words = selection.statuses.iter().map(|status| status.name());
        let words = words.collect::<Vec<_>>().join("', '");
        conditions.push(format!("status IN ('{words}')"));
    }
    let query = format!(
        "{LEVELS} SELECT {} FROM certificate WHERE {} ORDER BY {}",
        LISTED,
        conditions.join(" AND "),
        selection.order.clause()
    );
    (query, parameters)
}

/// Orders text by its characters, but numbers in it by their value: `node2` before `node10`.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    loop {
        let order = match (left, right) {
            ([a, ..], [b, ..]) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (a, b) = (number(&mut left), number(&mut right));
                a.len().cmp(&b.len()).then_with(|| a.cmp(b))
            }
            ([a, rest_left @ ..], [b, rest_right @ ..]) => {
                (left, right) = (rest_left, rest_right);
                a.cmp(b)
            }
            _ => return left.len().cmp(&right.len()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Takes the digits that `text` begins with, and hands them out without leading zeros.
fn number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let length = text
        .iter()
        .take_while(|octet| octet.is_ascii_digit())
        .count();
    let (digits, rest) = text.split_at(length);
    *text = rest;
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    &digits[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let sorted = [
            "",
            "app",
            "node",
            "node1",
            "node2",
            "node2-b",
            "node10",
            "node10a",
            "node10a3",
            "node10a20",
            "node99999999999999999999999",
            "node100000000000000000000000",
            "z",
        ];
        for (i, left) in sorted.iter().enumerate() {
            for (j, right) in sorted.iter().enumerate() {
                assert_eq!(natural(left, right), i.cmp(&j), "{left} and {right}");
            }
        }
        assert_eq!(natural("node01", "node1"), Ordering::Equal);
    }
}
