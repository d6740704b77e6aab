//! What is said before another CA takes the name of one in use.

use std::fmt::Write as _;

use super::Context;
use crate::{issuance::orphans::Below, store::ledger::Record};

/// So many names are told; of more there is only the number.
const TOLD: usize = 5;

/// Warns of the certificates in use that do not hold with `new`; what helps depends on where its key is.
pub(crate) fn warn(below: &Below, new: &Record, has_key: bool, context: &Context) {
    let names = below.orphaned(new);
    if names.is_empty() {
        return;
    }
    let told = names.iter().take(TOLD).map(|name| format!("`{name}`"));
    let mut told = told.collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = names.len().checked_sub(TOLD) {
        let _ = write!(told, " and {more} more");
    }
    let (count, hold) = match names.len() {
        1 => (String::from("one certificate"), "holds"),
        many => (format!("{many} certificates"), "hold"),
    };
    context.ui.warning(format!(
        "the new CA `{}` has another key or name than the one that it replaces, with which {count} in use {hold}: {told}",
        new.name
    ));
    if has_key {
        let rotate = context.command(&format!("rotate-ca start {}", new.name));
        context.ui.hint(format!(
            "`{rotate}` changes a CA's key without that: nobody is refused on the way"
        ));
    }
    let until = "until then peers that trust the new CA only refuse them";
    context.ui.hint(match has_key {
        true => {
            let renew = context.command("renew --all --force");
            format!("`{renew}` signs them anew; {until}")
        }
        false => format!("they have to be signed anew where its key is; {until}"),
    });
}
