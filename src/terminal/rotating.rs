//! Why a step of a rotation is not taken, and what to do next.

use super::Report;
use crate::issuance::{
    crossing::CrossError,
    rotation::{RotateError, doubts::Doubt},
};

/// So many are told one by one.
const TOLD: usize = 20;

/// The first of those who are in the way, a line each.
pub(crate) fn told(doubts: &[Doubt]) -> Vec<String> {
    let line = |doubt: &Doubt| format!("`{}` {}", doubt.name, doubt.reason.text());
    let mut lines: Vec<_> = doubts.iter().take(TOLD).map(line).collect();
    if let Some(more @ 1..) = doubts.len().checked_sub(TOLD) {
        lines.push(format!(
            "and {more} more: `certctl rotate-ca status --json`"
        ));
    }
    lines
}

/// What was in the way, and what to do next.
fn report(error: RotateError) -> Report {
    let message = error.to_string();
    match error {
        RotateError::Open(_) => Report::refused("rotating", message).hint(
            "`certctl rotate-ca status` says how far it is; `certctl rotate-ca abort` goes back",
        ),
        RotateError::None => Report::failed("not-rotating", message)
            .hint("`certctl rotate-ca start` begins a rotation"),
        RotateError::Gone(_, successor) => Report::refused("rotating", message).hint(format!(
            "`certctl rotate-ca start {successor}` rotates that one"
        )),
        RotateError::Fallen(fallen) => fallen.into(),
        RotateError::Phase(..) => Report::refused("rotating", message)
            .hint("`certctl rotate-ca status` says what is next"),
        RotateError::KeyElsewhere(_) => Report::refused("key-elsewhere", message).hint(
            "put the key back for as long as it takes, or rotate the CAs below it one by one",
        ),
        RotateError::KeyHeld(_) => Report::refused("key-elsewhere", message).hint(
            "`--key-uri URI` says where it is, and `--generate` makes it there: certctl-signer(7)",
        ),
        RotateError::Name(_) => Report::refused("exists", message),
        RotateError::Doubts(doubts) => {
            let reports = told(&doubts)
                .into_iter()
                .map(|line| Report::refused("unproven", line));
            let report = Report::all(reports.collect());
            report
                .unwrap_or_else(|| Report::refused("unproven", message))
                .hint("copy what `certctl rotate-ca status` lists, reload, and say so: `certctl rotate-ca ack NAME`")
                .hint("`--force` goes on all the same")
        }
        RotateError::Unknown(_) => Report::failed("no-entry", message)
            .hint("`certctl rotate-ca status` lists who takes part"),
        RotateError::Cross(error) => error.into(),
        RotateError::Issue(error) => error.into(),
        RotateError::Crl(error) => Report::failed("sign", error),
        RotateError::Store(error) => error.into(),
    }
}

/// What cannot be cross-signed, and what helps.
impl From<CrossError> for Report {
    fn from(error: CrossError) -> Self {
        let message = error.to_string();
        match error {
            CrossError::NotRoot(_) => Self::refused("not-a-root", message).hint(
                "what it signs leads to its root by the chain: cross-sign that root, or make another CA below the other root",
            ),
            CrossError::Itself(_) | CrossError::Below { .. } | CrossError::Circle { .. } => {
                Self::usage(message)
            }
            CrossError::Standing(_) => Self::refused("exists", message)
                .hint("`--force` puts the new one in its place; what is replaced goes to the archive"),
            CrossError::Depth { .. } => Self::refused("path-length", message).hint(
                "the cross certificate is a CA too: another CA can sign it, or bundles go to everybody without one",
            ),
            CrossError::Name { .. } => Self::usage(message),
            CrossError::Issue(error) => error.into(),
            CrossError::Store(error) => error.into(),
        }
    }
}

impl From<RotateError> for Report {
    fn from(error: RotateError) -> Self {
        report(error)
    }
}
