//! Many files below one folder: compared with what lies there first, then all of them put into their places, or
//! none.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::super::{
    directory::Directory,
    files::{self, PRIVATE},
};

/// A file that is to lie there.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its folder and its name, or its name alone
    pub path: PathBuf,
    /// What it holds
    pub octets: Zeroizing<Vec<u8>>,
    /// Its mode
    pub mode: u32,
}

/// What lies in a file's place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Nothing
    Missing,
    /// The same octets, and nobody can read them who should not
    Same,
    /// Something else, a symlink for example
    Different,
}

/// Files, and what lies in their places.
#[derive(Debug)]
pub struct Laying {
    folder: PathBuf,
    sheets: Vec<(Sheet, Standing)>,
}

impl Laying {
    /// Compares; nothing is written.
    ///
    /// # Errors
    ///
    /// The operating system's, of the folder itself.
    pub fn compare(folder: &Path, sheets: Vec<Sheet>) -> io::Result<Self> {
        let directory = match Directory::open(folder) {
            Ok(directory) => Some(directory),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let compared = sheets.into_iter().map(|sheet| {
            let standing = match &directory {
                Some(directory) => standing(directory, &sheet),
                None => Standing::Missing,
            };
            (sheet, standing)
        });
        Ok(Self {
            folder: folder.to_owned(),
            sheets: compared.collect(),
        })
    }

    /// The files, in the order given.
    #[must_use]
    pub fn sheets(&self) -> &[(Sheet, Standing)] {
        &self.sheets
    }

    /// Whether anything is to be written.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.changes().next().is_some()
    }

    /// Where a file lies, its folder included.
    #[must_use]
    pub fn path(&self, sheet: &Sheet) -> PathBuf {
        match self.folder == Path::new(".") {
            true => sheet.path.clone(),
            false => self.folder.join(&sheet.path),
        }
    }

    /// The places that something else has.
    pub fn different(&self) -> impl Iterator<Item = PathBuf> {
        let different = self.sheets.iter();
        let different = different.filter(|(_, standing)| *standing == Standing::Different);
        different.map(|(sheet, _)| self.path(sheet))
    }

    fn changes(&self) -> impl Iterator<Item = &(Sheet, Standing)> {
        self.sheets
            .iter()
            .filter(|(_, standing)| *standing != Standing::Same)
    }

    /// Writes what is missing or different: all of it beside its place first, and only then into it. What
    /// fails on the way is taken back.
    ///
    /// # Errors
    ///
    /// The operating system's, with the path that it is about.
    pub fn carry_out(&self) -> Result<(), (PathBuf, io::Error)> {
        if !self.has_changes() {
            return Ok(());
        }
        let mut undo = Undo::default();
        self.write(&mut undo).inspect_err(|_| undo.back())
    }

    fn write(&self, undo: &mut Undo) -> Result<(), (PathBuf, io::Error)> {
        let of = |path: &Path| {
            let path = path.to_owned();
            move |error| (path, error)
        };
        make(&self.folder, undo).map_err(of(&self.folder))?;
        let directory = Directory::open(&self.folder).map_err(of(&self.folder))?;
        let mut beside = Vec::new();
        for (sheet, standing) in self.changes() {
            let path = self.folder.join(&sheet.path);
            let below = ensured(&directory, &sheet.path, undo).map_err(of(&path))?;
            let step = place(&below, sheet, *standing).map_err(of(&path))?;
            undo.steps.push(step.clone());
            beside.push((undo.steps.len() - 1, path));
        }
        directory.sync_file_system().map_err(of(&self.folder))?;
        for (index, path) in &beside {
            undo.steps[*index].put().map_err(of(path))?;
        }
        directory.sync_file_system().map_err(of(&self.folder))?;
        undo.steps.iter().for_each(Step::forget);
        Ok(())
    }
}

/// What lies in the place of a file. A private one that others can read is not the same.
fn standing(directory: &Directory, sheet: &Sheet) -> Standing {
    match directory.find(&sheet.path) {
        Ok(None) => return Standing::Missing,
        Ok(Some(_)) => {}
        Err(_) => return Standing::Different,
    }
    let Ok((file, metadata)) = directory.file(&sheet.path) else {
        return Standing::Different;
    };
    let is_open = sheet.mode == PRIVATE && mode(&metadata) & 0o077 != 0;
    let octets = files::read_open(file, &metadata).map(Zeroizing::new);
    match octets.is_ok_and(|octets| *octets == *sheet.octets) && !is_open {
        true => Standing::Same,
        false => Standing::Different,
    }
}

fn mode(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode()
}

/// Makes the folder itself, and those above it that are missing.
fn make(folder: &Path, undo: &mut Undo) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make(above, undo)?;
    }
    files::create_directory(folder)?;
    undo.folders.push(folder.to_owned());
    Ok(())
}

/// The folder of a file, made where it is missing.
fn ensured(directory: &Directory, path: &Path, undo: &mut Undo) -> io::Result<Directory> {
    let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) else {
        return Ok(directory.clone());
    };
    let is_new = directory.find(folder)?.is_none();
    let below = directory.ensure_directory(folder)?;
    if is_new {
        undo.folders.push(directory.path().join(folder));
    }
    Ok(below)
}

/// Writes a file beside its place.
fn place(below: &Directory, sheet: &Sheet, standing: Standing) -> io::Result<Step> {
    let name = sheet.path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let found = below.find(name)?;
    if found.is_some_and(|look| look.is_directory()) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}", std::process::id()));
    below
        .create(&temporary, &sheet.octets, sheet.mode)
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                io::Error::other(format!("{} is in the way", temporary.display()))
            }
            _ => error,
        })?;
    Ok(Step {
        directory: below.clone(),
        temporary,
        name: name.to_owned(),
        replaces: standing == Standing::Different,
        is_put: None,
    })
}

