//! Words of a line, with quotes taken off, and the characters between them that mean something.

use super::is_space;

/// A part of a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Token {
    /// A character that stands for itself
    Mark(char),
    /// A word, quoted or not
    Word(String),
}

/// Splits a line at blanks and at `marks`; what follows a `#` at the beginning of a word is a comment, unless it is one
/// of them.
pub(super) fn tokens(line: &str, marks: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let begins = word.is_none();
        match character {
            '#' if begins && !marks.contains('#') => break,
            '"' | '\'' => {
                let word = word.get_or_insert_default();
                quoted(character, &mut characters, word);
            }
            _ if character.is_ascii_whitespace() => tokens.extend(word.take().map(Token::Word)),
            _ if marks.contains(character) => {
                tokens.extend(word.take().map(Token::Word));
                tokens.push(Token::Mark(character));
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    tokens.extend(word.map(Token::Word));
    tokens
}

/// The words of a line.
pub(in crate::emit) fn words(line: &str) -> Vec<String> {
    let words = tokens(line, "")
        .into_iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word),
            Token::Mark(_) => None,
        });
    words.collect()
}

/// The words of a line as a POSIX shell splits it: a backslash takes away meaning outside of quotes, too.
pub(in crate::emit) fn shell_words(line: &str) -> Vec<String> {
    split(line).0
}

/// The same, and the quote that does not end.
pub(super) fn split(line: &str) -> (Vec<String>, Option<char>) {
    let (mut words, mut open) = (Vec::new(), None);
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '#' if word.is_none() => break,
            '"' | '\'' => {
                let word = word.get_or_insert_default();
                open = (!quoted(character, &mut characters, word)).then_some(character);
            }
            '\\' => word.get_or_insert_default().extend(characters.next()),
            _ if character.is_ascii_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    (words, open)
}

/// The words of a line in which quotes mean something at the beginning of a word only, and `#` nothing
/// (`ap_getword_conf` of Apache).
pub(super) fn arguments(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_ascii_start();
    while let Some(first) = rest.chars().next() {
        let mut word = String::new();
        let mut characters = rest.chars();
        if matches!(first, '"' | '\'') {
            characters.next();
            while let Some(character) = characters.next().filter(|it| *it != first) {
                let escaped = characters
                    .clone()
                    .next()
                    .filter(|it| [first, '\\'].contains(it));
                match (character, escaped) {
                    ('\\', Some(next)) => {
                        characters.next();
                        word.push(next);
                    }
                    _ => word.push(character),
                }
            }
            rest = characters.as_str();
        } else {
            let end = rest.find(is_space).unwrap_or(rest.len());
            let (whole, behind) = rest.split_at(end);
            word.push_str(whole);
            rest = behind;
        }
        words.push(word);
        rest = rest.trim_ascii_start();
    }
    words
}

/// Takes a quoted text up to its end, and says whether there is one; within double quotes a backslash takes away meaning.
fn quoted(quote: char, characters: &mut impl Iterator<Item = char>, word: &mut String) -> bool {
    while let Some(character) = characters.next() {
        match character {
            _ if character == quote => return true,
            '\\' if quote == '"' => word.extend(characters.next()),
            _ => word.push(character),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_split() {
        for (line, expected) in [
            (r"a 'b c' # d", vec!["a", "b c"]),
            (r"'it'\''s' a\ b", vec!["it's", "a b"]),
            ("\"a\\\"b\\\\\"c ''", vec!["a\"b\\c", ""]),
            (r"--x='/o'\''d \'", vec![r"--x=/o'd \"]),
            ("", vec![]),
        ] {
            assert_eq!(shell_words(line), expected, "{line}");
        }
    }
}
