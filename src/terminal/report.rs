//! How commands end: exit codes, and errors with a hint. The only place with exit codes.

use serde::Serialize;
use std::{collections::HashSet, fmt, process::ExitCode};

/// How a command that did not fail ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// Done, something changed; with `--dry-run`, something would
    Changed,
    /// Done, and the check that was asked for found something
    Found,
    /// Done, nothing to do or nothing wrong
    Unchanged,
}

impl Outcome {
    /// Whether something was changed, or would be.
    pub(crate) const fn changed(has_changes: bool) -> Self {
        match has_changes {
            true => Self::Changed,
            false => Self::Unchanged,
        }
    }

    /// The contract's exit code; `detailed` is `--detailed-exitcode`.
    pub(crate) fn exit_code(self, detailed: bool) -> ExitCode {
        ExitCode::from(match self {
            Self::Changed if detailed => 10,
            Self::Changed | Self::Unchanged => 0,
            Self::Found => 3,
        })
    }
}

/// The kinds of failure, each with an exit code of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Failed, nothing changed
    Failed,
    /// The PKI directory stayed locked
    Locked,
    /// Refused: allowed only with another flag, or not at all
    Refused,
    /// Wrong usage, or a malformed value
    Usage,
}

impl Kind {
    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(self.number())
    }

    /// The contract's exit code.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 4,
            Self::Locked => 5,
        }
    }
}

/// An error as the user sees it.
#[derive(Debug)]
pub struct Report {
    kind: Kind,
    code: &'static str,
    messages: Vec<String>,
    hints: Vec<String>,
}

impl Report {
    /// An error with a stable `code` (kebab-case, of `codes.rs`) and a message without final stop.
    #[must_use]
    pub fn new(kind: Kind, code: &'static str, message: impl fmt::Display) -> Self {
        debug_assert!(super::codes::is_known(code, kind), "{code}, {kind:?}");
        Self {
            kind,
            code,
            messages: vec![message.to_string()],
            hints: Vec::new(),
        }
    }

    /// Failed, nothing changed (exit 1).
    #[must_use]
    pub fn failed(code: &'static str, message: impl fmt::Display) -> Self {
        Self::new(Kind::Failed, code, message)
    }

    /// Refused (exit 4).
    #[must_use]
    pub fn refused(code: &'static str, message: impl fmt::Display) -> Self {
        Self::new(Kind::Refused, code, message)
    }

    /// Wrong usage (exit 2).
    #[must_use]
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(Kind::Usage, "usage", message)
    }

    /// Several mistakes of one input, reported together; `None` where there is none.
    #[must_use]
    pub fn all(reports: Vec<Self>) -> Option<Self> {
        let mut all = reports.into_iter().reduce(|mut first, next| {
            first.messages.extend(next.messages);
            first.hints.extend(next.hints);
            first
        })?;
        let mut seen = HashSet::new();
        all.hints.retain(|hint| seen.insert(hint.clone()));
        Some(all)
    }

    /// Fails with all of them together, where there are any.
    ///
    /// # Errors
    ///
    /// As said.
    pub fn none(reports: impl IntoIterator<Item = Self>) -> Result<(), Self> {
        Self::all(reports.into_iter().collect()).map_or(Ok(()), Err)
    }

    /// Adds one line that says what to do next. Debug builds refuse to print a command in it that does not parse.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same error in other words.
    pub(crate) fn reworded(mut self, reword: impl Fn(&str) -> String) -> Self {
        for text in self.messages.iter_mut().chain(&mut self.hints) {
            *text = reword(text);
        }
        self
    }

    /// The error as one JSON object.
    pub(crate) fn document(&self) -> ErrorDocument {
        ErrorDocument::new(self.code, &self.messages.join("\n"), &self.hints)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn messages(&self) -> &[String] {
        &self.messages
    }

    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }
}

/// `certctl/error/v1`, an error for programs to read, which goes to stderr.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ErrorDocument {
    /// Name of the document
    schema: &'static str,
    /// Stable name of the error, of certctl-findings(7)
    #[cfg_attr(test, schemars(extend("enum" = super::codes::all())))]
    code: &'static str,
    /// What is wrong; all mistakes of one input, each in a line
    message: String,
    /// What to do next, each in a line; empty where the message says it
    hint: String,
}

impl ErrorDocument {
    pub(crate) fn new(code: &'static str, message: &str, hints: &[String]) -> Self {
        Self {
            schema: "certctl/error/v1",
            code,
            message: message.to_owned(),
            hint: hints.join("\n"),
        }
    }

    /// In one line.
    pub(crate) fn to_json(&self) -> String {
        serde_json::json!(self).to_string()
    }
}
