//! A change of the PKI directory: recorded, staged, committed, published; whole or not at all.
//!
//! New directories are prepared below `.staging-N/`, made durable, and then swapped into place one by
//! one. Where a directory keeps its key, only its new files are prepared, and renamed over the old ones.
//! The ledger's commit in between decides what a crash means: before it the next command takes
//! everything back, after it the next command publishes the rest.

use std::{
    collections::BTreeMap,
    fs, io, iter,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::{
    StoreError,
    digest::{self, digest},
    files,
    layout::{Layout, Place},
    ledger::{
        Effects, Ledger, Record,
        event::Author,
        revocation::{Change, CrlState},
    },
    publish::{check_directories, publish, remove_staging},
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

/// A change in progress.
#[derive(Debug)]
pub struct Transaction<'a> {
    layout: &'a Layout,
    ledger: &'a mut Ledger,
    id: i64,
    stage: Arc<Stage>,
    retired: Vec<Place>,
    changes: Vec<Change>,
    crls: Vec<(String, CrlState)>,
    author: Author,
    progress: Progress,
}

/// What is to be done should a transaction be dropped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Progress {
    /// Nothing counts yet: take it back
    Prepared,
    /// The commit failed, but may have reached the disk: take it back, the ledger first
    Uncertain,
    /// It is true
    Committed,
}

/// Where new directories are prepared. Shared by the threads of one command.
#[derive(Debug)]
pub struct Stage {
    directory: PathBuf,
    staged: Mutex<Staged>,
}

/// What a stage holds.
#[derive(Debug, Default)]
struct Staged {
    /// Whole directories, with the digest of their files
    whole: BTreeMap<Place, [u8; 32]>,
    /// Directories that get new files and keep the others
    changed: BTreeMap<Place, Vec<(&'static str, [u8; 32])>>,
    /// Whether something goes to the archive as it is
    archived: bool,
}

/// Below a stage: files that are renamed over those of a standing directory.
pub(super) const CHANGED: &str = "changed";
/// Below a stage: what goes to the archive as it is.
pub(super) const ARCHIVED: &str = "archived";

/// Up to so many directories are made durable one by one; for more, one call for the file system is
/// quicker, though it waits for other programs' data too.
pub(super) const SYNCED_ONE_BY_ONE: usize = 8;

impl<'a> Transaction<'a> {
    pub(super) fn begin(
        layout: &'a Layout,
        ledger: &'a mut Ledger,
        author: Author,
    ) -> Result<Self, StoreError> {
        check_directories(layout)?;
        let id = ledger.next_transaction()?;
        let directory = layout.staging(id);
        let stage = Arc::new(Stage {
            directory,
            staged: Mutex::default(),
        });
        Ok(Self {
            layout,
            ledger,
            id,
            stage,
            retired: Vec::new(),
            changes: Vec::new(),
            crls: Vec::new(),
            author,
            progress: Progress::Prepared,
        })
    }

    /// Records certificates that are about to be signed; durable when it returns.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be written, or has the serial already.
    pub fn record(&mut self, records: &[Record]) -> Result<(), StoreError> {
        self.ledger.record(self.id, records)
    }

    /// Changes what the ledger says of a certificate.
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Sends a directory to the archive, without another in its place.
    pub fn retire(&mut self, place: Place) {
        self.retired.push(place);
    }

    /// What is known of a CA's CRLs.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn crl_state(&self, issuer: &EntryName) -> Result<CrlState, StoreError> {
        self.ledger.crl_state(issuer.as_str())
    }

    /// Notes a CRL, or where a CA's CRLs are served.
    pub fn note_crl(&mut self, issuer: &EntryName, state: CrlState) {
        self.crls.push((issuer.to_string(), state));
    }

    /// Where new directories are prepared.
    ///
    /// # Errors
    ///
    /// Where its directory cannot be made.
    pub fn stage(&self) -> Result<Arc<Stage>, StoreError> {
        make_directories(&self.stage.directory, &[])?;
        Ok(Arc::clone(&self.stage))
    }

    /// Makes the change true and visible.
    ///
    /// # Errors
    ///
    /// Until the ledger's commit an error means that nothing changed. After it the next command
    /// publishes what is left, and the error is [`StoreError::Committed`].
    pub fn commit(mut self) -> Result<(), StoreError> {
        let staged = std::mem::take(&mut *self.stage.lock());
        let mut places = self.standing(staged.whole.keys())?;
        let retired = self.standing(self.retired.iter())?;
        let retired: Vec<_> = retired
            .into_iter()
            .filter_map(|(place, inode)| Some((place, inode?)))
            .collect();
        let replaced = places.iter().any(|(_, standing)| standing.is_some());
        if replaced || !retired.is_empty() || staged.archived {
            make_directories(&self.layout.archive(), &[])?;
        }
        if !retired.is_empty() {
            // As long as it is there, there is something to publish.
            make_directories(&self.stage.directory, &[])?;
        }
        places.extend(staged.changed.keys().map(|place| (place, None)));
        self.make_durable(&staged)?;
        let effects = Effects {
            places,
            retired,
            changes: &self.changes,
            crls: &self.crls,
            author: std::mem::take(&mut self.author),
        };
        self.progress = Progress::Uncertain;
        if let Err(error) = self.ledger.commit(self.id, &effects) {
            if error.is_failed_write() {
                self.progress = Progress::Prepared;
            }
            return Err(error);
        }
        self.progress = Progress::Committed;
        publish(self.layout, self.ledger, self.id)
            .inspect(|()| {
                // With it everything is finished. What fails here the next command repeats.
                let _ = remove_staging(&self.stage.directory);
            })
            .and_then(|()| self.compare(&staged))
            .map_err(|error| StoreError::Committed(Box::new(error)))
    }

