//! The common part of HOCON: dotted keys, and groups in braces.

use std::slice;

use super::{
    Found, found, numbered,
    words::{Token, tokens},
};

pub(super) fn options(text: &str) -> Vec<Found> {
    let mut options = Vec::new();
    let mut groups: Vec<String> = Vec::new();
    for (number, line) in numbered(text) {
        let mut words: Vec<String> = Vec::new();
        // The end of a line ends a value too.
        for token in tokens(line, "{}=:,").into_iter().chain([Token::Mark(',')]) {
            match token {
                Token::Word(word) => words.push(word),
                Token::Mark('{') => groups.push(words.drain(..).collect()),
                Token::Mark(mark @ (',' | '}')) => {
                    if let [key, values @ ..] = &words[..] {
                        let path = [&groups[..], slice::from_ref(key)].concat().join(".");
                        options.push(found(number, &path, &values.join(" ")));
                    }
                    words.clear();
                    if mark == '}' {
                        groups.pop();
                    }
                }
                Token::Mark(_) => {}
            }
        }
    }
    options
}
