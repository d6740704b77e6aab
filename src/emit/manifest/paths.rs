//! Where the paths in a server's files lead.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::include::From;

/// How a server takes the paths in its files.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// Where relative paths begin; it depends on the start of the server where nothing is said
    pub from: Option<From>,
    /// The option that says where they begin
    pub root: Option<Spanned<String>>,
    /// The option that says so in words: `config`, where the file is, `parent`, the folder around that,
    /// `origin` with a path, or any other where the server is started
    pub start: Option<Spanned<String>>,
    /// How the server's main file may be called
    #[serde(default)]
    pub main: Vec<String>,
    /// What stands in a value that is put together when the server runs; nothing where it has no variables
    #[serde(default)]
    pub variable: Option<String>,
    /// Beginnings of values that name no file
    #[serde(default)]
    pub others: Vec<String>,
}

/// What an option with a file leads to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Target {
    /// There is no such option
    #[default]
    Absent,
    /// A file that the server chooses when it runs
    Chosen,
    /// A file or a folder; what is relative begins where the process that looks was started
    File(PathBuf),
    /// A file in a container, which nobody here can see
    Inside,
    /// No file: an engine, a store of the system's
    Other,
    /// Where it is depends on how the server is started
    Relative,
}

impl Target {
    /// The path, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            _ => None,
        }
    }
}

impl Paths {
    /// Where a value leads, if relative paths begin here.
    #[must_use]
    pub fn target(&self, value: &str, start: Option<&Path>) -> Target {
        let variable = self.variable.as_ref();
        match variable.is_some_and(|mark| value.contains(mark)) {
            true => Target::Chosen,
            false => self.literal(value, start),
        }
    }

    /// The same of a value in which no variable can stand.
    #[must_use]
    pub fn literal(&self, value: &str, start: Option<&Path>) -> Target {
        let path = Path::new(value);
        match start {
            _ if self.others.iter().any(|begin| value.starts_with(begin)) => Target::Other,
            _ if path.is_absolute() => Target::File(path.to_owned()),
            Some(start) => Target::File(start.join(path)),
            None => Target::Relative,
        }
    }
}
