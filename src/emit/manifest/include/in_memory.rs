//! Files for tests, which need no disk.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Absence, Files};

/// Texts under their paths.
#[derive(Debug, Default)]
pub(crate) struct InMemory(BTreeMap<PathBuf, &'static str>);

impl InMemory {
    /// What a file holds that cannot be read.
    pub(crate) const LOCKED: &str = "locked";

    pub(crate) fn new(files: &[(&str, &'static str)]) -> Self {
        let files = files
            .iter()
            .map(|&(path, text)| (PathBuf::from(path), text));
        Self(files.collect())
    }
}

impl Files for InMemory {
    fn home(&self, directory: &Path, names: &[String]) -> Option<PathBuf> {
        let holds = |directory: &&Path| {
            let mut paths = names.iter().map(|name| directory.join(name));
            paths.any(|path| self.0.contains_key(&path))
        };
        directory.ancestors().find(holds).map(Path::to_owned)
    }

    fn names(&self, directory: &Path) -> Result<Vec<String>, Absence> {
        let inside = self
            .0
            .keys()
            .filter_map(|path| path.strip_prefix(directory).ok());
        let names = inside.filter_map(|path| path.iter().next()?.to_str());
        let mut names: Vec<_> = names.map(str::to_owned).collect();
        names.dedup();
        match (names.is_empty(), self.0.contains_key(directory)) {
            (_, true) => Err(Absence::OtherKind),
            (true, false) => Err(Absence::Missing),
            (false, false) => Ok(names),
        }
    }

    fn text(&self, path: &Path) -> Result<String, Absence> {
        match self.0.get(path) {
            Some(&Self::LOCKED) => Err(Absence::Refused(String::from("permission denied"))),
            Some(text) => Ok((*text).to_owned()),
            None if self.names(path).is_ok() => Err(Absence::OtherKind),
            None => Err(Absence::Missing),
        }
    }
}
