//! Text of an extfile that remembers where each octet of it stood.
//!
//! OpenSSL reads octets, not characters. So that words can still be `&str`, an octet is held as the
//! character of the same number (ISO 8859-1), and is made an octet again where it is written or shown.

use std::fmt;

use super::mistakes::{Mistake, Mistakes, Position};

/// A value or a name, put together from pieces of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    content: String,
    /// Where what begins at an offset stood, in the order of the offsets
    marks: Vec<(usize, Position)>,
}

impl Text {
    /// Text that stands in none of the files; mistakes in it are reported at the top of the first.
    pub(super) fn from_outside(text: &str) -> Self {
        let top = Position {
            file: 0,
            line: 1,
            column: 1,
        };
        let mut octets = Self::default();
        for octet in text.bytes() {
            octets.push(octet.into(), top);
        }
        octets.finish(top)
    }

    pub(super) fn push(&mut self, octet: char, position: Position) {
        self.marks.push((self.content.len(), position));
        self.content.push(octet);
    }

    /// Appends what a variable stands for; all of it stood where the variable is named.
    pub(super) fn push_variable(&mut self, content: &str, position: Position) {
        self.marks.push((self.content.len(), position));
        self.content.push_str(content);
    }

    /// Marks where the text ended, for what is missing there.
    pub(super) fn finish(mut self, end: Position) -> Self {
        self.marks.push((self.content.len(), end));
        self
    }

    pub(super) fn len(&self) -> usize {
        self.content.len()
    }

    pub(super) fn as_word(&self) -> Word<'_> {
        Word {
            text: self,
            start: 0,
            end: self.content.len(),
        }
    }

    fn position(&self, offset: usize) -> Position {
        let after = self.marks.partition_point(|&(start, _)| start <= offset);
        let mark = after.checked_sub(1).and_then(|last| self.marks.get(last));
        mark.map_or_else(Position::default, |&(_, position)| position)
    }
}

/// A part of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    text: &'a Text,
    start: usize,
    end: usize,
}

impl<'a> Word<'a> {
    pub(super) fn as_str(self) -> &'a str {
        &self.text.content[self.start..self.end]
    }

    /// The octets as they stood in the file.
    pub(super) fn octets(self) -> Vec<u8> {
        octets(self.as_str())
    }

    /// The octets read as UTF-8.
    pub(super) fn decode(self) -> Result<String, Mistake> {
        String::from_utf8(self.octets()).map_err(|_| self.mistake(format!("`{self}` is not UTF-8")))
    }

    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(super) fn mistake(self, message: impl Into<String>) -> Mistake {
        Mistake::new(self.text.position(self.start), message)
    }

    pub(super) fn strip_prefix(self, prefix: &str) -> Option<Self> {
        let start = self.start + prefix.len();
        self.as_str()
            .starts_with(prefix)
            .then_some(Self { start, ..self })
    }

    pub(super) fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let (before, _) = self.as_str().split_once(separator)?;
        let end = self.start + before.len();
        let start = end + separator.len_utf8();
        Some((Self { end, ..self }, Self { start, ..self }))
    }

    pub(super) fn trim_start(self) -> Self {
        let start = self.end - self.as_str().trim_start_matches(is_space).len();
        Self { start, ..self }
    }

    pub(super) fn trim(self) -> Self {
        let end = self.start + self.as_str().trim_end_matches(is_space).len();
        Self { end, ..self }.trim_start()
    }

    /// The parts between commas, without the white space around them.
    pub(super) fn split_at_commas(self) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut rest = self;
        while let Some((part, behind)) = rest.split_once(',') {
            parts.push(part.trim());
            rest = behind;
        }
        parts.push(rest.trim());
        parts
    }

    /// Reads `name, name:value, …`.
    pub(super) fn list(self) -> impl Iterator<Item = Result<Item<'a>, Mistakes>> {
        self.split_at_commas().into_iter().map(|part| {
            let (name, value) = match part.split_once(':') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (part, None),
            };
            if name.is_empty() {
                let message = match value {
                    None => "nothing stands before, between or behind a comma",
                    Some(_) => "nothing stands before `:`",
                };
                return Err(part.mistake(message).into());
            }
            match value {
                Some(value) if value.is_empty() => {
                    Err(value.mistake(format!("`{name}:` has no value")).into())
                }
                value => Ok(Item { name, value }),
            }
        })
    }
}

/// As it stood in the file.
impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in String::from_utf8_lossy(&self.octets()).chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// One `name:value` of a list, or one `name = value` of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) name: Word<'a>,
    pub(super) value: Option<Word<'a>>,
}

impl<'a> Item<'a> {
    /// Whether the name is `kind`, or `kind.` and anything, which tells repeated names of a section apart.
    pub(super) fn is(&self, kind: &str) -> bool {
        let rest = self.name.as_str().strip_prefix(kind);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    pub(super) fn value(&self) -> Result<Word<'a>, Mistake> {
        let missing = || self.name.mistake(format!("`{}` has no value", self.name));
        self.value.ok_or_else(missing)
    }

    /// What counts where a section's names are mere labels.
    pub(super) fn value_or_name(&self) -> Word<'a> {
        self.value.unwrap_or(self.name)
    }
}

/// White space as C's `isspace` knows it.
fn is_space(octet: char) -> bool {
    matches!(octet, '\t'..='\r' | ' ')
}

/// Turns text that holds one octet per character back into octets.
pub(super) fn octets(text: &str) -> Vec<u8> {
    text.chars()
        .map(|octet| u8::try_from(octet).unwrap_or(b'?'))
        .collect()
}
