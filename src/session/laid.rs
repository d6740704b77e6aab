//! Words about files that are laid below a folder: what is refused, what was written, what was the same.

use std::{io, path::Path};

use super::{Report, taken};
use crate::{
    documents::laid::{Action, Tally},
    store::{
        StoreError,
        outside::{Laying, Standing},
    },
};

/// Refuses all files at once whose place something else has, unless `force` replaces it.
pub(crate) fn refuse(laying: &Laying, force: bool) -> Result<(), Report> {
    let different = laying.different().filter(|_| !force);
    let reports = different.map(|path| {
        Report::refused(
            "exists",
            format!("{} exists, and is different", path.display()),
        )
        .hint(taken::REPLACE)
    });
    Report::none(reports)
}

pub(crate) fn carry_out(laying: &Laying) -> Result<(), Report> {
    laying
        .carry_out()
        .map_err(|(path, error)| failed(&path, &error))
}

/// That a file could not be written, or a folder not be looked at.
pub(crate) fn failed(path: &Path, error: &io::Error) -> Report {
    let copied = io::Error::new(error.kind(), error.to_string());
    StoreError::io("write", path, copied).into()
}

/// A line for each file that is written, and how many there are.
pub(crate) fn text(layings: &[&Laying], dry_run: bool) -> String {
    let mut lines = Vec::new();
    for laying in layings {
        for (sheet, standing) in laying.sheets() {
            let action = Action::from(*standing).name();
            if *standing != Standing::Same {
                lines.push(format!("{action:8} {}", laying.path(sheet).display()));
            }
        }
    }
    let Tally { changed, unchanged } = Tally::of(layings.iter().copied());
    lines.push(match (changed, dry_run) {
        (0, _) => format!("nothing to do: {unchanged} unchanged"),
        (_, true) => {
            format!("{changed} to change, {unchanged} unchanged; nothing was changed (--dry-run)")
        }
        (_, false) => format!("{changed} changed, {unchanged} unchanged"),
    });
    lines.join("\n")
}
