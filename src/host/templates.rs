//! A folder of templates on disk.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::bounded::{Allowance, Kind, text};

/// Most files and folders below one folder.
const MAX_ITEMS: usize = 10_000;

/// Every file of the folder and below, its path within and its text; names that begin with a dot are passed over.
///
/// # Errors
///
/// The path that could not be read as text.
pub(crate) fn read(folder: &Path) -> Result<Vec<(String, String)>, (PathBuf, io::Error)> {
    let mut walk = Walk {
        base: folder,
        allowance: Allowance::of(Kind::Templates),
        items: 0,
        found: Vec::new(),
    };
    walk.collect(Path::new(""))?;
    Ok(walk.found)
}

struct Walk<'a> {
    base: &'a Path,
    allowance: Allowance,
    items: usize,
    found: Vec<(String, String)>,
}

impl Walk<'_> {
    fn collect(&mut self, inside: &Path) -> Result<(), (PathBuf, io::Error)> {
        let directory = self.base.join(inside);
        let failed = |error| (directory.clone(), error);
        for item in fs::read_dir(&directory).map_err(failed)? {
            let name = item.map_err(failed)?.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            self.items += 1;
            if self.items > MAX_ITEMS {
                let many = format!("more than {MAX_ITEMS} files and folders");
                return Err((self.base.to_owned(), io::Error::other(many)));
            }
            let (inside, path) = (inside.join(&name), directory.join(&name));
            let metadata = fs::symlink_metadata(&path).map_err(|error| (path.clone(), error))?;
            if metadata.is_symlink() {
                // A folder that others have made could show any file so.
                let error = io::Error::other("it is a symlink, which is not followed");
                return Err((path, error));
            }
            if metadata.is_dir() {
                self.collect(&inside)?;
                continue;
            }
            let octets = self.allowance.read(&path).and_then(text);
            let mut content = octets.map_err(|error| (path, error))?;
            let name = inside.to_string_lossy().into_owned();
            self.found.push((name, std::mem::take(&mut *content)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_is_read_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let base = folder.path();
        fs::create_dir_all(base.join("server/client")).expect("made");
        for file in ["server/conf.j2", "server/client/c.j2", ".hidden"] {
            fs::write(base.join(file), file).expect("written");
        }
        let mut found = read(base).expect("it can be read");
        found.sort();
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["server/client/c.j2", "server/conf.j2"]);
        assert!(found.iter().all(|(name, text)| name == text));
        symlink("conf.j2", base.join("server/link.j2")).expect("linked");
        let (path, error) = read(base).expect_err("there is a symlink");
        assert_eq!(path, base.join("server/link.j2"));
        assert!(error.to_string().contains("not followed"), "{error}");
        fs::remove_file(path).expect("it is there");
        for index in 0..MAX_ITEMS {
            fs::create_dir(base.join(index.to_string())).expect("made");
        }
        let (path, error) = read(base).expect_err("there are many");
        assert_eq!(path, base);
        assert_eq!(error.to_string(), "more than 10000 files and folders");
    }

    #[test]
    fn all_files_together_are_bounded() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let half = "a".repeat(Kind::Templates.limit() / 2);
        for (name, is_read) in [("1", true), ("2", true), ("3", false)] {
            fs::write(folder.path().join(name), &half).expect("written");
            assert_eq!(read(folder.path()).is_ok(), is_read, "{name}");
        }
    }
}
