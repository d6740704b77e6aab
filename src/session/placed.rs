//! `--install`: files of certctl put where other programs of the user look for them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Report, taken};
use crate::store::{files::PUBLIC, outside};

/// A file, and where it is to be.
pub(crate) struct Placed<'a> {
    pub(crate) path: PathBuf,
    pub(crate) text: &'a str,
}

/// Writes what is not there as it should be, and says how many files that are.
///
/// A place that something else has taken is refused before any file is written. What an error of the operating
/// system interrupts, the next run goes on with.
pub(crate) fn place(files: &[Placed<'_>], force: bool, dry_run: bool) -> Result<usize, Report> {
    let missing = files.iter().filter(|file| !file.is_there());
    let missing: Vec<_> = missing.collect();
    if !force {
        let refused = |file: &&Placed<'_>| taken::refuse(&file.path, "`--force` replaces it");
        missing.iter().try_for_each(refused)?;
    }
    if !dry_run {
        missing.iter().try_for_each(|file| file.write(force))?;
    }
    Ok(missing.len())
}

impl Placed<'_> {
    fn is_there(&self) -> bool {
        taken::is_same(&self.path, self.text.as_bytes(), 0o777)
    }

    fn write(&self, force: bool) -> Result<(), Report> {
        let parent = self.path.parent().unwrap_or(Path::new("/"));
        let written = fs::create_dir_all(parent)
            .and_then(|()| outside::write_whole(&self.path, self.text.as_bytes(), PUBLIC, force));
        written.map_err(|error| {
            let message = format!("cannot write {}: {error}", self.path.display());
            Report::failed("io", message)
        })
    }
}
