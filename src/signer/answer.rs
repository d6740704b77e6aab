//! What a program that has a key answers.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::pki::name::visible;

/// Longest line that is taken for an answer: the largest signature is a hundredth of it.
pub const MAX_LINE: usize = 64 << 10;
/// As much of a message is shown.
const MAX_TEXT: usize = 1000;

/// One line from the program.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// That of the request
    pub id: u64,
    /// `SubjectPublicKeyInfo`, in base64
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// In base64
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// That a PIN is needed, and of what
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_of: Option<String>,
    /// Why not
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Which kind of error
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// What mends it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Kinds of errors that certctl tells apart.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The PIN is wrong, or locked
    Pin,
    /// No key has that name
    NoKey,
    /// Several keys have that name
    Ambiguous,
    /// A key has that name already
    Exists,
    /// The token, the agent or the key cannot do that
    Unable,
}

/// What an answer says.
#[derive(Debug, Eq, PartialEq)]
pub enum Said {
    /// `SubjectPublicKeyInfo`
    PublicKey(Vec<u8>),
    /// A signature
    Signature(Vec<u8>),
    /// A PIN is needed, of this
    PinOf(String),
    /// It is refused
    Refused(Refusal),
}

/// Why a program does not do what it is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The kind, where it is one that certctl knows
    pub kind: Option<Kind>,
    /// In words
    pub message: String,
    /// What mends it
    pub hint: Option<String>,
}

impl Refusal {
    /// One of a kind.
    #[must_use]
    pub fn new(kind: impl Into<Option<Kind>>, message: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            message: message.into(),
            hint: None,
        }
    }

    /// With what mends it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

impl Answer {
    /// To a request.
    #[must_use]
    pub fn new(id: u64, said: Said) -> Self {
        let empty = Self {
            id,
            ..Self::default()
        };
        match said {
            Said::PublicKey(info) => Self {
                public_key: Some(STANDARD.encode(info)),
                ..empty
            },
            Said::Signature(octets) => Self {
                signature: Some(STANDARD.encode(octets)),
                ..empty
            },
            Said::PinOf(what) => Self {
                pin_of: Some(what),
                ..empty
            },
            Said::Refused(Refusal {
                kind,
                message,
                hint,
            }) => Self {
                error: Some(message),
                kind,
                hint,
                ..empty
            },
        }
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// Where it says nothing, or several things at once.
    pub fn read(line: &[u8]) -> Result<(u64, Said), Nonsense> {
        let answer: Self = serde_json::from_slice(line).map_err(|_| Nonsense)?;
        let octets = |text: String| STANDARD.decode(text).map_err(|_| Nonsense);
        let said = match (
            answer.public_key,
            answer.signature,
            answer.pin_of,
            answer.error,
        ) {
            (Some(info), None, None, None) => Said::PublicKey(octets(info)?),
            (None, Some(signature), None, None) => Said::Signature(octets(signature)?),
            (None, None, Some(what), None) => Said::PinOf(shown(&what)),
            (None, None, None, Some(message)) => Said::Refused(Refusal {
                kind: answer.kind,
                message: shown(&message),
                hint: answer.hint.as_deref().map(shown),
            }),
            _ => return Err(Nonsense),
        };
        Ok((answer.id, said))
    }
}

/// A line that is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("what it wrote is no answer of the signer protocol")]
pub struct Nonsense;

/// A program's own words, as a terminal may show them.
#[must_use]
pub fn shown(text: &str) -> String {
    let text = text.trim();
    let end = text
        .char_indices()
        .nth(MAX_TEXT)
        .map_or(text.len(), |(end, _)| end);
    visible(&text[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_say_one_thing() {
        let refused = |kind, hint: Option<&str>| {
            Some(Said::Refused(Refusal {
                kind,
                message: String::from("no\\u{1b}[2J"),
                hint: hint.map(str::to_owned),
            }))
        };
        for (line, expected) in [
            (
                r#"{"id":3,"public_key":"AAEC"}"#,
                Some(Said::PublicKey(vec![0, 1, 2])),
            ),
            (
                r#"{"signature":"AA==","id":3}"#,
                Some(Said::Signature(vec![0])),
            ),
            (
                r#"{"id":3,"pin_of":"token `ca`"}"#,
                Some(Said::PinOf(String::from("token `ca`"))),
            ),
            (r#"{"id":3,"error":"no\u001b[2J"}"#, refused(None, None)),
            (
                r#"{"id":3,"error":"no\u001b[2J","kind":"no-key","hint":"h"}"#,
                refused(Some(Kind::NoKey), Some("h")),
            ),
            (r#"{"id":3,"error":"e","kind":"other"}"#, None),
            (r#"{"id":3,"public_key":"AA==","signature":"AA=="}"#, None),
            (r#"{"id":3,"signature":"AA"}"#, None),
            (r#"{"id":3,"signature":"AA==","signature":"AAAA"}"#, None),
            (r#"{"id":3,"signature":"AA==","more":1}"#, None),
            (r#"{"id":-3,"signature":"AA=="}"#, None),
            (r#"{"id":3}"#, None),
            ("{}", None),
            ("[]", None),
            ("hello", None),
            ("", None),
        ] {
            let read = Answer::read(line.as_bytes());
            assert_eq!(read, expected.map(|it| (3, it)).ok_or(Nonsense), "{line}");
            if let Ok((id, said @ (Said::PublicKey(_) | Said::Signature(_) | Said::PinOf(_)))) =
                read
            {
                let written = serde_json::to_vec(&Answer::new(id, said)).expect("JSON");
                assert_eq!(Answer::read(&written), Answer::read(line.as_bytes()));
            }
        }
        assert_eq!(shown(&"é".repeat(2 * MAX_TEXT)), "é".repeat(MAX_TEXT));
    }
}
