//! Lines of words, each of which may be an option whose value is the next.

use super::{Position, Section, Text, found, words::words};

pub(super) fn sections(text: Text<'_>) -> Vec<Section> {
    let section = |(position, text): (Position, &str)| {
        let words = words(text);
        let name = words.first()?.clone();
        let next = |index: usize| words.get(index + 1).map_or("", String::as_str);
        let options = words.iter().enumerate();
        let options = options.map(|(index, word)| found(position, word, next(index)));
        let mut section = Section::new(position, name, None);
        section.options = options.collect();
        Some(section)
    };
    text.lines().filter_map(section).collect()
}
