//! Publishing what a transaction has prepared, and finishing or taking back what an interrupted one left.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::{
    StoreError, files,
    layout::{self, Area, Layout, Place, STAGING_PREFIX, file},
    ledger::Ledger,
    stage::{ARCHIVED, CHANGED, make_directories},
    transaction::SYNCED_ONE_BY_ONE,
};
use crate::pki::{certificate::Certificate, entry_name::EntryName, pem, serial::Serial};

/// Whether an interrupted command left something to do.
pub(super) fn needs_recovery(layout: &Layout, ledger: &Ledger) -> Result<bool, StoreError> {
    let taken_back = ledger.pending()?.is_none_or(|pending| pending.committed);
    Ok(!taken_back || !all_staged(layout)?.is_empty())
}

/// Finishes or takes back what an interrupted command left; says which.
pub(super) fn recover(
    layout: &Layout,
    ledger: &mut Ledger,
) -> Result<Option<&'static str>, StoreError> {
    let mut done = None;
    if let Some(pending) = ledger.pending()? {
        let transaction = pending.transaction;
        if !pending.committed {
            remove_staged(layout, transaction)?;
            ledger.abandon(transaction)?;
            done = Some("took back what an interrupted command had begun");
        } else if !staged_by(layout, transaction)?.is_empty() {
            // What was moved before the interruption, and then the rest.
            sync_published(layout)?;
            publish(layout, ledger, transaction)?;
            done = Some("finished what an interrupted command had begun");
        }
    }
    let removed = remove_leftovers(layout)?;
    Ok(done.or(removed))
}

/// Makes durable what was moved into its place before an interruption.
pub(super) fn sync_published(layout: &Layout) -> Result<(), StoreError> {
    let places = layout.published();
    let there = places.iter().filter(|path| path.exists());
    there
        .map(PathBuf::as_path)
        .chain([layout.root()])
        .try_for_each(sync)
}

/// Removes what commands have prepared that came to nothing; says so.
pub(super) fn remove_leftovers(layout: &Layout) -> Result<Option<&'static str>, StoreError> {
    let left = all_staged(layout)?;
    left.iter().try_for_each(|path| remove_staging(path))?;
    Ok((!left.is_empty()).then_some("removed what an interrupted command had left"))
}

/// Removes what one transaction has prepared.
pub(super) fn remove_staged(layout: &Layout, transaction: i64) -> Result<(), StoreError> {
    let staged = staged_by(layout, transaction)?;
    staged.iter().try_for_each(|path| remove_staging(path))
}

/// What one transaction has prepared and not published.
pub(super) fn staged_by(layout: &Layout, transaction: i64) -> Result<Vec<PathBuf>, StoreError> {
    let mut staged = all_staged(layout)?;
    staged.retain(|path| read_staged(path).is_some_and(|(number, _)| number == transaction));
    Ok(staged)
}

fn read_staged(path: &Path) -> Option<(i64, Option<Place>)> {
    layout::read_staged(path.file_name()?.to_str()?)
}

fn all_staged(layout: &Layout) -> Result<Vec<PathBuf>, StoreError> {
    let mut names = names_in(layout.root())?;
    names.retain(|name| name.starts_with(STAGING_PREFIX));
    Ok(names
        .into_iter()
        .map(|name| layout.root().join(name))
        .collect())
}

/// Refuses directories in which publishing would fail: after the commit it is too late for that.
pub(super) fn check_directories(layout: &Layout) -> Result<(), StoreError> {
    let look = |path: &Path| match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other
            .map(Some)
            .map_err(|error| StoreError::io("look at", path, error)),
    };
    let device = look(layout.root())?.map(|root| root.dev());
    for path in layout.published() {
        let reason = match look(&path)? {
            Some(found) if !found.is_dir() => "it is not a directory of its own",
            Some(found) if Some(found.dev()) != device => {
                "it lies on another file system than the PKI directory"
            }
            _ => continue,
        };
        return Err(StoreError::io("use", &path, io::Error::other(reason)));
    }
    Ok(())
}

