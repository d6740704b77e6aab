//! Names of entries and CAs: words that are safe as a directory's name.

use std::{fmt, str::FromStr};

/// `[A-Za-z0-9][A-Za-z0-9._-]*`, at most 128 characters, without `..`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EntryName(String);

/// Longest name in characters.
const MAX_LENGTH: usize = 128;

impl EntryName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why text is no name; shows it escaped, since it may hold control characters.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EntryNameError {
    /// Another character, at the start or inside.
    #[error(
        "the name {0:?} may hold letters, digits, `.`, `_` and `-` only, and begins with a letter or digit"
    )]
    Character(String),
    /// Two dots in a row.
    #[error("the name {0:?} may not hold `..`")]
    DotDot(String),
    /// Nothing there.
    #[error("the name is empty")]
    Empty,
    /// Too long for a directory beside its serial.
    #[error("the name is {0} characters long, {MAX_LENGTH} are allowed")]
    TooLong(usize),
}

impl FromStr for EntryName {
    type Err = EntryNameError;

    fn from_str(text: &str) -> Result<Self, EntryNameError> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
        match text.as_bytes() {
            [] => Err(EntryNameError::Empty),
            _ if text.chars().count() > MAX_LENGTH => {
                Err(EntryNameError::TooLong(text.chars().count()))
            }
            [first, ..] if !first.is_ascii_alphanumeric() || !text.bytes().all(allowed) => {
                Err(EntryNameError::Character(text.to_owned()))
            }
            _ if text.contains("..") => Err(EntryNameError::DotDot(text.to_owned())),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let long = "a".repeat(129);
        let character = |text: &str| Err(EntryNameError::Character(text.to_owned()));
        for (text, expected) in [
            ("node1", Ok(())),
            ("10.0.0.1", Ok(())),
            ("A_b-c.d", Ok(())),
            ("", Err(EntryNameError::Empty)),
            (".hidden", character(".hidden")),
            ("-flag", character("-flag")),
            ("../../x", character("../../x")),
            ("a/b", character("a/b")),
            ("a\nb", character("a\nb")),
            ("é", character("é")),
            ("a..b", Err(EntryNameError::DotDot("a..b".into()))),
            (&long, Err(EntryNameError::TooLong(129))),
        ] {
            assert_eq!(text.parse::<EntryName>().map(|_| ()), expected, "{text:?}");
        }
    }
}
