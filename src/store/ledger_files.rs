//! The ledger's file, and those that SQLite keeps beside it.

use std::{fs, io};

use super::{
    Access, StoreError, files,
    layout::{Area, Layout},
    ledger::schema,
};

/// Whether there is a ledger. Only where there are no certificates may one be made.
pub(super) fn has_ledger(layout: &Layout, access: Access) -> Result<bool, StoreError> {
    let path = layout.ledger();
    match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => {
            let reason = io::Error::other("not a regular file");
            Err(StoreError::io("use", &path, reason))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("open", &path, error))
        }
        _ if has_certificates(layout) => Err(StoreError::LedgerMissing(layout.root().to_owned())),
        _ if access == Access::Create => Ok(false),
        _ => Err(StoreError::NoPki(layout.root().to_owned())),
    }
}

/// Makes a ledger in which nothing is yet.
pub(super) fn make_ledger(layout: &Layout) -> Result<(), StoreError> {
    let path = layout.ledger();
    // SQLite would take what is left of a ledger that is gone for changes of this one.
    remove_logs(layout)?;
    let blank = schema::blank()?;
    // SQLite would make it readable for all; its -wal and -shm files take over this mode.
    files::write_by(
        &layout.staged_ledger(),
        &path,
        &blank,
        files::PRIVATE,
        false,
    )
    .map_err(|error| StoreError::io("make", &path, error))
}

/// Removes what SQLite keeps beside a ledger.
pub(super) fn remove_logs(layout: &Layout) -> Result<(), StoreError> {
    let mut paths = ["-journal", "-shm", "-wal"]
        .map(|suffix| layout.ledger_part(suffix))
        .into_iter();
    paths.try_for_each(|path| match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", &path, error))
        }
        _ => Ok(()),
    })
}

/// Whether there is the directory of a CA or an entry.
pub(super) fn has_certificates(layout: &Layout) -> bool {
    let mut areas = Area::ALL.into_iter().map(|area| layout.area(area));
    areas.any(|area| fs::read_dir(area).is_ok_and(|mut entries| entries.next().is_some()))
}

/// Whether SQLite keeps something that is not in the database yet.
pub(super) fn has_log(layout: &Layout) -> bool {
    fs::metadata(layout.ledger_part("-wal")).is_ok_and(|log| log.len() > 0)
}
