//! `- --key` and `- value` lines: words as items of a YAML list.

use super::{Found, Text, flags::among, words::words};

pub(super) fn options(text: Text<'_>) -> Vec<Found> {
    let (mut options, mut list) = (Vec::new(), Vec::new());
    for (position, line) in text.lines() {
        match line.trim_start().strip_prefix("- ") {
            Some(item) => list.push((position, words(item).join(" "))),
            // What follows is no value of what stood before it.
            None => options.extend(among(&std::mem::take(&mut list))),
        }
    }
    options.extend(among(&list));
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::syntax::Source;

    #[test]
    fn a_list_ends_where_others_begin() {
        let text = "command:\n  - \"--a\"\n  - b\n  - --c\nports:\n  - \"1:1\"\n";
        let source = Source::alone(text);
        let found = options(source.text());
        let found: Vec<_> = found.iter().map(|it| (&*it.name, &*it.value)).collect();
        assert_eq!(found, [("a", "b"), ("c", "")]);
    }
}
