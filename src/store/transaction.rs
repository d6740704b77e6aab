//! A change of the PKI directory: recorded, staged, committed, published; whole or not at all.
//!
//! New directories are prepared below `.staging-N/`, made durable, and then swapped into place one by
//! one. The ledger's commit in between decides what a crash means: before it the next command takes
//! everything back, after it the next command publishes the rest.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::{
    StoreError, files,
    layout::{Area, Layout, Place, STAGING_PREFIX, file},
    ledger::{Ledger, Record},
};
use crate::pki::{certificate::Certificate, entry_name::EntryName, pem, serial::Serial};

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

/// A change in progress.
#[derive(Debug)]
pub struct Transaction<'a> {
    layout: &'a Layout,
    ledger: &'a mut Ledger,
    id: i64,
    stage: Arc<Stage>,
    done: bool,
}

/// Where new directories are prepared. Shared by the threads of one command.
#[derive(Debug)]
pub struct Stage {
    directory: PathBuf,
    staged: Mutex<BTreeMap<Place, [u8; 32]>>,
}

/// Up to so many directories are made durable one by one; for more, one call for the file system is
/// quicker, though it waits for other programs' data too.
const SYNCED_ONE_BY_ONE: usize = 8;

impl<'a> Transaction<'a> {
    pub(super) fn begin(layout: &'a Layout, ledger: &'a mut Ledger) -> Result<Self, StoreError> {
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
            done: false,
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

    /// Where new directories are prepared.
    ///
    /// # Errors
    ///
    /// Where its directory cannot be made.
    pub fn stage(&self) -> Result<Arc<Stage>, StoreError> {
        let make = |path: &Path| {
            files::ensure_directory(path).map_err(|error| StoreError::io("make", path, error))
        };
        make(&self.stage.directory)?;
        for area in Area::ALL {
            make(&self.stage.directory.join(area.directory()))?;
        }
        Ok(Arc::clone(&self.stage))
    }

    /// Makes the change true and visible.
    ///
    /// # Errors
    ///
    /// Until the ledger's commit an error means that nothing changed. After it the next command
    /// publishes what is left.
    pub fn commit(mut self) -> Result<(), StoreError> {
        let staged = std::mem::take(&mut *self.stage.lock());
        self.make_durable(staged.keys())?;
        let replaced = self.standing(staged.keys())?;
        self.ledger.commit(self.id, &replaced)?;
        self.done = true;
        publish(self.layout, self.ledger, self.id)?;
        self.compare(&staged)
    }

    fn make_durable<'p>(
        &self,
        places: impl ExactSizeIterator<Item = &'p Place>,
    ) -> Result<(), StoreError> {
        let directory = &self.stage.directory;
        let failed = |error| StoreError::io("make durable", directory, error);
        if places.len() > SYNCED_ONE_BY_ONE {
            return files::sync_file_system(directory).map_err(failed);
        }
        for place in places {
            let path = place.below(directory);
            for entry in fs::read_dir(&path).map_err(failed)? {
                files::sync_directory(&entry.map_err(failed)?.path()).map_err(failed)?;
            }
            files::sync_directory(&path).map_err(failed)?;
        }
        for area in Area::ALL {
            files::sync_directory(&directory.join(area.directory())).map_err(failed)?;
        }
        files::sync_directory(directory).map_err(failed)?;
        files::sync_directory(self.layout.root()).map_err(failed)
    }

