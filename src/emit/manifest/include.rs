//! Files that a configuration file reads in its place: what a manifest says of the options that name
//! them, and which files those are.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use serde::Deserialize;
use toml::Spanned;

#[cfg(test)]
mod in_memory;

#[cfg(test)]
pub(crate) use in_memory::InMemory;

/// Characters that make a pattern of a path.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// How many directories below one another are read; Apache goes no deeper either.
const MAX_TREE: usize = 20;

/// An option whose value names files that are read in its place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Include {
    /// The option
    pub option: Spanned<String>,
    /// Formats in which it stands; empty for all
    #[serde(default)]
    pub formats: Vec<Spanned<String>>,
    /// Where relative paths begin
    pub from: From,
    /// The option that says where they begin, from its line on
    pub root: Option<Spanned<String>>,
    /// How the server's main file may be called
    #[serde(default)]
    pub main: Vec<String>,
    /// What a directory stands for
    #[serde(default)]
    pub directory: Directory,
    /// How the names of such files end; those that begin with a dot are passed over then
    #[serde(default)]
    pub ending: String,
    /// Paths may hold `*`, `?` and `[…]`
    #[serde(default)]
    pub pattern: bool,
    /// What need not be there
    #[serde(default)]
    pub optional: Vec<What>,
}

/// Where relative paths begin.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum From {
    /// The directory of the file that includes
    File,
    /// The directory of the server's main file
    Main,
    /// The directory that the server is started in
    Process,
}

/// What a directory stands for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Directory {
    /// The files in it, and nothing but directories can be included
    Files,
    /// Nothing: it cannot be included
    #[default]
    None,
    /// All files in it and below
    Tree,
}

/// What can be missing.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// The file, or the directory
    File,
    /// Any file that a pattern means
    Pattern,
}

/// What lies in the file system.
pub trait Files {
    /// The nearest directory, from this one up, that holds a file of one of these names.
    fn home(&self, directory: &Path, names: &[String]) -> Option<PathBuf>;

    /// The names in a directory, sorted.
    ///
    /// # Errors
    ///
    /// Where it cannot be listed.
    fn names(&self, directory: &Path) -> Result<Vec<String>, Absence>;

    /// The text of a file.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    fn text(&self, path: &Path) -> Result<String, Absence>;
}

/// Why something cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Absence {
    /// Nothing is there
    Missing,
    /// Something else is there
    OtherKind,
    /// In the system's words
    Refused(String),
}

/// Nothing at all: for texts that stand alone.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Files for NoFiles {
    fn home(&self, _directory: &Path, _names: &[String]) -> Option<PathBuf> {
        None
    }

    fn names(&self, _directory: &Path) -> Result<Vec<String>, Absence> {
        Err(Absence::Missing)
    }

    fn text(&self, _path: &Path) -> Result<String, Absence> {
        Err(Absence::Missing)
    }
}

impl Include {
    /// Whether it stands in a format.
    pub(in crate::emit) fn is_in(&self, format: &str) -> bool {
        self.formats.is_empty() || self.formats.iter().any(|name| name.get_ref() == format)
    }

    /// Whether the server starts without what a path names.
    pub(in crate::emit) fn may_miss(&self, path: &Path) -> bool {
        let what = match self.is_pattern(path) {
            true => What::Pattern,
            false => What::File,
        };
        self.optional.contains(&what)
    }

    /// The files that a path names, in the order in which the server reads them. Every directory that is
    /// listed takes of `room`, and not many more files than that are named.
    pub(in crate::emit) fn files(
        &self,
        path: &Path,
        files: &dyn Files,
        room: &mut usize,
    ) -> Result<Vec<Listed>, Absence> {
        let mut listing = Listing { files, room };
        if self.directory == Directory::Files {
            let paths = listing.directory(path)?.into_iter();
            let paths = paths.filter(|path| self.is_taken(&name(path)));
            return Ok(paths.map(Listed::met).collect());
        }
        let mut named = match self.is_pattern(path) {
            true => listing.matching(path),
            false => vec![path.to_owned()],
        };
        if self.directory == Directory::None {
            // As glob(3) of the C library does.
            named.sort_unstable_by(|one, other| one.as_os_str().cmp(other.as_os_str()));
            return Ok(named.into_iter().map(Listed::named).collect());
        }
        let mut all = Vec::new();
        for path in named {
            listing.tree(path, MAX_TREE, &mut all);
        }
        Ok(all)
    }

    /// Whether a file of a directory is read.
    fn is_taken(&self, name: &str) -> bool {
        self.ending.is_empty() || name.ends_with(&self.ending) && !name.starts_with('.')
    }

    pub(in crate::emit) fn is_pattern(&self, path: &Path) -> bool {
        self.pattern && path.to_string_lossy().contains(WILDCARDS)
    }
}

/// A file that is to be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::emit) struct Listed {
    pub(in crate::emit) path: PathBuf,
    /// It was met in a directory, where other things than files are passed over
    pub(in crate::emit) is_met: bool,
}

impl Listed {
    fn met(path: PathBuf) -> Self {
        let is_met = true;
        Self { path, is_met }
    }

    fn named(path: PathBuf) -> Self {
        let is_met = false;
        Self { path, is_met }
    }
}

/// Looks into directories.
struct Listing<'a> {
    files: &'a dyn Files,
    room: &'a mut usize,
}

