//! `--out FILE` where something stands already: refused before anything is written, in a rehearsal too, but for the
//! same file.

use std::{fs, io, os::unix::fs::PermissionsExt as _, path::Path};

use zeroize::Zeroizing;

use super::Report;
use crate::store::{StoreError, outside};

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

/// Writes a file whole; what stands there is replaced only with `force`.
pub(crate) fn write(path: &Path, octets: &[u8], mode: u32, force: bool) -> Result<(), Report> {
    outside::write_whole(path, octets, mode, force).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => report(path, REPLACE),
        _ => StoreError::io("write", path, error).into(),
    })
}

/// What came of a file that was to be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Put {
    /// It was there already
    Same,
    /// In a rehearsal
    Would,
    Wrote,
}

/// A file that somebody names, to be written whole.
#[derive(Clone, Copy)]
pub(crate) struct Destination<'a> {
    pub(crate) path: &'a Path,
    /// Replace what is there and different
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
}

impl Destination<'_> {
    /// Writes it, unless it is there already.
    pub(crate) fn put(&self, octets: &[u8], mode: u32) -> Result<Put, Report> {
        if is_same(self.path, octets, mode) {
            return Ok(Put::Same);
        }
        if !self.force {
            refuse(self.path, REPLACE)?;
        }
        if self.dry_run {
            return Ok(Put::Would);
        }
        write(self.path, octets, mode, self.force)?;
        Ok(Put::Wrote)
    }
}
