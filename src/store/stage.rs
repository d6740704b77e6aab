//! Where a transaction prepares new directories and files: a few directories beside what is there, as
//! `.staging-N.certs.NAME`; many of them, and all else, below `.staging-N/`.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    StoreError,
    digest::digest,
    files,
    layout::{Layout, Place},
};
use crate::pki::entry_name::EntryName;

/// One file of a staged directory.
#[derive(Debug)]
pub struct StagedFile<'a> {
    /// Its name
    pub name: &'static str,
    /// Its content
    pub content: &'a [u8],
    /// Its mode
    pub mode: u32,
}

impl<'a> StagedFile<'a> {
    /// A file that everybody may read.
    #[must_use]
    pub fn public(name: &'static str, text: &'a str) -> Self {
        Self {
            name,
            content: text.as_bytes(),
            mode: files::PUBLIC,
        }
    }

    /// A private key.
    #[must_use]
    pub fn private(name: &'static str, text: &'a str) -> Self {
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
        match self.is_deep {
            true => self.add_deep(place, content)?,
            false => {
                // Where it goes: after the commit there might be no room for that.
                ensure_directory(&self.layout.area(place.area))?;
                write_directory(&self.layout.staged(self.transaction, place), content)?;
            }
        }
        self.lock().whole.insert(
            place.clone(),
            digest(content.iter().map(|part| (part.name, part.content))),
        );
        Ok(())
    }

    fn add_deep(&self, place: &Place, content: &[StagedFile<'_>]) -> Result<(), StoreError> {
        let base = self.directory();
        let path = place.below(&base);
        match write_directory(&path, content) {
            // The first of its area.
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                make_directories(&base, &[place.area.directory()])?;
                write_directory(&path, content)
            }
            written => written,
        }
    }

    /// Prepares new files for a directory that keeps its others, the key among them.
    ///
    /// # Errors
    ///
    /// Where a file cannot be made.
    pub fn change(&self, place: &Place, content: &[StagedFile<'_>]) -> Result<(), StoreError> {
        let base = self.directory().join(CHANGED);
        let area = base.join(place.area.directory());
        for part in content {
            let path = area.join(part.name).join(place.name.as_str());
            match write_file(&path, part) {
                // The first of its name.
                Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                    make_directories(&self.directory(), &[CHANGED])?;
                    make_directories(&base, &[place.area.directory()])?;
                    make_directories(&area, &[part.name])?;
                    write_file(&path, part)?;
                }
                written => written?,
            }
        }
        let digests = content
            .iter()
            .map(|part| (part.name, digest([(part.name, part.content)].into_iter())));
        let mut staged = self.lock();
        let changed = staged.changed.entry(place.clone()).or_default();
        changed.extend(digests);
        Ok(())
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
        let base = self.directory().join(ARCHIVED);
        make_directories(&self.directory(), &[ARCHIVED])?;
        write_directory(&base.join(format!("{name}-{label}")), content)?;
        self.lock().archived = true;
        Ok(())
    }

    /// Has what was written so far sent to the disk, while more is written: the commit then waits less.
    ///
    /// # Errors
    ///
    /// Where the disk fails.
    pub fn flush(&self) -> Result<(), StoreError> {
        let root = self.layout.root();
        files::sync_file_system(root).map_err(|error| StoreError::io("make durable", root, error))
    }

    /// `.staging-N/`
    fn directory(&self) -> PathBuf {
        self.layout.staging(self.transaction)
    }

    fn lock(&self) -> MutexGuard<'_, Staged> {
        lock(&self.staged)
    }
}

pub(super) fn lock(staged: &Mutex<Staged>) -> MutexGuard<'_, Staged> {
    staged.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_directory(directory: &Path, content: &[StagedFile<'_>]) -> Result<(), StoreError> {
    files::create_directory(directory).map_err(|error| StoreError::io("make", directory, error))?;
    content
        .iter()
        .try_for_each(|part| write_file(&directory.join(part.name), part))
}

fn write_file(path: &Path, part: &StagedFile<'_>) -> Result<(), StoreError> {
    files::create(path, part.content, part.mode)
        .map(drop)
        .map_err(|error| StoreError::io("write", path, error))
}

/// Makes `base` and directories in it, those that are not there yet.
pub(super) fn make_directories(base: &Path, inside: &[&str]) -> Result<(), StoreError> {
    let mut paths = inside.iter().map(|name| base.join(name));
    ensure_directory(base)?;
    paths.try_for_each(|path| ensure_directory(&path))
}

fn ensure_directory(path: &Path) -> Result<(), StoreError> {
    files::ensure_directory(path).map_err(|error| StoreError::io("make", path, error))
}
