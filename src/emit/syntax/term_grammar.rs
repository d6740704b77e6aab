//! Whether a text is one of Erlang's terms with a dot behind it (Erlang, Reference Manual §Expressions).

use std::{iter::Peekable, str::Chars};

use super::{Position, Text, is_space};

/// A part of a term.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Token {
    /// An atom, a number or a character
    Value,
    /// A text; several side by side are one
    String,
    /// What begins with this character, up to its counterpart
    Open(char),
    Close(char),
    /// What stands between values: `,`, `|` and `=>`
    Between,
    /// The end of the term
    Dot,
    /// A call or a sum: the server works it out, and may make anything of it
    Expression,
    /// A quote that does not end
    Endless,
    /// What no term has
    Other,
}

/// What may come next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Next {
    Value,
    /// A value, or the end of what is empty so far
    ValueOrEnd,
    Between,
    /// The same, or more of a text
    BetweenOrString,
    Nothing,
}

/// What is wrong first; nothing where the text holds what is worked out, as it may be right.
pub(super) fn wrong(text: Text<'_>) -> Option<(Position, &'static str)> {
    let mut open = Vec::new();
    let mut next = Next::Value;
    let mut last = Position::START;
    for (position, token) in Tokens::new(text) {
        last = position;
        if token == Token::Expression {
            return None;
        }
        next = match after(next, token, &mut open) {
            Ok(next) => next,
            Err(message) => return Some((position, message)),
        };
    }
    (next != Next::Nothing).then_some((
        last,
        "the term does not end: a bracket is open, or the dot is missing",
    ))
}

fn after(next: Next, token: Token, open: &mut Vec<char>) -> Result<Next, &'static str> {
    let is_value = matches!(next, Next::Value | Next::ValueOrEnd);
    let ends = !matches!(next, Next::Value | Next::Nothing);
    match token {
        Token::Endless => Err("a quote does not end"),
        Token::Value if is_value => Ok(Next::Between),
        Token::String if is_value || next == Next::BetweenOrString => Ok(Next::BetweenOrString),
        Token::Open(bracket) if is_value => {
            open.push(bracket);
            Ok(Next::ValueOrEnd)
        }
        Token::Close(bracket) if ends && open.last() == Some(&bracket) => {
            open.pop();
            Ok(Next::Between)
        }
        Token::Close(_) if ends => Err("another bracket has to end here first"),
        Token::Between if !is_value && ends && !open.is_empty() => Ok(Next::Value),
        Token::Dot if !is_value && ends && open.is_empty() => Ok(Next::Nothing),
        _ if next == Next::Nothing => Err("something follows the dot that ends the term"),
        _ if is_value => Err("a value is missing here"),
        _ => Err("a comma or a bracket is missing here"),
    }
}

/// The parts of a text, each with where it begins.
struct Tokens<'t> {
    rest: Peekable<Chars<'t>>,
    position: Position,
}

impl<'t> Tokens<'t> {
    fn new(text: Text<'t>) -> Self {
        let position = Position {
            file: text.file,
            line: 1,
        };
        let rest = text.text.chars().peekable();
        Self { rest, position }
    }

    fn take(&mut self) -> Option<char> {
        let character = self.rest.next()?;
        self.position.line += usize::from(character == '\n');
        Some(character)
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(&character) = self.rest.peek().filter(|it| is_part(**it)) {
            taken.push(character);
            self.take();
        }
        taken
    }

    /// Whether this comes next; then it is taken.
    fn takes(&mut self, character: char) -> bool {
        let is_next = self.rest.peek() == Some(&character);
        if is_next {
            self.take();
        }
        is_next
    }

    fn skip_blanks(&mut self) {
        loop {
            self.take_while(is_space);
            if self.rest.peek() != Some(&'%') {
                return;
            }
            self.take_while(|it| it != '\n');
        }
    }

    /// Whether what a quote began ends.
    fn ends(&mut self, quote: char) -> bool {
        while let Some(character) = self.take() {
            match character {
                '\\' => {
                    self.take();
                }
                _ if character == quote => return true,
                _ => {}
            }
        }
        false
    }

    /// What begins with a character that was taken.
    fn begun(&mut self, first: char) -> Token {
        let is_word = |it: char| it.is_alphanumeric() || "_@".contains(it);
        match first {
            '"' | '\'' if !self.ends(first) => Token::Endless,
            '"' => Token::String,
            '\'' => Token::Value,
            '[' => Token::Open(']'),
            '{' => Token::Open('}'),
            ']' | '}' => Token::Close(first),
            ',' | '|' => Token::Between,
            '=' if self.takes('>') => Token::Between,
            '#' if self.takes('{') => Token::Open('}'),
            '$' => {
                let is_escape = self.take() == Some('\\');
                self.rest.next_if(|_| is_escape);
                Token::Value
            }
            '.' => match self.rest.peek() {
                Some(behind) if !behind.is_ascii_whitespace() && *behind != '%' => Token::Other,
                _ => Token::Dot,
            },
            '0'..='9' => {
                // `16#ff`, `1.5`, `1_000`; a dot behind the digits may be the end.
                self.take_while(|it| is_word(it) || it == '#');
                Token::Value
            }
            'a'..='z' => match &*format!("{first}{}", self.take_while(is_word)) {
                "fun" | "case" | "if" | "begin" | "try" | "not" => Token::Expression,
                _ => Token::Value,
            },
            '-' | '+' if self.rest.peek().is_some_and(char::is_ascii_digit) => self.begun('0'),
            '(' | ':' | '+' | '-' | '*' => Token::Expression,
            '<' if self.takes('<') => Token::Expression,
            _ => Token::Other,
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = (Position, Token);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_blanks();
        let position = self.position;
        let first = self.take()?;
        Some((position, self.begun(first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms() {
        for (text, line) in [
            ("[].", 0),
            (
                "%% note\n[{server,\n  [{depth, -1}, {a, \"b\" \"c\"}]}].\n% end",
                0,
            ),
            ("[{password, os:getenv(\"P\")}].", 0),
            ("[#{a => 'B c', $x => 16#ff}].\n", 0),
            ("[{a, b} | []].", 0),
            ("[{a, \"x\ny\"}].", 0),
            ("[{a, b}]", 1),
            ("[{a, b},\n].", 2),
            ("[{a, b}\n {c, d}].", 2),
            ("[{a, b}}.", 1),
            ("[{a, b}].\n[].", 2),
            ("[{a, b}, # note\n].", 1),
            ("[{a, b}], // note\n].", 1),
            ("[{a, b}; c].", 1),
            ("{a, b}, {c, d}.", 1),
            ("[{a, \"b}].\n", 1),
            ("[{a, B}].", 1),
            ("\n", 1),
        ] {
            let found = wrong(Text { file: 0, text });
            assert_eq!(
                found.map_or(0, |(at, _)| at.line),
                line,
                "{text}: {found:?}"
            );
        }
    }
}
