//! `certctl/log/v1`: who did what, and when.

use std::fmt::Write as _;

use serde::Serialize;

use crate::{
    pki::{name::visible, validity::rfc3339},
    store::{
        Pki, StoreError,
        ledger::event::{Event, Touched},
    },
};

/// `certctl/log/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// What was done, the oldest first
    pub(crate) events: Vec<EventDocument>,
    /// Whether the history is whole; only with `--verify`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verified: Option<Verified>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EventDocument {
    /// From 1
    pub(crate) number: i64,
    /// When
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) time: String,
    /// Who
    pub(crate) user: String,
    /// On which machine
    pub(crate) host: String,
    /// The command line, without secrets
    pub(crate) command: String,
    /// What happened to which certificate
    pub(crate) certificates: Vec<Certificate>,
    /// Digest of this event and, through that of the one before, of all before it
    pub(crate) hash: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Certificate {
    /// Name of the entry or CA
    pub(crate) name: String,
    /// Serial number, upper-case hexadecimal
    #[cfg_attr(test, schemars(extend("pattern" = "^[0-9A-F]*$")))]
    pub(crate) serial: String,
    /// What happened to it
    pub(crate) change: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Verified {
    /// Whether nothing was changed afterwards
    pub(crate) ok: bool,
    /// The first event that does not fit; null where it is none of them
    pub(crate) event: Option<i64>,
    /// What does not fit
    pub(crate) reason: Option<String>,
}

impl Verified {
    pub(crate) fn of(pki: &Pki) -> Result<Self, StoreError> {
        let found = pki.ledger().first_break()?;
        let fault = pki.ledger().first_fault()?;
        let fault = fault.map(|fault| format!("the database does not hold together: {fault}"));
        Ok(Self {
            ok: found.is_none() && fault.is_none(),
            event: found.as_ref().map(|found| found.number),
            reason: found.map(|found| found.reason.to_owned()).or(fault),
        })
    }
}

impl EventDocument {
    pub(crate) fn new(event: Event) -> Self {
        let certificate = |one: Touched| Certificate {
            name: one.name,
            serial: one.serial,
            change: one.change,
        };
        Self {
            number: event.number,
            time: rfc3339(event.author.at),
            user: event.author.user,
            host: event.author.host,
            command: event.author.command,
            certificates: event.certificates.into_iter().map(certificate).collect(),
            hash: base16ct::upper::encode_string(&event.hash),
        }
    }

    /// The event in one line, and a line for each certificate, up to a few.
    pub(crate) fn text(&self) -> String {
        /// Certificates that are named; the others are counted.
        const NAMED: usize = 5;
        let EventDocument {
            number,
            time,
            user,
            host,
            command,
            certificates,
            ..
        } = self;
        // The number of the user's account stands last: what is before it comes from the environment.
        let (user, account) = match user.rsplit_once(" (") {
            Some((user, account)) => (user, format!(" ({account}")),
            None => (user.as_str(), String::new()),
        };
        let line = format!("{number}  {time}  {user}@{host}{account}  {command}");
        let mut text = format!("{}\n", visible(&line));
        for one in certificates.iter().take(NAMED) {
            let line = format!("{} {} ({})", one.change, one.name, one.serial);
            let _ = writeln!(text, "     {}", visible(&line));
        }
        if let Some(more @ 1..) = certificates.len().checked_sub(NAMED) {
            let _ = writeln!(text, "     and {more} more");
        }
        text
    }
}