    fn make_durable(&self, staged: &Staged) -> Result<(), StoreError> {
        let directory = &self.stage.directory;
        let failed = |error| StoreError::io("make durable", directory, error);
        if !directory.exists() {
            return Ok(());
        }
        if staged.whole.len() + staged.changed.len() > SYNCED_ONE_BY_ONE {
            return files::sync_file_system(directory).map_err(failed);
        }
        files::sync_tree(directory).map_err(failed)?;
        files::sync_directory(self.layout.root()).map_err(failed)
    }

    /// Where the transaction will publish, each with the inode of what stands there now.
    fn standing<'p>(
        &self,
        places: impl Iterator<Item = &'p Place>,
    ) -> Result<Vec<(&'p Place, Option<u64>)>, StoreError> {
        let look = |place| {
            let path = self.layout.place(place);
            match fs::symlink_metadata(&path) {
                Ok(metadata) => Ok((place, Some(metadata.ino()))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((place, None)),
                Err(error) => Err(StoreError::io("look at", &path, error)),
            }
        };
        places.map(look).collect()
    }

    /// Reads back what was published: all of a small change, a sample of a large one.
    fn compare(&self, staged: &Staged) -> Result<(), StoreError> {
        /// Changes up to this size are read back whole.
        const WHOLE: usize = 256;
        let step = |length| if length <= WHOLE { 1 } else { 61 };
        for (place, expected) in staged.whole.iter().step_by(step(staged.whole.len())) {
            let path = self.layout.place(place);
            read_back(&path, digest::directory, expected)?;
        }
        for (place, files) in staged.changed.iter().step_by(step(staged.changed.len())) {
            for (name, expected) in files {
                let path = self.layout.place(place).join(name);
                read_back(&path, |path| digest::file(name, path), expected)?;
            }
        }
        Ok(())
    }
}

fn read_back(
    path: &Path,
    digest: impl Fn(&Path) -> io::Result<[u8; 32]>,
    expected: &[u8; 32],
) -> Result<(), StoreError> {
    let found = digest(path).map_err(|error| StoreError::io("read back", path, error))?;
    if found == *expected {
        return Ok(());
    }
    Err(StoreError::Content {
        path: path.to_owned(),
        reason: String::from("what was read back differs from what was written"),
    })
}

impl Drop for Transaction<'_> {
    /// Takes everything back, unless it was committed. What fails here the next command repeats.
    fn drop(&mut self) {
        let directory = &self.stage.directory;
        let taken_back = match self.progress {
            Progress::Prepared => {
                remove_staging(directory).is_ok() && self.ledger.abandon(self.id).is_ok()
            }
            // The files must stay for as long as the ledger may ask for them.
            Progress::Uncertain => {
                self.ledger.abandon(self.id).is_ok() && remove_staging(directory).is_ok()
            }
            Progress::Committed => false,
        };
        if taken_back {
            // Goes only if it is empty, as it is where it was made for this transaction.
            let _ = fs::remove_dir(self.layout.archive());
        }
    }
}

impl Stage {
    /// Prepares the directory of one CA or entry.
    ///
    /// # Errors
    ///
    /// Where a file cannot be made.
    pub fn add(&self, place: &Place, content: &[StagedFile<'_>]) -> Result<(), StoreError> {
        let path = place.below(&self.directory);
        match write_directory(&path, content) {
            // The first of its area.
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                make_directories(&self.directory, &[place.area.directory()])?;
                write_directory(&path, content)?;
            }
            written => written?,
        }
        self.lock().whole.insert(
            place.clone(),
            digest(content.iter().map(|part| (part.name, part.content))),
        );
        Ok(())
    }

    /// Prepares new files for a directory that keeps its others, the key among them.
    ///
    /// # Errors
    ///
    /// Where a file cannot be made.
    pub fn change(&self, place: &Place, content: &[StagedFile<'_>]) -> Result<(), StoreError> {
        let base = self.directory.join(CHANGED);
        make_directories(&base, &[place.area.directory()])?;
        write_directory(&place.below(&base), content)?;
        let digests = content
            .iter()
            .map(|part| (part.name, digest([(part.name, part.content)].into_iter())));
        self.lock().changed.insert(place.clone(), digests.collect());
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
        let base = self.directory.join(ARCHIVED);
        make_directories(&base, &[])?;
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
        files::sync_file_system(&self.directory)
            .map_err(|error| StoreError::io("make durable", &self.directory, error))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Staged> {
        self.staged
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn write_directory(directory: &Path, content: &[StagedFile<'_>]) -> Result<(), StoreError> {
    files::create_directory(directory).map_err(|error| StoreError::io("make", directory, error))?;
    for part in content {
        let path = directory.join(part.name);
        files::create(&path, part.content, part.mode)
            .map_err(|error| StoreError::io("write", &path, error))?;
    }
    Ok(())
}

/// Makes `base` and directories in it, those that are not there yet.
fn make_directories(base: &Path, inside: &[&str]) -> Result<(), StoreError> {
    let paths = inside.iter().map(|name| base.join(name));
    for path in iter::once(base.to_owned()).chain(paths) {
        files::ensure_directory(&path).map_err(|error| StoreError::io("make", &path, error))?;
    }
    Ok(())
}
