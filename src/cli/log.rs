//! `certctl log`: who did what, when, and whether the record of it holds.

use clap::Args;

use super::{
    Context, Report, Run,
    names::{Target, target},
    report::Outcome,
};
use crate::{
    documents::log::{Document, EventDocument, Verified},
    store::{Access, ledger::event::Event},
};

/// Show who did what, and when
///
/// Every command that changed something is an event with its user, machine, command line and
/// certificates. Each holds the SHA-256 of all before it: --verify finds a row of the ledger that was
/// changed or is missing. It cannot find a ledger that was rewritten from the first event on; whoever must,
/// keeps the last hash elsewhere, or shares the ledger: every machine has a copy then (certctl-ledger(7)).
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

impl Run for Log {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let pki = context.open(Access::Read)?;
        let verified = self.verify.then(|| Verified::of(&pki)).transpose()?;
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
        let events: Vec<_> = events
            .into_iter()
            .filter(is_wanted)
            .map(EventDocument::new)
            .collect();
        let is_whole = verified.as_ref().is_none_or(|verified| verified.ok);
        let document = Document {
            schema: "certctl/log/v1",
            events,
            verified,
        };
        context.ui.result(
            || {
                document
                    .events
                    .iter()
                    .map(EventDocument::text)
                    .collect::<String>()
            },
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
