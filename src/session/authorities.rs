//! CAs that are made or adopted.

use super::{
    Context, Report,
    made::{MADE, Made},
    report::Outcome,
};
use crate::{
    pki::entry_name::EntryName,
    store::{Pki, layout::Place, ledger::Record},
};

/// Refuses to replace a CA unless that was asked for.
pub(crate) fn refuse_existing(pki: &Pki, name: &EntryName, force: bool) -> Result<(), Report> {
    let place = Place::authority(name.clone());
    if force || !pki.is_given(&place)? {
        return Ok(());
    }
    let path = pki.layout().place(&place);
    let place = match pki.layout().holds(&path)? {
        true => path.display().to_string(),
        false => String::from("on another machine that shares the ledger"),
    };
    Err(
        Report::refused("exists", format!("the CA `{name}` exists: {place}")).hint(
            "take another name, or replace it with `--force` (what it signed stays as it is)",
        ),
    )
}

/// The CA, made here or adopted.
pub(crate) fn authority(record: &Record, is_adopted: bool) -> Made {
    match is_adopted {
        true => Made::given(record),
        false => Made::signed(record),
    }
}

/// Prints what was made, or would have been, and what to do next.
pub(crate) fn tell(
    context: &Context,
    pki: &Pki,
    made: &Made,
    dry_run: bool,
    next: &str,
) -> Result<Outcome, Report> {
    made.tell(context, pki.layout(), &MADE, dry_run)?;
    if dry_run {
        return Ok(Outcome::Changed);
    }
    if !context.ui.is_json() {
        context
            .ui
            .hint(format!("next: `{}`", context.command(next)));
    }
    Ok(Outcome::Changed)
}