/// Moves everything staged into place, durably; may be repeated after an interruption at any point.
pub(super) fn publish(
    layout: &Layout,
    ledger: &Ledger,
    transaction: i64,
) -> Result<(), StoreError> {
    move_staged(layout, ledger, transaction).inspect_err(|_| {
        // Has the next command repeat it, even where all was renamed and only a sync failed.
        let _ = make_directories(&layout.staging(transaction), &[]);
    })
}

fn move_staged(layout: &Layout, ledger: &Ledger, transaction: i64) -> Result<(), StoreError> {
    let staging = layout.staging(transaction);
    // CAs first: those of a command that makes them with many entries are here.
    let mut moved_away = publish_flat(layout, ledger, transaction)?;
    for area in Area::ALL {
        moved_away |= publish_deep(layout, ledger, transaction, area)?;
    }
    let mut left = BTreeSet::new();
    for (place, inode) in ledger.retired(transaction)? {
        if retire(layout, &place, inode)? {
            left.insert(layout.area(place.area));
        }
    }
    moved_away |= !left.is_empty();
    left.iter().try_for_each(|directory| sync(directory))?;
    publish_changes(layout, &staging.join(CHANGED))?;
    let archived = staging.join(ARCHIVED);
    for name in names_in(&archived)? {
        archive(layout, &archived.join(&name), &name)?;
        moved_away = true;
    }
    match moved_away {
        true => sync(&layout.archive()),
        false => Ok(()),
    }
}

fn sync(directory: &Path) -> Result<(), StoreError> {
    files::sync_directory(directory)
        .map_err(|error| StoreError::io("make durable", directory, error))
}

/// Moves the directories that were staged one by one into place; true where another went to the archive.
fn publish_flat(layout: &Layout, ledger: &Ledger, transaction: i64) -> Result<bool, StoreError> {
    let staged = staged_by(layout, transaction)?.into_iter();
    // CAs first.
    let staged: BTreeMap<Place, PathBuf> = staged
        .filter_map(|path| Some((read_staged(&path)?.1?, path)))
        .collect();
    let (mut areas, mut moved_away) = (BTreeSet::new(), false);
    for (place, path) in &staged {
        moved_away |= publish_one(layout, ledger, transaction, place, path)?;
        areas.insert(layout.area(place.area));
    }
    areas.iter().try_for_each(|directory| sync(directory))?;
    Ok(moved_away)
}

/// Moves the directories that were staged below `.staging-N/` into place; true where another went to the archive.
fn publish_deep(
    layout: &Layout,
    ledger: &Ledger,
    transaction: i64,
    area: Area,
) -> Result<bool, StoreError> {
    let staging = layout.staging(transaction);
    let (staged, directory) = (staging.join(area.directory()), layout.area(area));
    let names = names_in(&staged)?;
    if names.is_empty() {
        return Ok(false);
    }
    let mut moved_away = false;
    match files::rename_new(&staged, &directory) {
        // The first of their area, all at once: nothing need be made, for which there might be no room.
        Ok(()) => sync(layout.root())?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            for name in names.iter().filter_map(|name| name.parse().ok()) {
                let place = Place { area, name };
                let staged = place.below(&staging);
                moved_away |= publish_one(layout, ledger, transaction, &place, &staged)?;
            }
            sync(&directory)?;
        }
        Err(error) => return Err(StoreError::io("publish", &directory, error)),
    }
    Ok(moved_away)
}

