//! How a tool lays out its files: what a reader says of it.

use super::Files;

/// How a tool lays out its files.
pub(super) struct Layout {
    /// What makes its layout, in words
    pub(super) looks_for: &'static str,
    /// The folders below that of the source in which it may begin, each with its `/`
    pub(super) bases: &'static [&'static str],
    /// Whether these paths are its layout
    pub(super) fits: fn(&Paths<'_>) -> bool,
    /// What lies at a path
    pub(super) place: fn(&str) -> Option<Place<'_>>,
}

/// What lies at a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place<'p> {
    /// Certificates that may be a CA's own, and what else is in the file
    Own(&'p str),
    /// A certificate that was issued, under its name where its file is called so
    Issued(Option<&'p str>, Standing),
    /// The private key of what has this name
    Key(&'p str),
    /// The file that `openssl ca` calls its database
    Index,
    /// The database of cfssl
    Database,
    /// The ledger of certctl
    Ledger,
    /// What SQLite keeps beside a database while it is written
    Unfinished,
    /// A CRL
    List,
    /// The number of the next CRL
    ListNumber,
}

/// What the place of a certificate says of it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Standing {
    /// Another has taken its place
    PutAway,
    /// It is kept, whatever became of it
    Kept,
    /// It is in use
    InUse,
    /// It was revoked
    Revoked,
}

/// The paths below one folder.
pub(super) struct Paths<'p>(Vec<&'p str>);

impl<'p> Paths<'p> {
    pub(super) fn below(files: &'p dyn Files, base: &str) -> Self {
        let paths = files.paths().iter();
        Self(paths.filter_map(|path| path.strip_prefix(base)).collect())
    }

    /// Whether there is such a file.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.binary_search(&path).is_ok()
    }

    /// Whether there is a file for which this holds.
    pub(super) fn any(&self, holds: impl Fn(&str) -> bool) -> bool {
        self.0.iter().any(|path| holds(path))
    }

    /// Whether there is a file `STEM + one` in the folder itself for which there are `STEM + other`, for each of the
    /// others.
    pub(super) fn any_with(&self, one: &str, others: &[&str]) -> bool {
        self.any(|path| {
            !path.contains('/')
                && path.strip_suffix(one).is_some_and(|stem| {
                    others
                        .iter()
                        .all(|other| self.has(&format!("{stem}{other}")))
                })
        })
    }
}

/// The name of a file without one of these endings; `None` where it has none of them.
pub(super) fn stem<'p>(name: &'p str, endings: &[&str]) -> Option<&'p str> {
    let stem = endings
        .iter()
        .find_map(|ending| name.strip_suffix(ending))?;
    (!stem.is_empty()).then_some(stem)
}
