//! Lines of words, each of which may be an option whose value is the next.

use super::{Section, found, numbered, words::words};

pub(super) fn sections(text: &str) -> Vec<Section> {
    let section = |(line, text): (usize, &str)| {
        let words = words(text);
        let name = words.first()?.clone();
        let next = |index: usize| words.get(index + 1).map_or("", String::as_str);
        let options = words.iter().enumerate();
        let options = options.map(|(index, word)| found(line, word, next(index)));
        Some(Section {
            line,
            name,
            options: options.collect(),
        })
    };
    numbered(text).filter_map(section).collect()
}
