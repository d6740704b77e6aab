//! Lines of words, each of which may be an option whose value is the next, as HAProxy splits them: `#` begins
//! a comment anywhere, and a backslash takes away meaning.

use super::{Found, Position, Section, Shape, Text, found};

pub(super) fn sections(text: Text<'_>) -> Vec<Section> {
    let section = |(position, text): (Position, &str)| {
        let (words, is_whole) = words(text);
        let name = words.first()?.text.clone();
        let options = words.iter().enumerate().map(|(index, word)| {
            let next = words.get(index + 1);
            Found {
                literal: next.is_some_and(|next| !next.is_chosen),
                ..found(position, &word.text, next.map_or("", |next| &next.text))
            }
        });
        let mut section = Section::new(position, name, None);
        section.options = options.collect();
        if let Some(first) = section.options.first_mut() {
            first.shape = match is_whole {
                true => Shape::Words {
                    count: words.len() - 1,
                    comment: false,
                },
                false => Shape::Unbalanced,
            };
        }
        Some(section)
    };
    text.lines().filter_map(section).collect()
}

/// One of a line's words.
#[derive(Default)]
struct Word {
    text: String,
    /// A variable stands in it: they do within double quotes only
    is_chosen: bool,
}

/// The words of a line, and whether all its quotes end.
fn words(line: &str) -> (Vec<Word>, bool) {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
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
            (None | Some('"'), '\\') => word.get_or_insert_default().text.extend(rest.next()),
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => {
                let word = word.get_or_insert_default();
                word.text.push(character);
                word.is_chosen |= (quote, character) == (Some('"'), '$');
            }
        }
    }
    words.extend(word);
    (words, quote.is_none())
}
