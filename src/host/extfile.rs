//! Extfiles on disk, with the files that they include and the environment that they name.

use std::{cell::RefCell, env, fs, io, path::Path};

use super::bounded::{Allowance, Kind};
pub use super::surroundings::Surroundings;
use crate::extfile::{Environment, Extfile, Included};

/// What one extfile sees: the environment, and as much of what it includes as may be read.
#[derive(Debug)]
pub struct View<'s> {
    surroundings: &'s Surroundings,
    allowance: RefCell<Allowance>,
}

impl<'s> View<'s> {
    /// Of one extfile that is yet to be read.
    #[must_use]
    pub fn of(surroundings: &'s Surroundings) -> Self {
        Self {
            surroundings,
            allowance: RefCell::new(Allowance::of(Kind::Extfile)),
        }
    }
}

impl Environment for View<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.surroundings.variable(name)
    }

    fn include_directory(&self) -> Option<String> {
        env::var("OPENSSL_CONF_INCLUDE").ok()
    }

    fn include(&self, path: &str) -> Result<Included, String> {
        let path = Path::new(path);
        let included = match path.is_dir() {
            true => self.directory(path).map(Included::Directory),
            false => self.read(path).map(Included::File),
        };
        included.map_err(|error| error.to_string())
    }
}

impl View<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let octets = self.allowance.borrow_mut().read(path)?;
        Ok(octets.to_vec())
    }

    /// Its `.cnf` and `.conf` files, in the order of their names.
    fn directory(&self, path: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
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
        let files = paths
            .iter()
            .map(|path| Ok((path.display().to_string(), self.read(path)?)));
        files.collect()
    }
}

/// Reads an extfile with all that it includes.
///
/// # Errors
///
/// Where the file itself can't be read. What is wrong inside is said when extensions are requested.
pub fn open(path: &Path, surroundings: &Surroundings) -> io::Result<Extfile> {
    let view = View::of(surroundings);
    let octets = view.read(path)?;
    let name = path.display().to_string();
    Ok(Extfile::parse(&name, &octets, &view))
}
