//! Texts, numbers, booleans and variables.

use super::{Blame, Position, Reader, Type, Value};

impl Reader<'_> {
    /// A text up to its quote, which is passed; nothing in it has another meaning.
    pub(super) fn quoted(&mut self, quote: char) -> Result<String, Blame> {
        let position = self.position;
        let word = self.until(|it| it == quote);
        match self.step() {
            Some(_) => Ok(word),
            None => Err((position, "a quote does not end")),
        }
    }

    /// A text up to its double quote, with what backslashes mean there.
    pub(super) fn escaped(&mut self, start: Position) -> Result<String, Blame> {
        let mut word = String::new();
        loop {
            match self.step() {
                None => return Err((start, "a quote does not end")),
                Some('"') => return Ok(word),
                Some('\\') => word.extend(self.escape()?),
                Some(other) => word.push(other),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<Option<char>, Blame> {
        let position = self.position;
        let meant = match self.step() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(it @ ('"' | '\\')) => it,
            Some('x') if !self.is_json => {
                let digits = [self.step(), self.step()];
                let digits = digits.map(|digit| digit.and_then(|it| it.to_digit(16)));
                match digits {
                    [Some(high), Some(low)] => {
                        return Ok(char::from_u32(high * 16 + low));
                    }
                    _ => return Err((position, "two hexadecimal digits have to follow `\\x`")),
                }
            }
            Some(other) if self.is_json => other,
            _ => {
                let message = "a backslash stands before what needs none: write it in single quotes, or twice";
                return Err((position, message));
            }
        };
        Ok(Some(meant))
    }

    /// A text of several lines, which ends at a `)` that stands alone in its own.
    pub(super) fn paragraph(&mut self, start: Position) -> Result<Value, Blame> {
        let mut text = String::new();
        loop {
            let line = self.until(|it| it == '\n');
            if !text.is_empty() && line == ")" {
                return Ok(Value::Scalar(text, Type::Text));
            }
            text.push_str(&line);
            match self.rest.peek() {
                None => return Err((start, "`(` has no `)` that stands alone in a line")),
                Some(_) => text.extend(self.step()),
            }
        }
    }

    /// What begins as a number does: a number, a date, an address or a word.
    pub(super) fn number(&mut self) -> Result<Value, Blame> {
        let position = self.position;
        let word = self.until(|it| ends(it) || it == '\'');
        let Some(kind) = Type::of_number(&word) else {
            let message = "it is no number, no date and no address: it has to stand in quotes";
            return Err((position, message));
        };
        if kind == Type::Text {
            self.rest.next_if_eq(&'\'');
        }
        Ok(Value::Scalar(word, kind))
    }

    /// What stands in no quotes; one behind it is passed over.
    pub(super) fn bare(&mut self) -> Result<Value, Blame> {
        let mut word = String::new();
        let mut is_plain = true;
        while let Some(next) = self.rest.next_if(|it| !ends(*it)) {
            match next {
                '\'' => break,
                '\\' => {
                    is_plain = false;
                    word.extend(self.escape()?);
                }
                other => word.push(other),
            }
        }
        let is_one = |all: &[&str]| all.iter().any(|it| it.eq_ignore_ascii_case(&word));
        match word.strip_prefix('$') {
            _ if !is_plain || self.is_json => Ok(Value::Scalar(word, Type::Text)),
            _ if is_one(&["true", "false", "yes", "no", "on", "off"]) => {
                Ok(Value::Scalar(word, Type::Bool))
            }
            // A hash of a password looks like a variable.
            Some(name) if !name.starts_with("2a$") => {
                let mut scopes = self.scopes.iter().rev();
                let known = scopes.find_map(|scope| scope.scalar(name));
                let (text, kind) = known.unwrap_or((&word, Type::Variable));
                Ok(Value::Scalar(text.to_owned(), kind))
            }
            _ => Ok(Value::Scalar(word, Type::Text)),
        }
    }
}

impl Type {
    /// What a word is that begins with a digit, a sign or a dot; nothing where the server takes it for a number that
    /// is none.
    fn of_number(word: &str) -> Option<Self> {
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let (is_signed, bare) = match word.strip_prefix('-') {
            Some(bare) => (true, bare),
            None => (false, word),
        };
        let unit = bare.trim_start_matches(|it: char| it.is_ascii_digit());
        let digits = &bare[..bare.len() - unit.len()];
        let is_unit = unit
            .strip_prefix(['k', 'K', 'm', 'M', 'g', 'G'])
            .is_some_and(|rest| rest.bytes().all(|it| it.eq_ignore_ascii_case(&b'b')));
        match unit.strip_prefix('.') {
            _ if digits.is_empty() => None,
            _ if unit.is_empty() || is_unit => Some(Self::Number),
            Some(rest) if is_digits(rest) => Some(Self::Fraction),
            Some(rest) => {
                let behind = rest.trim_start_matches(|it: char| it.is_ascii_digit());
                let is_part = |it: char| it.is_ascii_digit() || ".:-".contains(it);
                let is_address = behind.len() < rest.len()
                    && behind.starts_with('.')
                    && behind.chars().all(is_part);
                (is_address && !is_signed).then_some(Self::Text)
            }
            None if is_signed => None,
            None if unit.starts_with('-') => is_date(word).then_some(Self::Date),
            None => Some(Self::Text),
        }
    }
}

/// Whether a word is `2006-01-02T15:04:05Z`.
fn is_date(word: &str) -> bool {
    let form = word.bytes().map(|it| match it {
        b'0'..=b'9' => b'0',
        other => other,
    });
    form.eq(*b"0000-00-00T00:00:00Z")
}

/// Whether a word in no quotes ends before this.
fn ends(character: char) -> bool {
    matches!(character, '\n' | '\r' | ' ' | '\t' | ';' | ',' | ']' | '}')
}
