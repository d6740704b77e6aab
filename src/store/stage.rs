//! Where a transaction prepares new directories and files: a few directories beside what is there, as
//! `.staging-N.certs.NAME`; many of them, and all else, below `.staging-N/`.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use super::{
    StoreError,
    digest::digest,
    directory::Directory,
    files,
    layout::{Area, Layout, Place, file},
    shared::Files,
};
use crate::pki::entry_name::EntryName;

/// Up to so many directories are made durable one by one; for more, one call for the file system is
/// quicker, though it waits for other programs' data too.
pub(super) const SYNCED_ONE_BY_ONE: usize = 8;

/// One file of a staged directory.
#[derive(Debug)]
pub struct StagedFile<'a> {
    /// Its name
    pub name: &'a str,
    /// Its content
    pub content: &'a [u8],
    /// Its mode
    pub mode: u32,
}

impl<'a> StagedFile<'a> {
    /// A file that everybody may read.
    #[must_use]
    pub fn public(name: &'a str, text: &'a str) -> Self {
        Self {
            name,
            content: text.as_bytes(),
            mode: files::PUBLIC,
        }
    }

    /// A file with the mode that its name says.
    #[must_use]
    pub fn named(name: &'a str, content: &'a [u8]) -> Self {
        Self {
            name,
            content,
            mode: file::mode(name),
        }
    }

    /// A private key.
    #[must_use]
    pub fn private(name: &'a str, text: &'a str) -> Self {
        Self {
            name,
            content: text.as_bytes(),
            mode: files::PRIVATE,
        }
    }
}

/// Where new directories are prepared. Shared by the threads of one command.
#[derive(Debug)]
pub struct Stage {
    pub(super) layout: Layout,
    pub(super) transaction: i64,
    /// Whether directories go below `.staging-N/`: dearer for a few of them, cheaper for many
    pub(super) is_deep: bool,
    pub(super) staged: Arc<Mutex<Staged>>,
    /// Where directories are made: `ca/` and `certs/` below `.staging-N/`
    pub(super) areas: [OnceLock<Directory>; 2],
    /// Where new files of standing directories are made, by area and the place of their name in [`file::ALL`]
    pub(super) files: [[OnceLock<Directory>; file::ALL.len()]; 2],
    /// Whether public files go to a shared ledger, too
    pub(super) is_shared: bool,
}

/// What a stage holds.
#[derive(Debug, Default)]
pub(super) struct Staged {
    /// Whole directories, with the digest of their files
    pub(super) whole: BTreeMap<Place, [u8; 32]>,
    /// Directories that get new files and keep the others
    pub(super) changed: BTreeMap<Place, Vec<(&'static str, [u8; 32])>>,
    /// Whether something goes to the archive as it is
    pub(super) archived: bool,
    /// Public files for a shared ledger, by their paths
    public: BTreeMap<String, Vec<u8>>,
}

impl Staged {
    /// Public files for a shared ledger, taken out.
    pub(super) fn take_public(&mut self) -> Files {
        std::mem::take(&mut self.public).into_iter().collect()
    }