/// Moves one directory into place; true where another went to the archive.
fn publish_one(
    layout: &Layout,
    ledger: &Ledger,
    transaction: i64,
    place: &Place,
    staged: &Path,
) -> Result<bool, StoreError> {
    let target = layout.place(place);
    let failed = |error| StoreError::io("publish", &target, error);
    let Ok(standing) = fs::symlink_metadata(&target) else {
        files::rename_new(staged, &target).map_err(failed)?;
        return Ok(false);
    };
    let old = ledger.replaced_inode(transaction, place)?;
    let staged_inode = fs::symlink_metadata(staged).map_err(failed)?.ino();
    if old == Some(staged_inode) {
        // Swapped before the interruption: what is staged now is the old one.
        archive_place(layout, &place.name, staged)?;
        return Ok(true);
    }
    // Only what was there at the commit is swapped; what was put there since is moved out of the way.
    if old == Some(standing.ino()) && files::exchange(staged, &target).map_err(failed)? {
        archive_place(layout, &place.name, staged)?;
        return Ok(true);
    }
    archive_place(layout, &place.name, &target)?;
    files::rename_new(staged, &target).map_err(failed)?;
    Ok(true)
}

/// Moves a directory to the archive, if it still is the one that was meant.
fn retire(layout: &Layout, place: &Place, inode: u64) -> Result<bool, StoreError> {
    let path = layout.place(place);
    match fs::symlink_metadata(&path) {
        Ok(standing) if standing.ino() == inode => {
            archive_place(layout, &place.name, &path)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Renames new files over those of standing directories; what is gone meanwhile stays gone.
fn publish_changes(layout: &Layout, changed: &Path) -> Result<(), StoreError> {
    let mut directories = BTreeSet::new();
    for area in Area::ALL {
        let staged = changed.join(area.directory());
        let mut files = names_in(&staged)?;
        // Who finds a new certificate finds what it needs already there.
        files.sort_by_key(|name| name == file::CERTIFICATE);
        for file in files {
            let staged = staged.join(&file);
            for name in names_in(&staged)? {
                let directory = layout.area(area).join(&name);
                if !fs::symlink_metadata(&directory).is_ok_and(|metadata| metadata.is_dir()) {
                    continue;
                }
                let path = directory.join(&file);
                fs::rename(staged.join(&name), &path)
                    .map_err(|error| StoreError::io("publish", &path, error))?;
                directories.insert(directory);
            }
        }
    }
    match directories.len() {
        0..=SYNCED_ONE_BY_ONE => directories.iter().map(PathBuf::as_path).try_for_each(sync),
        _ => files::sync_file_system(changed)
            .map_err(|error| StoreError::io("make durable", changed, error)),
    }
}

/// Moves the directory of an entry or CA to the archive under the serial of its certificate.
fn archive_place(layout: &Layout, name: &EntryName, directory: &Path) -> Result<(), StoreError> {
    let label = match serial_in(directory) {
        Some(serial) => serial.to_string(),
        None if directory.join(file::REQUEST).exists() => String::from("request"),
        None => String::from("unreadable"),
    };
    archive(layout, directory, &format!("{name}-{label}"))
}

/// Moves a directory to the archive, under a name of its own where the name is taken.
fn archive(layout: &Layout, directory: &Path, name: &str) -> Result<(), StoreError> {
    let parent = layout.archive();
    let mut target = parent.join(name);
    let mut number = 1;
    loop {
        match files::rename_new(directory, &target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                number += 1;
                target = parent.join(format!("{name}.{number}"));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !parent.exists() => {
                files::ensure_directory(&parent)
                    .map_err(|error| StoreError::io("make", &parent, error))?;
            }
            moved => return moved.map_err(|error| StoreError::io("archive", directory, error)),
        }
    }
}

fn serial_in(directory: &Path) -> Option<Serial> {
    let text = files::read(&directory.join(file::CERTIFICATE)).ok()?;
    let blocks = pem::decode(&text).ok()?;
    let mut certificates = blocks
        .iter()
        .filter_map(|block| Certificate::from_der(block.contents.to_vec()).ok());
    certificates.next().map(|first| first.serial())
}

/// Names in a directory; none where it is missing.
fn names_in(directory: &Path) -> Result<Vec<String>, StoreError> {
    let failed = |error| StoreError::io("list", directory, error);
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        names.extend(name.into_string().ok());
    }
    Ok(names)
}

fn remove_staging(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => fs::remove_file(path),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
    .map_err(|error| StoreError::io("remove", path, error))
}
