//! What goes wrong while emitting, as values; and what is wrong with the snippet that came out.

use std::{fmt, ops::Range};

use serde::Serialize;

use super::version::VersionError;
use crate::{nearest::nearest, severity::Severity};

/// Why there is no snippet.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EmitError {
    /// A value given to an option is not of its kind.
    #[error("`{value}` is not a value of `{option}`: it takes {expected}")]
    BadValue {
        /// The option
        option: String,
        /// What was given
        value: String,
        /// What the option takes
        expected: String,
    },
    /// The format cannot be written without this parameter.
    #[error("format `{format}` needs `{parameter}`: {help}")]
    MissingParameter {
        /// The format
        format: String,
        /// The parameter
        parameter: String,
        /// What the parameter says
        help: String,
        /// A value that would do
        example: String,
    },
    /// The option exists, but not in this version.
    #[error("`{option}` does not exist in version {version}: {range}")]
    NotInVersion {
        /// The option, or `option=value`
        option: String,
        /// The version asked for
        version: String,
        /// When it exists
        range: String,
    },
    /// More than one value for an option that takes one.
    #[error("`{0}` is given more than once")]
    Repeated(String),
    /// A secret was typed where other users of the machine can read it.
    #[error("`{0}` is a secret and must not stand on the command line")]
    SecretInArguments(String),
    /// A manifest or a template is wrong.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A value that the text's language has no way to say, or in which it would mean something else.
    #[error("`{value}` cannot be written: {reason} ({place})")]
    Unquotable {
        /// The value, as a terminal may show it
        value: String,
        /// Why
        reason: String,
        /// Where it was to be written: the template's file and line
        place: String,
    },
    /// A name that the catalogue does not know.
    #[error("unknown {what} `{name}`")]
    Unknown {
        /// What kind of name it is
        what: What,
        /// What was given
        name: String,
        /// What there is
        known: Vec<String>,
    },
    /// The option exists, and what is written has no place for it.
    #[error("`{option}` has no place in what {writer} writes here")]
    Unused {
        /// The option or parameter
        option: String,
        /// What is written: a format or a client
        writer: String,
        /// What has a place for it
        others: Vec<String>,
    },
    /// A version that cannot be read.
    #[error(transparent)]
    Version(#[from] VersionError),
}

impl EmitError {
    /// What to do next; empty where the message says it all.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::MissingParameter {
                parameter, example, ..
            } => {
                format!("for example `--set '{parameter}={example}'`")
            }
            Self::Unquotable { .. } => String::from(
                "give another value; of files, another place with `--target-dir` or `--dir`",
            ),
            Self::SecretInArguments(option) => {
                format!(
                    "have it made with `--set {option}=random`, or read with `--set {option}=@FILE`"
                )
            }
            Self::Unused {
                option,
                writer,
                others,
            } => match others.as_slice() {
                others if !others.is_empty() && !others.contains(writer) => {
                    format!("`{option}` is for {}", others.join(", "))
                }
                _ => format!("`{option}` goes with another option, `--listener` or `--client-ca`"),
            },
            Self::Unknown { name, known, .. } => {
                match nearest(name, known.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if known.is_empty() => String::from("there is none"),
                    None => format!("known: {}", known.join(", ")),
                }
            }
            _ => String::new(),
        }
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum What {
    /// A format of a server
    Format,
    /// A language or program that connects to a server
    Client,
    /// A TLS endpoint of a server
    Listener,
    /// An option or parameter of a server
    Option,
    /// A server
    Server,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "format",
            Self::Client => "client",
            Self::Listener => "listener",
            Self::Option => "option",
            Self::Server => "server",
        })
    }
}

/// A mistake in a manifest or a template.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct SourceError {
    /// The file as the user knows it
    pub file: String,
    /// From 1
    pub line: usize,
    /// In characters, from 1
    pub column: usize,
    /// What is wrong
    pub message: String,
}

impl SourceError {
    /// A mistake at a range of octets of a file.
    #[must_use]
    pub fn at(file: &str, text: &str, span: Range<usize>, message: String) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let start_of_line = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[start_of_line..].chars().count() + 1,
            message,
        }
    }
}

/// One thing wrong with a snippet.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// Stable name
    #[cfg_attr(test, schemars(extend("pattern" = "^[a-z0-9-]+$")))]
    pub code: String,
    /// How bad it is
    pub severity: Severity,
    /// What is wrong
    pub message: String,
    /// What mends it; empty where nothing needs mending
    pub hint: String,
}