    /// What stands where the transaction will publish, with the inode that tells it from its successor.
    fn standing<'p>(
        &self,
        places: impl Iterator<Item = &'p Place>,
    ) -> Result<Vec<(String, Area, String, u64)>, StoreError> {
        let mut standing = Vec::new();
        for place in places {
            let path = self.layout.place(place);
            match fs::symlink_metadata(&path) {
                Ok(metadata) => standing.push((
                    relative(place),
                    place.area,
                    place.name.to_string(),
                    metadata.ino(),
                )),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(StoreError::io("look at", &path, error)),
            }
        }
        Ok(standing)
    }

    /// Reads back what was published: all of a small change, a sample of a large one.
    fn compare(&self, staged: &BTreeMap<Place, [u8; 32]>) -> Result<(), StoreError> {
        /// Changes up to this size are read back whole.
        const WHOLE: usize = 256;
        let step = if staged.len() <= WHOLE { 1 } else { 61 };
        for (place, expected) in staged.iter().step_by(step) {
            let path = self.layout.place(place);
            let found = digest_directory(&path)
                .map_err(|error| StoreError::io("read back", &path, error))?;
            if found != *expected {
                let reason = String::from("what was read back differs from what was written");
                return Err(StoreError::Content { path, reason });
            }
        }
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    /// Takes everything back, unless it was committed. What fails here the next command repeats.
    fn drop(&mut self) {
        if !self.done {
            let _ = remove_staging(&self.stage.directory);
            let _ = self.ledger.abandon(self.id);
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
        let directory = place.below(&self.directory);
        files::create_directory(&directory)
            .map_err(|error| StoreError::io("make", &directory, error))?;
        for part in content {
            let path = directory.join(part.name);
            files::create(&path, part.content, part.mode)
                .map_err(|error| StoreError::io("write", &path, error))?;
        }
        self.lock().insert(
            place.clone(),
            digest(content.iter().map(|part| (part.name, part.content))),
        );
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Place, [u8; 32]>> {
        self.staged
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether an interrupted command left something to do.
pub(super) fn needs_recovery(layout: &Layout, ledger: &Ledger) -> Result<bool, StoreError> {
    Ok(ledger.pending()?.is_some() || !leftovers(layout)?.is_empty())
}

/// Finishes or takes back what an interrupted command left; says which.
pub(super) fn recover(
    layout: &Layout,
    ledger: &mut Ledger,
) -> Result<Option<&'static str>, StoreError> {
    let mut done = None;
    if let Some(pending) = ledger.pending()? {
        if pending.committed {
            publish(layout, ledger, pending.transaction)?;
            done = Some("finished what an interrupted command had begun");
        } else {
            let staging = layout.staging(pending.transaction);
            remove_staging(&staging).map_err(|error| StoreError::io("remove", &staging, error))?;
            ledger.abandon(pending.transaction)?;
            done = Some("took back what an interrupted command had begun");
        }
    }
    for path in leftovers(layout)? {
        remove_staging(&path).map_err(|error| StoreError::io("remove", &path, error))?;
        done = done.or(Some("removed what an interrupted command had left"));
    }
    Ok(done)
}

fn leftovers(layout: &Layout) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |error| StoreError::io("list", layout.root(), error);
    let mut found = Vec::new();
    for entry in fs::read_dir(layout.root()).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with(STAGING_PREFIX)
        {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Swaps every staged directory into place; may be repeated after an interruption at any point.
fn publish(layout: &Layout, ledger: &mut Ledger, transaction: i64) -> Result<(), StoreError> {
    let staging = layout.staging(transaction);
    for area in Area::ALL {
        let names = staged_names(&staging.join(area.directory()))?;
        if names.is_empty() {
            continue;
        }
        let directory = layout.area(area);
        files::ensure_directory(&directory)
            .map_err(|error| StoreError::io("make", &directory, error))?;
        for name in names {
            publish_one(layout, ledger, transaction, &Place { area, name })?;
        }
        files::sync_directory(&directory)
            .map_err(|error| StoreError::io("make durable", &directory, error))?;
    }
    let root = layout.root();
    files::sync_directory(root).map_err(|error| StoreError::io("make durable", root, error))?;
    remove_staging(&staging).map_err(|error| StoreError::io("remove", &staging, error))?;
    ledger.finish(transaction)
}

fn publish_one(
    layout: &Layout,
    ledger: &Ledger,
    transaction: i64,
    place: &Place,
) -> Result<(), StoreError> {
    let staged = place.below(&layout.staging(transaction));
    let target = layout.place(place);
    let failed = |error| StoreError::io("publish", &target, error);
    let Ok(standing) = fs::symlink_metadata(&target) else {
        return files::rename_new(&staged, &target).map_err(failed);
    };
    let old = ledger.replaced_inode(transaction, &relative(place))?;
    let staged_inode = fs::symlink_metadata(&staged).map_err(failed)?.ino();
    if old == Some(staged_inode) {
        // Swapped before the interruption: what is staged now is the old one.
        return archive(layout, &place.name, &staged);
    }
    // Only what was there at the commit is swapped; what was put there since is moved out of the way.
    if old == Some(standing.ino()) && files::exchange(&staged, &target).map_err(failed)? {
        return archive(layout, &place.name, &staged);
    }
    archive(layout, &place.name, &target)?;
    files::rename_new(&staged, &target).map_err(failed)
}

/// Moves a directory to the archive under the serial of its certificate.
fn archive(layout: &Layout, name: &EntryName, directory: &Path) -> Result<(), StoreError> {
    let parent = layout.archive();
    files::ensure_directory(&parent).map_err(|error| StoreError::io("make", &parent, error))?;
    let first = layout.archived(name, serial_in(directory).as_ref());
    let mut target = first.clone();
    let mut number = 1;
    while fs::symlink_metadata(&target).is_ok() {
        number += 1;
        target = first.with_file_name(format!(
            "{}.{number}",
            first.file_name().unwrap_or_default().to_string_lossy()
        ));
    }
    files::rename_new(directory, &target)
        .map_err(|error| StoreError::io("archive", directory, error))?;
    files::sync_directory(&parent).map_err(|error| StoreError::io("make durable", &parent, error))
}

fn serial_in(directory: &Path) -> Option<Serial> {
    let text = files::read(&directory.join(file::CERTIFICATE)).ok()?;
    let certificates = pem::decode_certificates(&text).ok()?;
    certificates.first().map(Certificate::serial)
}

fn staged_names(directory: &Path) -> Result<Vec<EntryName>, StoreError> {
    let failed = |error| StoreError::io("list", directory, error);
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        names.extend(name.to_str().and_then(|name| name.parse().ok()));
    }
    Ok(names)
}

fn remove_staging(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// `ca/NAME`, as the ledger names a directory.
fn relative(place: &Place) -> String {
    format!("{}/{}", place.area.directory(), place.name)
}

fn digest_directory(directory: &Path) -> io::Result<[u8; 32]> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let content = zeroize::Zeroizing::new(files::read(&entry.path())?);
        parts.push((entry.file_name().to_string_lossy().into_owned(), content));
    }
    Ok(digest(parts.iter().map(|(name, content)| {
        (name.as_str(), content.as_slice())
    })))
}

/// SHA-256 over names and contents, whatever their order.
fn digest<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> [u8; 32] {
    let mut sorted: Vec<_> = files.collect();
    sorted.sort_unstable();
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for (name, content) in sorted {
        for part in [name.as_bytes(), content] {
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
    }
    let mut octets = [0; 32];
    octets.copy_from_slice(context.finish().as_ref());
    octets
}
