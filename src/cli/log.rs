//! `certctl log`: who did what, when, and whether the record of it holds.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::{
    Context, Report, Run,
    document::time,
    names::{Target, target},
    report::Outcome,
};
use crate::{
    pki::name::visible,
    store::{
        Access, Pki,
        ledger::event::{Event, Touched},
    },
};

/// Show who did what, and when
///
/// Every command that changed something is an event with its user, machine, command line and
/// certificates. Each holds the SHA-256 of all before it: --verify finds a row of the ledger that was
/// changed or is missing. It cannot find a ledger that was rewritten from the first event on; whoever must,
/// keeps the last hash elsewhere.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl log\n  \
    certctl log node1\n  \
    certctl log --verify")]
pub(crate) struct Log {
    /// Only events that concern this entry or CA
    #[arg(value_name = "NAME", value_parser = target)]
    name: Option<Target>,
    /// Check that the history is whole; exit with 3 where it is not
    #[arg(long)]
    verify: bool,
}

/// `certctl/log/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document {
    schema: &'static str,
    /// What was done, the oldest first
    events: Vec<EventDocument>,
    /// Whether the history is whole; only with `--verify`
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<Verified>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EventDocument {
    /// From 1
    number: i64,
    /// When
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    time: String,
    /// Who
    user: String,
    /// On which machine
    host: String,
    /// The command line, without secrets
    command: String,
    /// What happened to which certificate
    certificates: Vec<Certificate>,
    /// Digest of this event and, through that of the one before, of all before it
    hash: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Certificate {
    /// Name of the entry or CA
    name: String,
    /// Serial number, upper-case hexadecimal
    #[cfg_attr(test, schemars(extend("pattern" = "^[0-9A-F]*$")))]
    serial: String,
    /// What happened to it
    change: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Verified {
    /// Whether nothing was changed afterwards
    ok: bool,
    /// The first event that does not fit; null where it is none of them
    event: Option<i64>,
    /// What does not fit
    reason: Option<String>,
}

impl Run for Log {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let pki = context.open(Access::Read)?;
        let verified = self.verify.then(|| verify(&pki)).transpose()?;
        let events = pki.ledger().events()?;
        let last = events
            .last()
            .map(|event| base16ct::upper::encode_string(&event.hash));
        let is_wanted = |event: &Event| match &self.name {
            Some(name) => event
                .certificates
                .iter()
                .any(|one| one.name == name.name.as_str()),
            None => true,
        };
        let events: Vec<_> = events.into_iter().filter(is_wanted).map(document).collect();
        let is_whole = verified.as_ref().is_none_or(|verified| verified.ok);
        let document = Document {
            schema: "certctl/log/v1",
            events,
            verified,
        };
        context.ui.result(
            || document.events.iter().map(text).collect::<String>(),
            &document,
        )?;
        if let (Some(name), []) = (&self.name, &document.events[..]) {
            context
                .ui
                .note(format!("no event concerns `{}`", name.name));
        }
        if let (Some(verified), false) = (&document.verified, context.ui.is_json()) {
            match (verified.event, &verified.reason) {
                (None, Some(reason)) => context.ui.warning(reason),
                (Some(number), Some(reason)) => {
                    context.ui.warning(format!("event {number}: {reason}"));
                }
                _ => context.ui.note(format!(
                    "the history is whole; its last hash is {}",
                    last.unwrap_or_default()
                )),
            }
        }
        Ok(match is_whole {
            true => Outcome::Unchanged,
            false => Outcome::Found,
        })
    }
}

fn verify(pki: &Pki) -> Result<Verified, Report> {
    let found = pki.ledger().first_break()?;
    let fault = pki.ledger().first_fault()?;
    let fault = fault.map(|fault| format!("the database does not hold together: {fault}"));
    Ok(Verified {
        ok: found.is_none() && fault.is_none(),
        event: found.as_ref().map(|found| found.number),
        reason: found.map(|found| found.reason.to_owned()).or(fault),
    })
}

fn document(event: Event) -> EventDocument {
    let certificate = |one: Touched| Certificate {
        name: one.name,
        serial: one.serial,
        change: one.change,
    };
    EventDocument {
        number: event.number,
        time: time(event.author.at),
        user: event.author.user,
        host: event.author.host,
        command: event.author.command,
        certificates: event.certificates.into_iter().map(certificate).collect(),
        hash: base16ct::upper::encode_string(&event.hash),
    }
}

/// The event in one line, and a line for each certificate, up to a few.
fn text(event: &EventDocument) -> String {
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
    } = event;
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
