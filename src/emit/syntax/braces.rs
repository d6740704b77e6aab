//! The common part of HOCON: dotted keys, and groups in braces.

use std::{collections::HashSet, slice};

use super::{
    Found, Position, Source, Text, found,
    words::{Token, tokens},
};

/// How many groups within each other are told apart: no option that is known is deeper.
const MAX_GROUPS: usize = 16;

/// The value that takes back what was said before.
const NOTHING: &str = "null";

pub(super) fn options(source: &mut Source<'_>) -> Vec<Found> {
    let mut reader = Reader::default();
    let text = source.text();
    reader.read(source, text);
    reader.finish()
}

#[derive(Default)]
struct Reader {
    options: Vec<Found>,
    groups: Vec<String>,
    /// Which of the options take back what was said before
    taken_back: HashSet<usize>,
}

impl Reader {
    /// What is left once some options were taken back.
    fn finish(self) -> Vec<Found> {
        let mut gone = HashSet::new();
        let mut left = Vec::new();
        for (index, option) in self.options.into_iter().enumerate().rev() {
            if self.taken_back.contains(&index) {
                gone.insert(option.name);
            } else if !gone.contains(&option.name) {
                left.push(option);
            }
        }
        left.reverse();
        left
    }

    fn read(&mut self, source: &mut Source<'_>, text: Text<'_>) {
        let outer = self.groups.len();
        let mut words: Vec<String> = Vec::new();
        let mut lists = 0_usize;
        for (position, line) in text.lines() {
            // The end of a line ends a value too.
            let tokens = tokens(line, "{}=:,[]").into_iter();
            let is_code =
                |token: &Token| !matches!(token, Token::Word(word) if word.starts_with("//"));
            for token in tokens.take_while(is_code).chain([Token::Mark(',')]) {
                match token {
                    Token::Word(word) => words.push(word),
                    Token::Mark('[') => {
                        lists += 1;
                        words.push(String::from('['));
                    }
                    Token::Mark(mark) if lists > 0 => {
                        lists -= usize::from(mark == ']');
                        // The end of a line ends no list.
                        if mark != ',' || words.last().is_some_and(|word| word != ",") {
                            words.push(mark.to_string());
                        }
                    }
                    Token::Mark('{') => self.groups.push(words.drain(..).collect()),
                    Token::Mark(mark @ (',' | '}')) => {
                        self.add(source, position, &words);
                        words.clear();
                        if mark == '}' && self.groups.len() > outer {
                            self.groups.pop();
                        }
                    }
                    Token::Mark(_) => {}
                }
            }
        }
        self.groups.truncate(outer);
    }

    fn add(&mut self, source: &mut Source<'_>, position: Position, words: &[String]) {
        let [key, values @ ..] = words else {
            return;
        };
        let value = values.join(" ");
        let mut option = found(position, key, &value);
        if let Some((name, file)) = included(key, &value) {
            option = found(position, name, file);
            source.follow(&option, &mut |source, text| self.read(source, text));
        } else if self.groups.len() <= MAX_GROUPS {
            option.name = [&self.groups[..], slice::from_ref(key)].concat().join(".");
        }
        if value == NOTHING {
            self.taken_back.insert(self.options.len());
        }
        self.options.push(option);
    }
}

/// `include "FILE"`, which may also be written `include required(file("FILE"))`.
fn included<'v>(key: &str, value: &'v str) -> Option<(&'static str, &'v str)> {
    if key != "include" || value.is_empty() {
        return None;
    }
    let required = inside(value, "required");
    let file = required.unwrap_or(value);
    let name = match required {
        Some(_) => "include required",
        None => "include",
    };
    Some((name, inside(file, "file").unwrap_or(file)))
}

/// What stands in the parentheses after a word.
fn inside<'v>(value: &'v str, word: &str) -> Option<&'v str> {
    let value = value.strip_prefix(word)?.strip_prefix('(')?;
    value.strip_suffix(')').map(str::trim)
}
