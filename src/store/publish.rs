//! Publishing what a transaction has prepared: every step may be repeated after an interruption at any point.

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::Path,
    sync::OnceLock,
};

mod changes;

use zeroize::Zeroizing;

use super::{
    StoreError,
    directory::{Directory, Look},
    files::PRIVATE,
    layout::{self, Area, Layout, Place, file},
    ledger::Ledger,
    share::share,
    stage::ARCHIVED,
    staged::staged_places,
};
use crate::pki::{certificate::Certificate, entry_name::EntryName, pem, serial::Serial};

/// Moves everything staged into place, durably; may be repeated after an interruption at any point.
pub(super) fn publish(
    layout: &Layout,
    ledger: &Ledger,
    transaction: i64,
) -> Result<(), StoreError> {
    // What a killed command left may have been changed since its commit.
    check_directories(layout)?;
    let publication = Publication {
        layout,
        transaction,
        replaced: ledger.replaced(transaction, false)?,
        retired: ledger.replaced(transaction, true)?,
        archive: OnceLock::new(),
    };
    publication.run().inspect_err(|_| {
        // Has the next command repeat it, even where all was renamed and only a sync failed.
        let _ = layout
            .directory()
            .ensure_directory(layout.staging(transaction));
    })
}

/// Refuses directories in which publishing would fail: after the commit it is too late for that.
pub(super) fn check_directories(layout: &Layout) -> Result<(), StoreError> {
    let directory = layout.directory();
    let failed = |path: &Path, error| StoreError::io("look at", path, error);
    let root = directory
        .look_at_itself()
        .map_err(|error| failed(layout.root(), error))?;
    for path in layout.published() {
        let reason = match directory
            .find(&path)
            .map_err(|error| failed(&path, error))?
        {
            Some(found) if !found.is_directory() => "it is not a directory of its own",
            Some(found) if found.device != root.device => {
                "it lies on another file system than the PKI directory"
            }
            _ => continue,
        };
        return Err(StoreError::io("use", &path, io::Error::other(reason)));
    }
    Ok(())
}

/// The publication of one transaction.
struct Publication<'a> {
    layout: &'a Layout,
    transaction: i64,
    /// Inodes of the directories that stood where it publishes when it was committed
    replaced: HashMap<Place, u64>,
    /// Directories that nothing replaces
    retired: Vec<(Place, u64)>,
    /// `archive/`, once something goes there
    archive: OnceLock<Directory>,
}