impl Listing<'_> {
    fn names(&mut self, directory: &Path) -> Result<Vec<String>, Absence> {
        *self.room = self.room.saturating_sub(1);
        self.files.names(directory)
    }

    fn directory(&mut self, path: &Path) -> Result<Vec<PathBuf>, Absence> {
        let names = self.names(path)?.into_iter();
        Ok(names.map(|name| path.join(name)).collect())
    }

    /// A file, or all that are below a directory.
    fn tree(&mut self, path: PathBuf, levels: usize, all: &mut Vec<Listed>) {
        let inside = match levels {
            0 => Err(Absence::OtherKind),
            _ => self.directory(&path),
        };
        let Ok(inside) = inside else {
            let is_met = levels < MAX_TREE;
            all.push(Listed { path, is_met });
            return;
        };
        for path in inside {
            if *self.room <= all.len() {
                *self.room = 0;
                return;
            }
            self.tree(path, levels - 1, all);
        }
    }

    /// What a pattern means, sorted within each directory.
    fn matching(&mut self, pattern: &Path) -> Vec<PathBuf> {
        let mut found = vec![PathBuf::new()];
        let mut is_literal = true;
        for part in pattern.components() {
            let text = part.as_os_str().to_string_lossy();
            is_literal &= !text.contains(WILDCARDS);
            if is_literal {
                for path in &mut found {
                    path.push(part);
                }
                continue;
            }
            let wanted = wanted(&text);
            let matches = |path: &PathBuf| wanted.matches_with(&name(path), OPTIONS);
            let mut next = Vec::new();
            for directory in &found {
                let inside = self.directory(directory).unwrap_or_default();
                next.extend(inside.into_iter().filter(matches));
                if *self.room <= next.len() {
                    *self.room = 0;
                    break;
                }
            }
            found = next;
        }
        found
    }
}

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// One part of a pattern. Two asterisks mean no more than one does.
fn wanted(text: &str) -> Pattern {
    let mut text = text.to_owned();
    while text.contains("**") {
        text = text.replace("**", "*");
    }
    let literal = |_| Pattern::new(&Pattern::escape(&text)).unwrap_or_default();
    Pattern::new(&text).unwrap_or_else(literal)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `*` stands before what was met in a directory.
    fn listed(include: &Include, path: &str, room: &mut usize) -> Result<Vec<String>, Absence> {
        let files = InMemory::new(&[
            ("/a-b/x", ""),
            ("/a/.x", ""),
            ("/a/x", ""),
            ("/a/y/1", ""),
            ("/a/y/2", ""),
            ("/a/z", ""),
            ("/b*", ""),
        ]);
        let listed = include.files(Path::new(path), &files, room)?;
        let shown =
            |it: Listed| format!("{}{}", if it.is_met { "*" } else { "" }, it.path.display());
        Ok(listed.into_iter().map(shown).collect())
    }

    fn include(more: &str) -> Include {
        let text = format!("option = 'include'\nfrom = 'main'\n{more}");
        toml::from_str(&text).expect("it is an include")
    }

    #[test]
    fn files_of_a_path() {
        let plain = include("");
        let pattern = include("pattern = true");
        let tree = include("pattern = true\ndirectory = 'tree'");
        let directory = include("directory = 'files'");
        for (include, path, expected) in [
            (&plain, "/a/x", &["/a/x"][..]),
            (&plain, "/none", &["/none"]),
            (&plain, "/a/*", &["/a/*"]),
            (&pattern, "/a/?", &["/a/x", "/a/y", "/a/z"]),
            (&pattern, "/a/[xz]", &["/a/x", "/a/z"]),
            (&pattern, "/a/[!xz]", &["/a/y"]),
            (&pattern, "/a/**", &["/a/x", "/a/y", "/a/z"]),
            (&pattern, "/a/.*", &["/a/.x"]),
            (&pattern, "/a*/x", &["/a-b/x", "/a/x"]),
            (&pattern, "/*/y/2", &["/a/y/2"]),
            (&pattern, "/*/none", &[]),
            (&pattern, "/a/[", &[]),
            (&tree, "/a*/x", &["/a/x", "/a-b/x"]),
            (&tree, "/a/[yz]", &["*/a/y/1", "*/a/y/2", "/a/z"]),
            (
                &tree,
                "/a",
                &["*/a/.x", "*/a/x", "*/a/y/1", "*/a/y/2", "*/a/z"],
            ),
            (&tree, "/none", &["/none"]),
            (&directory, "/a", &["*/a/.x", "*/a/x", "*/a/y", "*/a/z"]),
        ] {
            let found = listed(include, path, &mut 100);
            assert_eq!(
                found.as_deref(),
                Ok(&expected
                    .iter()
                    .map(|it| (*it).to_owned())
                    .collect::<Vec<_>>()[..]),
                "{path}"
            );
        }
        assert_eq!(listed(&directory, "/none", &mut 100), Err(Absence::Missing));
        assert_eq!(
            listed(&directory, "/a/x", &mut 100),
            Err(Absence::OtherKind)
        );
    }

    #[test]
    fn listing_ends() {
        let tree = include("pattern = true\ndirectory = 'tree'");
        for path in ["/a", "/a/*", "/*/*"] {
            let mut room = 2;
            let found = listed(&tree, path, &mut room);
            assert!(found.is_ok_and(|found| found.len() <= 3), "{path}");
            assert_eq!(room, 0, "{path}");
        }
    }
}
