//! The ledger's file, and those that SQLite keeps beside it.

use std::{
    fs::File,
    io::{self, Write as _},
    time::Duration,
};

use super::{
    StoreError, files,
    layout::{Area, Layout},
    ledger::schema,
    lock::{Patience, Sharing, is_named},
    shared::{SETTINGS, Settings},
};

/// A ledger that was made, under its lock.
pub(crate) struct Made {
    pub(crate) lock: File,
    /// Whether it began from what a killed command had left
    pub(crate) was_left: bool,
}

/// Makes a ledger in which nothing is yet; `None` where another command came first.
///
/// Who makes it holds the lock on its file before that has its name, and while what is left of an older
/// ledger is taken away.
pub(crate) fn make_ledger(
    layout: &Layout,
    wait: Duration,
    shared: Option<&dyn Fn() -> Result<Settings, StoreError>>,
) -> Result<Option<Made>, StoreError> {
    let (path, staged) = (layout.ledger(), layout.staged_ledger());
    let failed = |error: io::Error| match error.kind() {
        // The directory went away.
        io::ErrorKind::NotFound => StoreError::NoPki(layout.root().to_owned()),
        _ => StoreError::io("make", &path, error),
    };
    let directory = layout.directory();
    let (mut file, was_left) = match directory.create(&staged, &[], files::PRIVATE) {
        Ok(file) => (file, false),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            (directory.file_to_write(&staged).map_err(failed)?, true)
        }
        Err(error) => return Err(failed(error)),
    };
    let locked = Patience::new(wait).lock(layout, &file, Sharing::Exclusive);
    locked.inspect_err(|error| {
        // Who waits for another has left nothing that the other does not use.
        if !matches!(error, StoreError::Locked { .. }) {
            let _ = directory.remove_file(&staged);
        }
    })?;
    if !is_to_be(layout, &file).map_err(failed)? {
        return Ok(None);
    }
    let mut made = || {
        // SQLite would take what is left of a ledger that is gone for changes of this one.
        remove_logs(layout)?;
        // SQLite would make it readable for all; its -wal and -shm files take over this mode.
        file.set_len(0).map_err(failed)?;
        match shared {
            Some(join) => join()?.write(layout)?,
            // What it shares is not left without a word.
            None if layout.holds(&layout.root().join(SETTINGS))? => {
                return Err(StoreError::LedgerParted(layout.root().join(SETTINGS)));
            }
            None => {}
        }
        let blank = schema::blank(shared.is_some())?;
        file.write_all(&blank).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        directory
            .rename_new(&staged, directory, &path)
            .map_err(failed)?;
        directory.sync().map_err(failed)
    };
    made().inspect_err(|_: &StoreError| {
        let _ = directory.remove_file(&staged);
    })?;
    Ok(Some(Made {
        lock: file,
        was_left,
    }))
}

/// Whether a locked file is the one that becomes the ledger. Where another command has made one, or taken
/// it all back, it is not; then nothing of it is left.
fn is_to_be(layout: &Layout, file: &File) -> io::Result<bool> {
    let (staged, directory) = (layout.staged_ledger(), layout.directory());
    if !is_named(layout, &staged, file)? {
        return Ok(false);
    }
    let is_late = directory.find(layout.ledger())?.is_some();
    if is_late {
        directory.remove_file(&staged)?;
    }
    Ok(!is_late)
}

/// Removes what SQLite keeps beside a ledger.
pub(crate) fn remove_logs(layout: &Layout) -> Result<(), StoreError> {
    let mut paths = ["-journal", "-shm", "-wal"]
        .map(|suffix| layout.ledger_part(suffix))
        .into_iter();
    paths.try_for_each(|path| match layout.directory().remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", &path, error))
        }
        _ => Ok(()),
    })
}

/// Whether there is the directory of a CA or an entry.
pub(crate) fn has_certificates(layout: &Layout) -> bool {
    let mut areas = Area::ALL.into_iter().map(|area| layout.area(area));
    areas.any(|area| match layout.directory().directory(&area) {
        Ok(area) => area.names().is_ok_and(|names| !names.is_empty()),
        // Something else has its name, such as a symlink.
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    })
}

/// Whether SQLite keeps something that is not in the database yet.
pub(crate) fn has_log(layout: &Layout) -> bool {
    let log = layout.directory().look(layout.ledger_part("-wal"));
    log.is_ok_and(|log| log.size > 0)
}
