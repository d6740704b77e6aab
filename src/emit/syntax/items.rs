//! `- --key` and `- value` lines: words as items of a YAML list.

use super::{Found, Text, flags::among, words::words};

pub(super) fn options(text: Text<'_>) -> Vec<Found> {
    let items = text.lines().filter_map(|(position, line)| {
        let item = line.trim_start().strip_prefix("- ")?;
        Some((position, words(item).join(" ")))
    });
    among(&items.collect::<Vec<_>>())
}
