//! New files for directories that keep the others.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use super::{Publication, names_in, sync};
use crate::{
    pki::entry_name::EntryName,
    store::{
        StoreError,
        directory::{Directory, is_absence},
        layout::{Area, file},
        share::share,
        stage::{CHANGED, SYNCED_ONE_BY_ONE},
    },
};

/// One file of many directories: `staged` holds one for each, by their names.
struct Changed {
    file: String,
    staged: Directory,
}

impl Publication<'_> {
    /// Renames new files over those of standing directories; what is gone meanwhile stays gone.
    pub(super) fn changes(&self) -> Result<(), StoreError> {
        let mut directories = Vec::new();
        for area in Area::ALL {
            // Who finds a new certificate finds what it needs already there.
            self.changed(area, |file| file != file::CERTIFICATE, &mut directories)?;
            self.changed(area, |file| file == file::CERTIFICATE, &mut directories)?;
        }
        directories.sort_unstable();
        directories.dedup();
        match directories.len() {
            0..=SYNCED_ONE_BY_ONE => directories
                .iter()
                .try_for_each(|path| sync(&self.open(path)?)),
            _ => {
                let root = self.layout.directory();
                root.sync_file_system()
                    .map_err(|error| StoreError::io("make durable", root.path(), error))
            }
        }
    }

    /// Renames the new files of these names; each directory is opened once for all of its own.
    fn changed(
        &self,
        area: Area,
        is_meant: impl Fn(&str) -> bool,
        directories: &mut Vec<PathBuf>,
    ) -> Result<(), StoreError> {
        let staged = self.layout.staging(self.transaction).join(CHANGED);
        let staged = staged.join(area.directory());
        let target = self.layout.area(area);
        let (Some(files), Some(standing)) =
            (self.layout.find(&staged)?, self.layout.find(&target)?)
        else {
            return Ok(());
        };
        let mut files = names_in(&files)?;
        files.retain(|name| file::ALL.contains(&name.as_str()) && is_meant(name));
        // A request goes away after its bundles have come.
        files.sort_by_key(|name| name == file::REQUEST);
        let mut changes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut all = Vec::new();
        for (index, file) in files.into_iter().enumerate() {
            let staged = self.open(&staged.join(&file))?;
            for name in names_in(&staged)? {
                if name.parse::<EntryName>().is_ok() {
                    changes.entry(name).or_default().push(index);
                }
            }
            all.push(Changed { file, staged });
        }
        let changes: Vec<_> = changes.into_iter().collect();
        let done = Mutex::new(directories);
        share(&changes, |(name, files)| {
            let path = target.join(name);
            let failed = |error| StoreError::io("publish", &path, error);
            let Some(directory) = opened(&standing, name).map_err(failed)? else {
                return Ok(());
            };
            for change in files.iter().map(|index| &all[*index]) {
                let failed = |error| StoreError::io("publish", &path.join(&change.file), error);
                change.publish(area, name, &directory).map_err(failed)?;
            }
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push(path);
            Ok(())
        })
    }
}

impl Changed {
    fn publish(&self, area: Area, name: &str, directory: &Directory) -> io::Result<()> {
        // Besides, entries get a new chain while the request for their next key waits.
        let is_answer = self.file == file::CERTIFICATE
            && (area == Area::Authorities || directory.find(file::NEW_KEY)?.is_none());
        if is_answer {
            forget_request(directory)?;
        }
        self.staged.rename(name, directory, &self.file)
    }
}

/// The directory of a name; `None` where there is none, or something else.
fn opened(area: &Directory, name: &str) -> io::Result<Option<Directory>> {
    match area.directory(name) {
        Ok(directory) => Ok(Some(directory)),
        Err(error) if is_absence(&error) => Ok(None),
        // A symlink is not opened, and what else it may be it is not that either.
        Err(error) => match area.find(name)?.is_some_and(|it| it.is_directory()) {
            true => Err(error),
            false => Ok(None),
        },
    }
}

/// Takes a request away before its answer comes, so that after a kill in between it is not there either.
fn forget_request(directory: &Directory) -> io::Result<()> {
    match directory.remove_file(file::REQUEST) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
