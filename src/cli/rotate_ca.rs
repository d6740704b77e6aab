//! `certctl rotate-ca`: a CA makes way for its successor without one refused handshake.

use clap::{Args, Subcommand};

use super::{Context, Report, Run, report::Outcome};
use crate::{
    documents::rotation::Document,
    issuance::rotation::{self, evidence::consumers},
    store::{Access, Pki, ledger::rotation::Rotation},
};

mod ack;
mod afterwards;
mod begin;
mod end;
mod greeting;
mod key_uri;
mod plan;
mod switch;
mod text;

use text::text;

/// Replace a CA's key without one refused handshake
///
/// A rotation has three steps. `start` makes the successor, and puts it beside the old CA into every
/// trust bundle; `switch` has certificates come from the successor; `finish` takes the old CA out of the
/// bundles. After each step files have to be copied and servers reloaded: `status` lists which. A step is
/// refused while somebody is not known to be ready for it; `ack` says who is. `abort` goes back, from
/// every step but the last.
///
/// The successor is a CA of its own beside the old one: `root-2` for `root`. All CAs below a CA are
/// rotated with it. The old CA stays, and makes CRLs, for as long as something that it signed is valid.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca plan --server redis\n  \
    certctl rotate-ca start\n  \
    certctl rotate-ca status\n  \
    certctl rotate-ca ack node1 node2 node3\n  \
    certctl rotate-ca switch --canary node1\n  \
    certctl rotate-ca switch\n  \
    certctl rotate-ca finish")]
pub(crate) struct RotateCa {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plan(plan::Plan),
    Start(begin::Start),
    Status(Status),
    Ack(ack::Ack),
    Switch(switch::Switch),
    Finish(end::Finish),
    Abort(end::Abort),
}

/// Show how far a rotation is, and what is known of everybody who trusts the CA
///
/// For each entry it says what has to be copied, and for the next step who is not ready for it.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl rotate-ca status\n  \
    certctl rotate-ca status --json")]
struct Status {}

impl Run for RotateCa {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        match self.command {
            Command::Plan(plan) => plan.run(context),
            Command::Start(start) => start.run(context),
            Command::Status(_) => status(context),
            Command::Ack(ack) => ack.run(context),
            Command::Switch(switch) => switch.run(context),
            Command::Finish(finish) => finish.run(context),
            Command::Abort(abort) => abort.run(context),
        }
    }
}

fn status(context: &Context) -> Result<Outcome, Report> {
    let pki = context.open(Access::Read)?;
    let Some(rotation) = pki.ledger().rotation()? else {
        let document = Document::none(&pki)?;
        let text = || document.last_text();
        context.ui.verdict(false, text, &document)?;
        return Ok(Outcome::Unchanged);
    };
    let consumers = consumers(&pki, &rotation, context.now)?;
    let document = Document::new(&pki, &rotation, &consumers)?;
    context.ui.result(|| text(&document), &document)?;
    Ok(Outcome::Unchanged)
}

/// Shows where a step has led, or would lead.
fn tell(context: &Context, mut document: Document, done: &str) -> Result<Outcome, Report> {
    if context.dry_run {
        document.next = None;
        document.doubts.clear();
    }
    let lines = || format!("{done}\n{}", text(&document));
    context.ui.result(lines, &document)?;
    Ok(Outcome::Changed)
}

/// The rotation that goes on.
fn open(pki: &Pki) -> Result<Rotation, Report> {
    Ok(rotation::open(pki)?)
}
