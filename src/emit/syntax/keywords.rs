//! Lines of words, each of which may be an option whose value is the next, as HAProxy splits them: `#` begins
//! a comment anywhere, and a backslash takes away meaning.

use std::str::Chars;

use super::{Found, Position, Section, Shape, Text, found};

pub(super) fn sections(text: Text<'_>) -> Vec<Section> {
    let mut conditions = 0_usize;
    let section = |(position, text): (Position, &str)| {
        let (words, is_whole) = words(text);
        let name = words.first()?.text.clone();
        match &*name {
            ".if" => conditions += 1,
            ".endif" => conditions = conditions.saturating_sub(1),
            _ => {}
        }
        let options = words.iter().enumerate().map(|(index, word)| {
            let next = words.get(index + 1);
            Found {
                conditional: conditions > 0,
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
            (None | Some('"'), '\\') => escaped(&mut rest, &mut word.get_or_insert_default().text),
            (None, _) if character.is_ascii_whitespace() => words.extend(word.take()),
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

/// What follows a backslash: before most characters it stands for itself.
fn escaped(rest: &mut Chars<'_>, word: &mut String) {
    let next = rest.clone().next();
    let meant = match next {
        Some(' ' | '#' | '\'' | '"' | '\\' | '$') => next,
        Some('n') => Some('\n'),
        Some('r') => Some('\r'),
        Some('t') => Some('\t'),
        Some('x') => return hexadecimal(rest, word),
        _ => None,
    };
    if meant.is_some() {
        rest.next();
    }
    word.push(meant.unwrap_or('\\'));
}

/// `\x` and two digits.
fn hexadecimal(rest: &mut Chars<'_>, word: &mut String) {
    let digits: String = rest.clone().skip(1).take(2).collect();
    match u8::from_str_radix(&digits, 16) {
        Ok(octet) if digits.len() == 2 => {
            word.push(char::from(octet));
            rest.nth(2);
        }
        _ => word.push('\\'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `haproxy -c` repeats them in what it says.
    #[test]
    fn backslashes() {
        for (line, expected) in [
            (r"ab\ cd", "ab cd"),
            (r"ab\/c", r"ab\/c"),
            (r"ab\mc", r"ab\mc"),
            (r"ab\{c", r"ab\{c"),
            (r"ab\#c", "ab#c"),
            (r"ab\'c", "ab'c"),
            (r"ab\$c", "ab$c"),
            (r"ab\rc", "ab\rc"),
            (r"ab\x41c", "abAc"),
            (r"ab\xg1c", r"ab\xg1c"),
            (r"ab\", r"ab\"),
        ] {
            let (words, is_whole) = words(line);
            let words: Vec<_> = words.iter().map(|word| &*word.text).collect();
            assert_eq!((words, is_whole), (vec![expected], true), "{line}");
        }
    }
}
