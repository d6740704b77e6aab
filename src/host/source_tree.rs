//! The folder of another tool's PKI, which is only read: what is no regular file below it is passed over, and no
//! symlink is followed.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

use rustix::fs::FileType;
use zeroize::Zeroizing;

use super::bounded;
use crate::{
    import::{Files, Kind},
    store::directory::{Directory, Look},
};

/// More files than this no tool keeps, and somebody has named the wrong folder.
const MAX_ITEMS: usize = 1_000_000;
/// Deeper than this no tool keeps files.
const MAX_DEPTH: usize = 8;

/// The file itself, its length, and when it was changed.
type Stamp = (u64, u64, i128);

/// A folder with all that lies below it.
#[derive(Debug)]
pub(crate) struct SourceTree {
    directory: Directory,
    folder: PathBuf,
    paths: Vec<String>,
    /// What tells whether each of them is as it was
    stamps: Vec<Stamp>,
    passed_over: Vec<(String, &'static str)>,
    /// So many files are looked at
    most: usize,
}

impl SourceTree {
    /// Looks at everything below a folder; nothing is read yet.
    ///
    /// # Errors
    ///
    /// Where it is no folder that can be read, or there is far too much in it.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        Self::of_at_most(folder, MAX_ITEMS)
    }

    /// The same where there are not more than `most` files, for who only wants to know what it may be.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub(crate) fn of_at_most(folder: &Path, most: usize) -> io::Result<Self> {
        let mut tree = Self {
            directory: Directory::open(folder)?,
            folder: folder.to_owned(),
            paths: Vec::new(),
            stamps: Vec::new(),
            passed_over: Vec::new(),
            most,
        };
        let mut files = Vec::new();
        let mut waiting = vec![(String::new(), 0)];
        let mut items = 0;
        while let Some((inside, depth)) = waiting.pop() {
            for path in tree.look(&inside, depth, &mut items, &mut files)? {
                waiting.push((path, depth + 1));
            }
        }
        files.sort_unstable();
        (tree.paths, tree.stamps) = files.into_iter().unzip();
        tree.passed_over.sort_unstable();
        Ok(tree)
    }

    /// A file that is no longer what it was when the folder was looked at, or came or went since then.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub(crate) fn changed(&self) -> io::Result<Option<String>> {
        let stamped = |tree: &Self| -> BTreeSet<(String, Stamp)> {
            let paths = tree.paths.iter().cloned();
            paths.zip(tree.stamps.iter().copied()).collect()
        };
        let (before, now) = (stamped(self), stamped(&Self::open(&self.folder)?));
        let mut differing = before.symmetric_difference(&now);
        Ok(differing.next().map(|(path, _)| path.clone()))
    }

    /// Notes what lies in one folder, and hands back the folders among it.
    fn look(
        &mut self,
        inside: &str,
        depth: usize,
        items: &mut usize,
        files: &mut Vec<(String, Stamp)>,
    ) -> io::Result<Vec<String>> {
        let opened = match inside {
            "" => Ok(self.directory.clone()),
            inside => self.directory.directory(inside),
        };
        let listed = opened.and_then(|directory| Ok((directory.entries()?, directory)));
        let (names, directory) = match listed {
            Ok(listed) => listed,
            Err(error) if inside.is_empty() => return Err(error),
            Err(_) => {
                self.passed_over
                    .push((inside.to_owned(), "the folder cannot be read"));
                return Ok(Vec::new());
            }
        };
        let mut folders = Vec::new();
        for name in names {
            *items += 1;
            if *items > self.most {
                let many = format!("more than {} files lie below it", self.most);
                return Err(io::Error::other(many));
            }
            let text = name.to_string_lossy();
            let path = match inside {
                "" => text.to_string(),
                inside => format!("{inside}/{text}"),
            };
            let look = directory.look(&name);
            let reason = match look.as_ref().map(|look| look.kind) {
                _ if name.to_str().is_none() => "its name is not UTF-8",
                Ok(FileType::RegularFile) => {
                    files.extend(look.map(|look| (path, stamp(&look))));
                    continue;
                }
                Ok(FileType::Directory) if depth < MAX_DEPTH => {
                    folders.push(path);
                    continue;
                }
                Ok(FileType::Directory) => "no tool keeps files so deep",
                Ok(FileType::Symlink) => "it is a symlink, which is not followed",
                Ok(_) => "it is no regular file",
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    "it went away while the folder was read"
                }
                Err(_) => return look.map(|_| Vec::new()),
            };
            self.passed_over.push((path, reason));
        }
        Ok(folders)
    }
}

