//! Who is in the way of a step.

use crate::{
    issuance::rotation::{RotateError, doubts::Doubt},
    session::Context,
    terminal::{Report, rotating::told},
};

/// Refuses a step while somebody is in the way; with `--force` says who will be refused.
pub(crate) fn refuse(doubts: Vec<Doubt>, force: bool, context: &Context) -> Result<(), Report> {
    match (doubts.is_empty(), force) {
        (true, _) => Ok(()),
        (false, false) => Err(RotateError::Doubts(doubts).into()),
        (false, true) => {
            for line in told(&doubts) {
                context.ui.warning(format!("forced: {line}"));
            }
            Ok(())
        }
    }
}
