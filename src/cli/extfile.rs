//! Extfiles on disk, with the files that they include and the environment that they name.

use std::{env, fs, io, path::Path};

pub use super::surroundings::Surroundings;
use crate::extfile::{Environment, Extfile, Included};

impl Environment for Surroundings {
    fn variable(&self, name: &str) -> Option<String> {
        Surroundings::variable(self, name)
    }

    fn include_directory(&self) -> Option<String> {
        env::var("OPENSSL_CONF_INCLUDE").ok()
    }

    fn include(&self, path: &str) -> Result<Included, String> {
        read(Path::new(path)).map_err(|error| error.to_string())
    }
}

/// Reads an extfile with all that it includes.
///
/// # Errors
///
/// Where the file itself can't be read. What is wrong inside is said when extensions are requested.
pub fn open(path: &Path, surroundings: &Surroundings) -> io::Result<Extfile> {
    let octets = fs::read(path)?;
    Ok(Extfile::parse(
        &path.display().to_string(),
        &octets,
        surroundings,
    ))
}

fn read(path: &Path) -> io::Result<Included> {
    if !path.is_dir() {
        return fs::read(path).map(Included::File);
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(path)? {
        paths.push(entry?.path());
    }
    paths.retain(|path| {
        let extension = path.extension().unwrap_or_default();
        ["cnf", "conf"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    paths.sort();
    let files = paths.into_iter().map(|path| {
        let octets = fs::read(&path)?;
        Ok((path.display().to_string(), octets))
    });
    files.collect::<io::Result<_>>().map(Included::Directory)
}
