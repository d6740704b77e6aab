//! Publishing what a transaction has prepared, and finishing or taking back what an interrupted one left.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::{
    StoreError, files,
    layout::{Area, Layout, Place, STAGING_PREFIX, file},
    ledger::Ledger,
    transaction::{ARCHIVED, CHANGED, SYNCED_ONE_BY_ONE},
};
use crate::pki::{certificate::Certificate, entry_name::EntryName, pem, serial::Serial};

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
pub(super) fn publish(
    layout: &Layout,
    ledger: &mut Ledger,
    transaction: i64,
) -> Result<(), StoreError> {
    let staging = layout.staging(transaction);
    for area in Area::ALL {
        let names = names_in(&staging.join(area.directory()))?;
        if names.is_empty() {
            continue;
        }
        let directory = layout.area(area);
        files::ensure_directory(&directory)
            .map_err(|error| StoreError::io("make", &directory, error))?;
        for name in names.iter().filter_map(|name| name.parse().ok()) {
            publish_one(layout, ledger, transaction, &Place { area, name })?;
        }
        files::sync_directory(&directory)
            .map_err(|error| StoreError::io("make durable", &directory, error))?;
    }
    publish_changes(layout, &staging.join(CHANGED))?;
    let archived = staging.join(ARCHIVED);
    for name in names_in(&archived)? {
        archive(layout, &archived.join(&name), &name)?;
    }
    for directory in [&layout.archive(), layout.root()] {
        match files::sync_directory(directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io("make durable", directory, error));
            }
            _ => {}
        }
    }
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
    let old = ledger.replaced_inode(transaction, place)?;
    let staged_inode = fs::symlink_metadata(&staged).map_err(failed)?.ino();
    if old == Some(staged_inode) {
        // Swapped before the interruption: what is staged now is the old one.
        return archive_place(layout, &place.name, &staged);
    }
    // Only what was there at the commit is swapped; what was put there since is moved out of the way.
    if old == Some(standing.ino()) && files::exchange(&staged, &target).map_err(failed)? {
        return archive_place(layout, &place.name, &staged);
    }
    archive_place(layout, &place.name, &target)?;
    files::rename_new(&staged, &target).map_err(failed)
}

/// Renames new files over those of standing directories; what is gone meanwhile stays gone.
fn publish_changes(layout: &Layout, changed: &Path) -> Result<(), StoreError> {
    let mut directories = Vec::new();
    for area in Area::ALL {
        for name in names_in(&changed.join(area.directory()))? {
            let inside = Path::new(area.directory()).join(name);
            directories.push((changed.join(&inside), layout.root().join(&inside)));
        }
    }
    for (staged, target) in &directories {
        if !fs::symlink_metadata(target).is_ok_and(|metadata| metadata.is_dir()) {
            continue;
        }
        for name in names_in(staged)? {
            let path = target.join(&name);
            fs::rename(staged.join(&name), &path)
                .map_err(|error| StoreError::io("publish", &path, error))?;
        }
        if directories.len() <= SYNCED_ONE_BY_ONE {
            files::sync_directory(target)
                .map_err(|error| StoreError::io("make durable", target, error))?;
        }
    }
    if directories.len() > SYNCED_ONE_BY_ONE {
        files::sync_file_system(changed)
            .map_err(|error| StoreError::io("make durable", changed, error))?;
    }
    Ok(())
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
    files::ensure_directory(&parent).map_err(|error| StoreError::io("make", &parent, error))?;
    let mut target = parent.join(name);
    let mut number = 1;
    while fs::symlink_metadata(&target).is_ok() {
        number += 1;
        target = parent.join(format!("{name}.{number}"));
    }
    files::rename_new(directory, &target)
        .map_err(|error| StoreError::io("archive", directory, error))
}

fn serial_in(directory: &Path) -> Option<Serial> {
    let text = files::read(&directory.join(file::CERTIFICATE)).ok()?;
    let certificates = pem::decode_certificates(&text).ok()?;
    certificates.first().map(Certificate::serial)
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

pub(super) fn remove_staging(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
