//! `--out FILE` where something stands already: refused before anything is written, in a rehearsal too.

use std::path::Path;

use super::Report;

/// Refuses a file whose place is taken; a symlink takes it too, wherever it leads.
pub(crate) fn refuse(path: &Path, hint: &str) -> Result<(), Report> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Err(report(path, hint)),
        Err(_) => Ok(()),
    }
}

/// That something has taken the place.
pub(crate) fn report(path: &Path, hint: &str) -> Report {
    Report::refused("exists", format!("{} exists", path.display())).hint(hint)
}

/// Where there is `--force`.
pub(crate) const REPLACE: &str = "`--force` replaces it; another name is as good";
