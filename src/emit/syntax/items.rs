//! `- --key` and `- value` lines: words as items of a YAML list.

use super::{Found, Position, Source, flags, words::words};

pub(super) fn options(source: &Source<'_>) -> Vec<Found> {
    let lists = lists(source.text().lines());
    let terms = source.terms();
    let options = lists.iter().map(|list| flags::among(list, &terms));
    options.flatten().collect()
}

/// The words of each list of a text.
pub(in crate::emit) fn item_lists(text: &str) -> Vec<Vec<(Position, String)>> {
    let position = |line| Position {
        line,
        ..Position::START
    };
    lists((1..).map(position).zip(text.lines()))
}

/// What stands elsewhere ends a list.
fn lists<'t>(lines: impl Iterator<Item = (Position, &'t str)>) -> Vec<Vec<(Position, String)>> {
    let mut lists = vec![Vec::new()];
    for (position, line) in lines {
        let item = line.trim_ascii_start().strip_prefix("- ");
        match (item, lists.last_mut()) {
            (Some(item), Some(list)) => list.push((position, words(item).join(" "))),
            _ => lists.push(Vec::new()),
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_list_ends_where_others_begin() {
        let text = "command:\n  - \"--a\"\n  - b\n  - --c\nports:\n  - \"1:1\"\n";
        let source = Source::alone(text);
        let found = options(&source);
        let found: Vec<_> = found.iter().map(|it| (&*it.name, &*it.value)).collect();
        assert_eq!(found, [("a", "b"), ("c", "")]);
    }
}
