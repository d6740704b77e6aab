//! What ends in which month, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Overview, State, month};

/// Months that have a row of their own.
const MOST: usize = 24;

/// Width of the longest bar, in the drawing's own units.
const WIDTH: usize = 200;

#[derive(Serialize)]
pub(super) struct Month {
    label: String,
    authorities: usize,
    entries: usize,
    state: State,
    width: usize,
}

/// The months in which something ends, those to come and those that are past.
pub(super) fn months(overview: &Overview) -> Vec<Month> {
    let mut months: BTreeMap<String, Month> = BTreeMap::new();
    for item in overview.all() {
        let name = month(item.ends);
        let row = months.entry(name.clone()).or_insert(Month {
            label: name,
            authorities: 0,
            entries: 0,
            state: State::Good,
            width: 0,
        });
        match item.is_authority() {
            true => row.authorities += 1,
            false => row.entries += 1,
        }
        row.state = row.state.min(item.state);
    }
    let mut rows: Vec<_> = months.into_values().collect();
    if rows.len() > MOST {
        let later = rows.split_off(MOST - 1);
        let from = later[0].label.clone();
        let fold = |row: Month, next: Month| Month {
            authorities: row.authorities + next.authorities,
            entries: row.entries + next.entries,
            ..row
        };
        rows.extend(later.into_iter().reduce(fold));
        if let Some(last) = rows.last_mut() {
            last.label = format!("{from} and later");
        }
    }
    let most = rows
        .iter()
        .map(|row| row.authorities + row.entries)
        .max()
        .unwrap_or(1);
    for row in &mut rows {
        row.width = ((row.authorities + row.entries) * WIDTH).div_ceil(most);
    }
    rows
}