impl Publication<'_> {
    fn run(&self) -> Result<(), StoreError> {
        // CAs first: those of a command that makes them with many entries are here.
        self.flat()?;
        for area in Area::ALL {
            self.deep(area)?;
        }
        self.retire()?;
        self.changes()?;
        self.archived()?;
        self.archive.get().map_or(Ok(()), sync)
    }

    /// Moves the directories that were staged one by one into place.
    fn flat(&self) -> Result<(), StoreError> {
        let staged = staged_places(self.layout, self.transaction)?;
        for area in Area::ALL {
            let mut staged = staged
                .iter()
                .filter(|(place, _)| place.area == area)
                .peekable();
            if staged.peek().is_none() {
                continue;
            }
            let directory = self.open(&self.layout.area(area))?;
            for (place, name) in staged {
                self.one(place, self.layout.directory(), name, &directory)?;
            }
            sync(&directory)?;
        }
        Ok(())
    }

    /// Moves the directories that were staged below `.staging-N/` into place.
    fn deep(&self, area: Area) -> Result<(), StoreError> {
        let path = self.layout.staging(self.transaction).join(area.directory());
        let Some(staged) = self.layout.find(&path)? else {
            return Ok(());
        };
        let names = names_in(&staged)?;
        if names.is_empty() {
            return Ok(());
        }
        let (root, target) = (self.layout.directory(), self.layout.area(area));
        match root.rename_new(&path, root, &target) {
            // The first of their area, all at once: nothing need be made, for which there might be no room.
            Ok(()) => sync(root),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let directory = self.open(&target)?;
                share(&names, |name| {
                    let Ok(parsed) = name.parse() else {
                        return Ok(());
                    };
                    let place = Place { area, name: parsed };
                    self.one(&place, &staged, name, &directory)
                })?;
                sync(&directory)
            }
            Err(error) => Err(StoreError::io("publish", &target, error)),
        }
    }

    /// Moves one staged directory into its area; what stands there goes to the archive.
    fn one(
        &self,
        place: &Place,
        from: &Directory,
        staged: &str,
        area: &Directory,
    ) -> Result<(), StoreError> {
        let name = place.name.as_str();
        let failed = |error| StoreError::io("publish", &area.path().join(name), error);
        let Some(standing) = area.find(name).map_err(failed)? else {
            return from.rename_new(staged, area, name).map_err(failed);
        };
        let old = self.replaced.get(place);
        // Only what was there at the commit is swapped.
        if old == Some(&standing.inode) {
            let replaced = area.directory(name).ok();
            if let Some(replaced) = &replaced {
                forget_waiting_key(replaced, from, staged);
            }
            if from.exchange(staged, area, name).map_err(failed)? {
                return self.archive_opened(&place.name, replaced.as_ref(), from, staged);
            }
        } else if old == Some(&from.look(staged).map_err(failed)?.inode) {
            // Swapped before the interruption: what is staged now is the old one.
            return self.archive_place(&place.name, from, staged);
        }
        // What was put there since is moved out of the way.
        self.archive_place(&place.name, area, name)?;
        from.rename_new(staged, area, name).map_err(failed)
    }

    /// Moves directories to the archive that nothing replaces, if they still are those that were meant.
    fn retire(&self) -> Result<(), StoreError> {
        let mut left = BTreeSet::new();
        for (place, inode) in &self.retired {
            let path = self.layout.area(place.area);
            let Some(area) = self.layout.find(&path)? else {
                continue;
            };
            let name = place.name.as_str();
            let standing = area.find(name);
            let standing = standing.map_err(|error| StoreError::io("look at", &path, error))?;
            if standing.is_some_and(|standing| standing.inode == *inode) {
                self.archive_place(&place.name, &area, name)?;
                left.insert(path);
            }
        }
        left.iter().try_for_each(|path| sync(&self.open(path)?))
    }

    /// Moves to the archive what was staged for it as it is.
    fn archived(&self) -> Result<(), StoreError> {
        let path = self.layout.staging(self.transaction).join(ARCHIVED);
        let Some(staged) = self.layout.find(&path)? else {
            return Ok(());
        };
        for name in names_in(&staged)? {
            if layout::is_archived(&name) {
                self.archive(&staged, &name, &name)?;
            }
        }
        Ok(())
    }

    /// Moves the directory of an entry or CA to the archive under the serial of its certificate.
    fn archive_place(
        &self,
        name: &EntryName,
        from: &Directory,
        old: &str,
    ) -> Result<(), StoreError> {
        let failed = |error| StoreError::io("archive", &from.path().join(old), error);
        let directory = match from.directory(old) {
            Ok(directory) => Some(directory),
            // Whatever else has the name is archived as it is.
            Err(_) if !from.look(old).map_err(failed)?.is_directory() => None,
            Err(error) => return Err(failed(error)),
        };
        self.archive_opened(name, directory.as_ref(), from, old)
    }

    /// Moves what was opened to the archive; `None` where it is no directory.
    fn archive_opened(
        &self,
        name: &EntryName,
        directory: Option<&Directory>,
        from: &Directory,
        old: &str,
    ) -> Result<(), StoreError> {
        if let Some(directory) = directory {
            conceal(directory);
        }
        let label = match directory.map(|it| (serial_in(it), it)) {
            Some((Some(serial), _)) => serial.to_string(),
            Some((None, it)) if it.look(file::REQUEST).is_ok() => String::from("request"),
            _ => String::from("unreadable"),
        };
        self.archive(from, old, &format!("{name}-{label}"))
    }

    /// Moves a directory to the archive, under a name of its own where the name is taken.
    fn archive(&self, from: &Directory, old: &str, name: &str) -> Result<(), StoreError> {
        let archive = self.archive_directory()?;
        let mut target = String::from(name);
        let mut number = 1;
        loop {
            match from.rename_new(old, archive, &target) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    number += 1;
                    target = format!("{name}.{number}");
                }
                moved => {
                    let old = from.path().join(old);
                    return moved.map_err(|error| StoreError::io("archive", &old, error));
                }
            }
        }
    }

    fn archive_directory(&self) -> Result<&Directory, StoreError> {
        if let Some(archive) = self.archive.get() {
            return Ok(archive);
        }
        let path = self.layout.archive();
        let made = self.layout.directory().ensure_directory(&path);
        let made = made.map_err(|error| StoreError::io("make", &path, error))?;
        Ok(self.archive.get_or_init(|| made))
    }

    fn open(&self, path: &Path) -> Result<Directory, StoreError> {
        let opened = self.layout.directory().directory(path);
        opened.map_err(|error| StoreError::io("open", path, error))
    }
}

fn sync(directory: &Directory) -> Result<(), StoreError> {
    let synced = directory.sync();
    synced.map_err(|error| StoreError::io("make durable", directory.path(), error))
}

fn names_in(directory: &Directory) -> Result<Vec<String>, StoreError> {
    let names = directory.names();
    names.map_err(|error| StoreError::io("list", directory.path(), error))
}

/// Takes the key that waited out of a directory whose successor has it as its own: of a key in use the archive has
/// no copy.
fn forget_waiting_key(replaced: &Directory, from: &Directory, staged: &str) {
    let read = |directory: &Directory, name| directory.read(name).ok().map(Zeroizing::new);
    let Some(waiting) = read(replaced, file::NEW_KEY) else {
        return;
    };
    let successor = from.directory(staged).ok();
    if successor.and_then(|it| read(&it, file::KEY)) == Some(waiting) {
        let _ = replaced.remove_file(file::NEW_KEY);
    }
}

/// Takes a key that others could use away from them: what goes to the archive is no exception.
///
/// The change is on record by now. Where the key's owner has kept another name for it, it stays as it is, in a
/// directory that others cannot enter.
fn conceal(directory: &Directory) {
    for name in [file::KEY, file::NEW_KEY] {
        if let Ok(Some(key)) = directory.find(name)
            && key.is_file()
            && key.mode & !PRIVATE != 0
        {
            let _ = directory.change_mode(name, key.mode & PRIVATE, Look::is_file);
        }
    }
}

fn serial_in(directory: &Directory) -> Option<Serial> {
    let text = directory.read(file::CERTIFICATE).ok()?;
    let blocks = pem::decode(&text).ok()?;
    let mut certificates = blocks
        .iter()
        .filter_map(|block| Certificate::from_der(block.contents.to_vec()).ok());
    certificates.next().map(|first| first.serial())
}
