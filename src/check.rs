//! What can be wrong with a PKI, one file per rule. Pure: parsed things in, findings out.
//!
//! A [`certificate::CertificateRule`] looks at one certificate, planned or read; it is a value that
//! carries its own good and bad examples. A new one is its file, and two lines in [`certificate`].

use std::fmt;

use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

pub mod certificate;

/// How bad it is that a rule is broken, the mildest first.
///
/// What its source demands (MUST, and the contract's own rules) is an error, what it recommends
/// (SHOULD) a warning.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth knowing
    Info,
    /// Works today, or for some
    Warning,
    /// Insecure, or does not work
    Error,
}

impl Severity {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The word on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What rules compare with besides what they look at.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The time that everything is judged at
    pub now: OffsetDateTime,
    /// What ends within this time is told
    pub within: Duration,
}

/// A time in messages: RFC 3339 in UTC.
fn utc(time: OffsetDateTime) -> String {
    let utc = time.to_offset(UtcOffset::UTC);
    utc.format(&Rfc3339).unwrap_or_else(|_| utc.to_string())
}

/// A length of time in messages.
fn rounded_down(duration: Duration) -> String {
    match duration.whole_seconds() {
        seconds if seconds >= 2 * 86_400 => format!("{} days", seconds / 86_400),
        seconds if seconds >= 2 * 3_600 => format!("{} hours", seconds / 3_600),
        seconds => format!("{} minutes", seconds / 60),
    }
}