fn stamp(look: &Look) -> Stamp {
    (look.inode, look.size, look.changed)
}

impl Files for SourceTree {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn passed_over(&self) -> &[(String, &'static str)] {
        &self.passed_over
    }

    fn shown(&self, path: &str) -> String {
        let shown = match self.folder == Path::new(".") {
            true => PathBuf::from(path),
            false => self.folder.join(path),
        };
        crate::pki::name::visible(&shown.to_string_lossy()).into_owned()
    }

    fn read(&self, path: &str, kind: Kind) -> Result<Zeroizing<Vec<u8>>, String> {
        let kind = match kind {
            Kind::Public => bounded::Kind::Any,
            Kind::Key => bounded::Kind::Key,
            Kind::Index => bounded::Kind::Index,
        };
        let read = self
            .directory
            .file(path)
            .and_then(|(file, _)| bounded::read_open(file, kind));
        read.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn only_regular_files_are_read_and_nothing_leads_out() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let source = home.path().join("source");
        fs::create_dir_all(source.join("a/b")).expect("made");
        for path in ["x", "a/b/y"] {
            fs::write(source.join(path), path).expect("written");
        }
        fs::write(home.path().join("secret"), "outside").expect("written");
        symlink("../secret", source.join("out")).expect("made");
        symlink("..", source.join("a/up")).expect("made");
        rustix::fs::mkfifoat(rustix::fs::CWD, source.join("fifo"), rustix::fs::Mode::RWXU)
            .expect("made");
        let tree = SourceTree::open(&source).expect("a folder");
        assert_eq!(tree.paths(), ["a/b/y", "x"]);
        let passed: Vec<_> = tree
            .passed_over()
            .iter()
            .map(|(path, _)| path.as_str())
            .collect();
        assert_eq!(passed, ["a/up", "fifo", "out"]);
        assert_eq!(*tree.read("a/b/y", Kind::Public).expect("a file"), b"a/b/y");
        for path in ["out", "fifo", "../secret", "a/up/secret", "a"] {
            assert!(tree.read(path, Kind::Public).is_err(), "{path}");
        }
        assert!(SourceTree::open(&source.join("x")).is_err());
    }

    #[test]
    fn what_comes_goes_or_changes_is_told() {
        type Change<'a> = &'a dyn Fn(&Path) -> io::Result<()>;
        let come = |home: &Path| fs::write(home.join("a/new"), "");
        let go = |home: &Path| fs::remove_file(home.join("a/x"));
        let change = |home: &Path| fs::write(home.join("a/x"), "longer");
        let replace = |home: &Path| {
            fs::write(home.join("a/z"), "x")?;
            fs::rename(home.join("a/z"), home.join("a/x"))
        };
        let changes: [(_, Change<'_>); 4] = [
            ("a/new", &come),
            ("a/x", &go),
            ("a/x", &change),
            ("a/x", &replace),
        ];
        for (path, change) in changes {
            let home = tempfile::tempdir().expect("a temporary directory");
            fs::create_dir(home.path().join("a")).expect("made");
            fs::write(home.path().join("a/x"), "x").expect("written");
            let tree = SourceTree::open(home.path()).expect("a folder");
            assert_eq!(tree.changed().expect("readable"), None);
            change(home.path()).expect("it is ours");
            assert_eq!(tree.changed().expect("readable").as_deref(), Some(path));
        }
    }

    #[test]
    fn depth_is_bounded() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let deep = home.path().join(["d"; MAX_DEPTH + 1].join("/"));
        fs::create_dir_all(&deep).expect("made");
        fs::write(deep.join("x"), "").expect("written");
        fs::write(deep.parent().expect("above it").join("y"), "").expect("written");
        let tree = SourceTree::open(home.path()).expect("a folder");
        assert!(tree.paths().iter().all(|path| path.ends_with('y')));
        assert_eq!(tree.paths().len(), 1);
        assert_eq!(tree.passed_over().len(), 1);
    }
}
