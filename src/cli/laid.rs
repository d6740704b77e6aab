//! Words about files that are laid below a folder: what is refused, what was written, what was the same.

use std::{io, path::Path};

use serde::Serialize;

use super::{Report, taken};
use crate::store::{
    StoreError,
    outside::{Laying, Standing},
};

/// What is done about a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// It is made
    Create,
    /// It is what it should be
    None,
    /// It takes the place of another
    Replace,
}

impl From<Standing> for Action {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Missing => Self::Create,
            Standing::Same => Self::None,
            Standing::Different => Self::Replace,
        }
    }
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::None => "none",
            Self::Replace => "replace",
        }
    }
}

/// How many files are written, and how many are left alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    pub(crate) changed: usize,
    pub(crate) unchanged: usize,
}

impl Tally {
    pub(crate) fn of<'l>(layings: impl IntoIterator<Item = &'l Laying>) -> Self {
        let (mut changed, mut unchanged) = (0, 0);
        let sheets = layings.into_iter().flat_map(Laying::sheets);
        for (_, standing) in sheets {
            match standing {
                Standing::Same => unchanged += 1,
                Standing::Missing | Standing::Different => changed += 1,
            }
        }
        Self { changed, unchanged }
    }
}

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
    Report::all(reports.collect()).map_or(Ok(()), Err)
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
