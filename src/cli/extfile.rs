//! Extfiles on disk, with the files that they include and the environment that they name.

use std::{cell::RefCell, env, fs, io, path::Path};

use super::bounded::{Allowance, Kind};
use crate::extfile::{Environment, Extfile, Included};

/// The process's own surroundings, for one extfile and all that it includes.
#[derive(Debug)]
pub struct Surroundings(RefCell<Allowance>);

impl Default for Surroundings {
    fn default() -> Self {
        Self(RefCell::new(Allowance::of(Kind::Extfile)))
    }
}

impl Environment for Surroundings {
    fn variable(&self, name: &str) -> Option<String> {
        env::var(name).ok()
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

impl Surroundings {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let octets = self.0.borrow_mut().read(path)?;
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
pub fn open(path: &Path) -> io::Result<Extfile> {
    let surroundings = Surroundings::default();
    let octets = surroundings.read(path)?;
    let name = path.display().to_string();
    Ok(Extfile::parse(&name, &octets, &surroundings))
}
