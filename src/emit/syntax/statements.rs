//! Statements that end in `;` or begin a block, as nginx splits them (`ngx_conf_read_token` in
//! `src/core/ngx_conf_file.c`).

use std::str::Chars;

use super::{Position, Text, lua};

/// A statement, and what ended it.
pub(super) struct Statement {
    /// Where it begins
    pub(super) position: Position,
    pub(super) words: Vec<String>,
    pub(super) end: End,
}

/// What ends a statement.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum End {
    /// `{`
    Begins,
    /// `}`
    Closes,
    /// The end of the text
    Missing,
    /// `;`
    Stops,
}

/// The statements of a text, and what is wrong with them.
pub(super) struct Statements<'t> {
    rest: Chars<'t>,
    position: Position,
    /// What the server does not read, and where
    pub(super) blunders: Vec<(Position, &'static str)>,
}

impl<'t> Statements<'t> {
    pub(super) fn new(text: Text<'t>) -> Self {
        Self {
            rest: text.text.chars(),
            position: Position {
                file: text.file,
                line: 1,
            },
            blunders: Vec::new(),
        }
    }

    /// The next statement; `None` at the end of the text.
    pub(super) fn next(&mut self) -> Option<Statement> {
        let mut words = Vec::new();
        let mut start = self.position;
        loop {
            let end = match self.peek() {
                None if words.is_empty() => return None,
                None => End::Missing,
                Some('{') => End::Begins,
                Some('}') => End::Closes,
                Some(';') => End::Stops,
                Some('#') => {
                    while self.step().is_some_and(|it| it != '\n') {}
                    continue;
                }
                Some(it) if it.is_ascii_whitespace() => {
                    self.step();
                    continue;
                }
                Some(_) => {
                    if words.is_empty() {
                        start = self.position;
                    }
                    words.push(self.word());
                    continue;
                }
            };
            let position = if words.is_empty() {
                self.position
            } else {
                start
            };
            self.judge(position, &words, end);
            self.step();
            return Some(Statement {
                position,
                words,
                end,
            });
        }
    }

    /// Passes over a block of Lua, up to the brace that closes it.
    pub(super) fn pass(&mut self) {
        let rest = self.rest.as_str();
        let block = lua::block(rest);
        self.position.line += block.matches('\n').count();
        self.rest = rest[block.len()..].chars();
    }

    fn judge(&mut self, position: Position, words: &[String], end: End) {
        let message = match (end, words) {
            (End::Missing, _) => "a statement does not end in `;`",
            (End::Closes, [_, ..]) => "a statement ends in `}`, not in `;`",
            (End::Begins, []) => "`{` has no word before it",
            (End::Stops, []) => "`;` has no word before it",
            _ => return,
        };
        self.blunders.push((position, message));
    }

    fn word(&mut self) -> String {
        match self.peek() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => self.bare(),
        }
    }

    fn quoted(&mut self, quote: char) -> String {
        let start = self.position;
        self.step();
        let mut word = String::new();
        loop {
            match self.step() {
                None => {
                    self.blunders.push((start, "a quote does not end"));
                    return word;
                }
                Some(it) if it == quote => break,
                Some('\\') => self.escaped(&mut word),
                Some(it) => word.push(it),
            }
        }
        let may_follow = |next: char| next.is_ascii_whitespace() || [';', '{', ')'].contains(&next);
        if self.peek().is_some_and(|next| !may_follow(next)) {
            let message = "something follows a quote at once";
            self.blunders.push((self.position, message));
        }
        word
    }

    fn bare(&mut self) -> String {
        let mut word = String::new();
        let mut after_dollar = false;
        while let Some(next) = self.peek() {
            // `${` is a variable's.
            let ends = next == ';' || next == '{' && !after_dollar;
            if ends || next.is_ascii_whitespace() {
                break;
            }
            after_dollar = next == '$';
            self.step();
            match next {
                '\\' => self.escaped(&mut word),
                other => word.push(other),
            }
        }
        word
    }

    /// What follows a backslash.
    fn escaped(&mut self, word: &mut String) {
        match self.step() {
            Some(it @ ('"' | '\'' | '\\')) => word.push(it),
            Some('t') => word.push('\t'),
            Some('r') => word.push('\r'),
            Some('n') => word.push('\n'),
            Some(other) => word.extend(['\\', other]),
            None => word.push('\\'),
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn step(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.position.line += usize::from(next == '\n');
        Some(next)
    }
}
