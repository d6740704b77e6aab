//! Words of a line, with quotes taken off, and the characters between them that mean something.

/// A part of a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Token {
    /// A character that stands for itself
    Mark(char),
    /// A word, quoted or not
    Word(String),
}

/// Splits a line at blanks and at `marks`; what follows a `#` at the beginning of a word is a comment.
pub(super) fn tokens(line: &str, marks: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let begins = word.is_none();
        match character {
            '#' if begins => break,
            '"' | '\'' => {
                let word = word.get_or_insert_default();
                quoted(character, &mut characters, word);
            }
            _ if character.is_whitespace() => tokens.extend(word.take().map(Token::Word)),
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
pub(super) fn words(line: &str) -> Vec<String> {
    let words = tokens(line, "")
        .into_iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word),
            Token::Mark(_) => None,
        });
    words.collect()
}

/// Takes a quoted text up to its end; within double quotes a backslash takes away meaning.
fn quoted(quote: char, characters: &mut impl Iterator<Item = char>, word: &mut String) {
    while let Some(character) = characters.next() {
        match character {
            _ if character == quote => return,
            '\\' if quote == '"' => word.extend(characters.next()),
            _ => word.push(character),
        }
    }
}