/// One file on its way.
#[derive(Clone, Debug)]
struct Step {
    directory: Directory,
    temporary: OsString,
    name: OsString,
    replaces: bool,
    /// Once it is in its place: whether what was there lies where it was written
    is_put: Option<bool>,
}

impl Step {
    fn put(&mut self) -> io::Result<()> {
        let (directory, temporary, name) = (&self.directory, &self.temporary, &self.name);
        if !self.replaces {
            directory.rename_new(temporary, directory, name)?;
            self.is_put = Some(false);
            return Ok(());
        }
        let is_swapped = directory.exchange(temporary, directory, name)?;
        if !is_swapped {
            directory.rename(temporary, directory, name)?;
        }
        self.is_put = Some(is_swapped);
        Ok(())
    }

    /// As it was before.
    fn back(&self) {
        let (directory, temporary, name) = (&self.directory, &self.temporary, &self.name);
        match self.is_put {
            None => drop(directory.remove_file(temporary)),
            Some(true) => {
                drop(directory.exchange(temporary, directory, name));
                drop(directory.remove_file(temporary));
            }
            Some(false) if !self.replaces => drop(directory.remove_file(name)),
            Some(false) => {}
        }
    }

    /// Removes what was replaced.
    fn forget(&self) {
        if self.is_put == Some(true) {
            let _ = self.directory.remove_file(&self.temporary);
        }
    }
}

/// What was made so far.
#[derive(Default)]
struct Undo {
    steps: Vec<Step>,
    folders: Vec<PathBuf>,
}

impl Undo {
    fn back(&self) {
        self.steps.iter().for_each(Step::back);
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::store::files::PUBLIC;

    fn sheet(path: &str, text: &str, mode: u32) -> Sheet {
        Sheet {
            path: path.into(),
            octets: Zeroizing::new(text.as_bytes().to_vec()),
            mode,
        }
    }

    fn sheets() -> Vec<Sheet> {
        vec![
            sheet("a/conf", "text", PUBLIC),
            sheet("a/key.pem", "secret", PRIVATE),
            sheet("next.md", "more", PUBLIC),
        ]
    }

    fn standings(laying: &Laying) -> Vec<Standing> {
        laying.sheets().iter().map(|(_, it)| *it).collect()
    }

    #[test]
    fn lays_once_and_finds_the_same() {
        use Standing::{Different, Missing, Same};
        let home = tempfile::tempdir().expect("done");
        let folder = home.path().join("deep/out");
        let laying = Laying::compare(&folder, sheets()).expect("done");
        assert_eq!(standings(&laying), [Missing; 3]);
        laying.carry_out().expect("done");
        let mode = |path: &str| {
            fs::metadata(folder.join(path))
                .expect("done")
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(
            [mode("a"), mode("a/conf"), mode("a/key.pem")],
            [0o700, 0o644, 0o600]
        );
        let again = Laying::compare(&folder, sheets()).expect("done");
        assert_eq!(standings(&again), [Same; 3]);
        assert!(!again.has_changes());
        let key = folder.join("a/key.pem");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("done");
        fs::remove_file(folder.join("next.md")).expect("done");
        symlink("a/conf", folder.join("next.md")).expect("done");
        let spoiled = Laying::compare(&folder, sheets()).expect("done");
        assert_eq!(standings(&spoiled), [Same, Different, Different]);
        assert_eq!(spoiled.different().next(), Some(key.clone()));
        spoiled.carry_out().expect("done");
        assert_eq!(mode("a/key.pem"), 0o600);
        assert_eq!(
            fs::read_to_string(folder.join("next.md")).expect("done"),
            "more"
        );
        let mut names: Vec<_> = fs::read_dir(folder.join("a")).expect("done").collect();
        assert_eq!(names.drain(..).count(), 2, "nothing stays beside them");
    }

    /// Whatever fails, the folder is what it was.
    #[test]
    fn what_fails_is_taken_back() {
        let home = tempfile::tempdir().expect("done");
        let folder = home.path().join("out");
        let clash = vec![sheet("a", "file", PUBLIC), sheet("a/b", "below it", PUBLIC)];
        let laying = Laying::compare(&folder, clash).expect("done");
        assert!(laying.carry_out().is_err());
        assert!(!folder.exists());

        fs::create_dir(&folder).expect("done");
        fs::write(folder.join("one"), "old").expect("done");
        let two = vec![sheet("one", "new", PUBLIC), sheet("two", "new", PUBLIC)];
        let laying = Laying::compare(&folder, two).expect("done");
        // Somebody is quicker.
        fs::create_dir(folder.join("two")).expect("done");
        let (path, _) = laying.carry_out().expect_err("refused");
        assert_eq!(path, folder.join("two"));
        assert_eq!(fs::read_to_string(folder.join("one")).expect("done"), "old");
        assert_eq!(fs::read_dir(&folder).expect("done").count(), 2);
    }

    /// A link in a folder's place leads nowhere.
    #[test]
    fn no_link_is_followed() {
        let home = tempfile::tempdir().expect("done");
        let elsewhere = home.path().join("elsewhere");
        fs::create_dir(&elsewhere).expect("done");
        let folder = home.path().join("out");
        fs::create_dir(&folder).expect("done");
        symlink(&elsewhere, folder.join("a")).expect("done");
        let laying = Laying::compare(&folder, sheets()).expect("done");
        assert!(laying.carry_out().is_err());
        assert_eq!(fs::read_dir(&elsewhere).expect("done").count(), 0);
        assert!(!folder.join("next.md").exists());
    }
}