    fn keep_public(&mut self, place: &Place, content: &[StagedFile<'_>]) {
        let Place { area, name } = place;
        let public = content
            .iter()
            .filter(|part| file::shared(*area).contains(&part.name));
        self.public.extend(public.map(|part| {
            let path = format!("{}/{name}/{}", area.directory(), part.name);
            (path, part.content.to_vec())
        }));
    }
}

/// Below a stage: files that are renamed over those of standing directories, as `AREA/FILE/NAME`, so
/// that ten thousand of them need no more directories than one.
pub(super) const CHANGED: &str = "changed";
/// Below a stage: what goes to the archive as it is.
pub(super) const ARCHIVED: &str = "archived";

impl Stage {
    /// Prepares the directory of one CA or entry.
    ///
    /// # Errors
    ///
    /// Where a file cannot be made.
    pub fn add(&self, place: &Place, content: &[StagedFile<'_>]) -> Result<(), StoreError> {
        if self.is_deep {
            write_directory(
                self.area(place.area)?,
                Path::new(place.name.as_str()),
                content,
            )?;
        } else {
            let root = self.layout.directory();
            // Where it goes: after the commit there might be no room for that.
            ensure_directory(root, &self.layout.area(place.area))?;
            write_directory(root, &self.layout.staged(self.transaction, place), content)?;
        }
        let digest = digest(content.iter().map(|part| (part.name, part.content)));
        let mut staged = self.lock();
        if self.is_shared {
            staged.keep_public(place, content);
        }
        staged.whole.insert(place.clone(), digest);
        Ok(())
    }

    /// The directory in which those of an area are prepared, made with the first of them.
    fn area(&self, area: Area) -> Result<&Directory, StoreError> {
        let slot = &self.areas[area as usize];
        if let Some(directory) = slot.get() {
            return Ok(directory);
        }
        let made = self.make(&[area.directory()])?;
        Ok(slot.get_or_init(|| made))
    }

    /// Prepares new files for a directory that keeps its others, the key among them.
    ///
    /// # Errors
    ///
    /// Where a file cannot be made.
    pub fn change(&self, place: &Place, content: &[StagedFile<'_>]) -> Result<(), StoreError> {
        let mut digests = Vec::new();
        for part in content {
            // Of other names none is published.
            let Some(index) = file::ALL.iter().position(|name| *name == part.name) else {
                continue;
            };
            let directory = self.files(place.area, index)?;
            write_file(directory, Path::new(place.name.as_str()), part)?;
            let digest = digest([(part.name, part.content)].into_iter());
            digests.push((file::ALL[index], digest));
        }
        let mut staged = self.lock();
        if self.is_shared {
            staged.keep_public(place, content);
        }
        let changed = staged.changed.entry(place.clone()).or_default();
        changed.extend(digests);
        Ok(())
    }

    /// The directory in which new files of one name are prepared, made with the first of them.
    fn files(&self, area: Area, index: usize) -> Result<&Directory, StoreError> {
        let slot = &self.files[area as usize][index];
        if let Some(directory) = slot.get() {
            return Ok(directory);
        }
        let made = self.make(&[CHANGED, area.directory(), file::ALL[index]])?;
        Ok(slot.get_or_init(|| made))
    }

    /// Prepares files that go to the archive as `NAME-LABEL`: those that a change replaces.
    ///
    /// # Errors
    ///
    /// Where a file cannot be made.
    pub fn archive(
        &self,
        name: &EntryName,
        label: &str,
        content: &[StagedFile<'_>],
    ) -> Result<(), StoreError> {
        let archived = self.make(&[ARCHIVED])?;
        write_directory(&archived, Path::new(&format!("{name}-{label}")), content)?;
        self.lock().archived = true;
        Ok(())
    }

    /// Has what was written so far sent to the disk, while more is written: the commit then waits less.
    ///
    /// # Errors
    ///
    /// Where the disk fails.
    pub fn flush(&self) -> Result<(), StoreError> {
        let root = self.layout.directory();
        let synced = root.sync_file_system();
        synced.map_err(|error| StoreError::io("make durable", root.path(), error))
    }

    /// Makes directories one in another below `.staging-N/`, those that are not there yet; the last is handed
    /// back.
    fn make(&self, inside: &[&str]) -> Result<Directory, StoreError> {
        let mut path = self.layout.staging(self.transaction);
        let mut made = ensure_directory(self.layout.directory(), &path)?;
        for name in inside {
            path.push(name);
            made = ensure_directory(&made, &path)?;
        }
        Ok(made)
    }

    fn lock(&self) -> MutexGuard<'_, Staged> {
        lock(&self.staged)
    }
}

pub(super) fn lock(staged: &Mutex<Staged>) -> MutexGuard<'_, Staged> {
    staged.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_directory(
    parent: &Directory,
    name: &Path,
    content: &[StagedFile<'_>],
) -> Result<(), StoreError> {
    let made = parent
        .create_directory(name)
        .and_then(|()| parent.directory(name));
    let directory =
        made.map_err(|error| StoreError::io("make", &parent.path().join(name), error))?;
    content
        .iter()
        .try_for_each(|part| write_file(&directory, Path::new(part.name), part))
}

fn write_file(directory: &Directory, path: &Path, part: &StagedFile<'_>) -> Result<(), StoreError> {
    let written = directory.create(path, part.content, part.mode);
    written
        .map(drop)
        .map_err(|error| StoreError::io("write", &directory.path().join(path), error))
}

/// Makes a directory unless there is one.
pub(super) fn ensure_directory(parent: &Directory, path: &Path) -> Result<Directory, StoreError> {
    let made = parent.ensure_directory(path);
    made.map_err(|error| StoreError::io("make", path, error))
}
