//! Lines of words, each of which may be an option whose value is the next, as HAProxy splits them: `#` begins
//! a comment anywhere, and a backslash takes away meaning.

use super::{Position, Section, Shape, Text, found};

pub(super) fn sections(text: Text<'_>) -> Vec<Section> {
    let section = |(position, text): (Position, &str)| {
        let (words, is_whole) = words(text);
        let name = words.first()?.clone();
        let next = |index: usize| words.get(index + 1).map_or("", String::as_str);
        let options = words.iter().enumerate();
        let options = options.map(|(index, word)| found(position, word, next(index)));
        let mut section = Section::new(position, name, None);
        section.options = options.collect();
        if let (false, Some(first)) = (is_whole, section.options.first_mut()) {
            first.shape = Shape::Unbalanced;
        }
        Some(section)
    };
    text.lines().filter_map(section).collect()
}

/// The words of a line, and whether all its quotes end.
fn words(line: &str) -> (Vec<String>, bool) {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        match (quote, character) {
            (None, '#') => break,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (Some(open), _) if open == character => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(rest.next()),
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    (words, quote.is_none())
}
