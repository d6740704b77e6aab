//! `--out FILE` where something stands already: refused before anything is written, in a rehearsal too, but for the
//! same file.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use zeroize::Zeroizing;

use super::Report;

/// Refuses a file whose place is taken; a symlink takes it too, wherever it leads.
pub(crate) fn refuse(path: &Path, hint: &str) -> Result<(), Report> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(report(path, hint)),
        Err(_) => Ok(()),
    }
}

/// Whether a file has these octets, and nobody may do more with it than `mode` says; its size is looked at before it
/// is read, and a symlink is none.
pub(crate) fn is_same(path: &Path, octets: &[u8], mode: u32) -> bool {
    let found = fs::symlink_metadata(path).ok();
    let found = found.filter(|it| it.is_file() && it.len() == octets.len() as u64);
    let is_like = found.is_some_and(|it| it.permissions().mode() & 0o777 & !mode == 0);
    is_like
        && fs::read(path)
            .map(Zeroizing::new)
            .is_ok_and(|read| *read == octets)
}

/// That something has taken the place.
pub(crate) fn report(path: &Path, hint: &str) -> Report {
    Report::refused("exists", format!("{} exists", path.display())).hint(hint)
}

/// Where there is `--force`.
pub(crate) const REPLACE: &str = "`--force` replaces it; another name is as good";
