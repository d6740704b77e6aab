//! `- --key` and `- value` lines: words as items of a YAML list.

use super::{Found, flags::among, numbered, words::words};

pub(super) fn options(text: &str) -> Vec<Found> {
    let items = numbered(text).filter_map(|(number, line)| {
        let item = line.trim_start().strip_prefix("- ")?;
        Some((number, words(item).join(" ")))
    });
    among(&items.collect::<Vec<_>>())
}
