//! Whole trees: removed, or made durable.

use std::{
    ffi::OsStr,
    fs::File,
    io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::Path,
    sync::Arc,
};

use super::{Directory, system::begin_to_sync};
use rustix::{
    fs::{AtFlags, Dir, FileType, unlinkat},
    io::Errno,
};

/// Directories in directories, more than any command makes; a tree that is deeper is somebody's trap.
pub(super) const MAX_DEPTH: usize = 16;

impl Directory {
    /// Removes whatever lies under a name, with all that is in it; a symlink itself.
    pub fn remove_tree(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let (parent, name) = self.parent(path.as_ref())?;
        Self::new_shared(parent, &self.path).remove_named(name, 0)
    }

    fn new_shared(fd: Arc<OwnedFd>, path: &Path) -> Self {
        let path = path.to_owned();
        Self { fd, path }
    }

    fn remove_named(&self, name: &OsStr, depth: usize) -> io::Result<()> {
        match unlinkat(&*self.fd, name, AtFlags::empty()) {
            Err(Errno::ISDIR | Errno::PERM) if depth < MAX_DEPTH => {}
            Err(Errno::NOENT) => return Ok(()),
            other => return Ok(other?),
        }
        let inside = self.directory(name)?;
        for name in inside.entries()? {
            inside.remove_named(&name, depth + 1)?;
        }
        Ok(unlinkat(&*self.fd, name, AtFlags::REMOVEDIR)?)
    }

    /// Makes directories in it durable with all that is in them.
    pub fn sync_trees(&self, names: &[String]) -> io::Result<()> {
        let (mut files, mut directories) = (Vec::new(), Vec::new());
        for name in names {
            self.directory(name)?
                .open_tree(&mut files, &mut directories, 0)?;
        }
        // All at once on their way, the files wait for the disk once, not one after the other.
        files.iter().for_each(begin_to_sync);
        files.iter().try_for_each(File::sync_all)?;
        directories.iter().try_for_each(Self::sync)
    }

    /// Opens what is in the directory, and the directory after it.
    fn open_tree(
        self,
        files: &mut Vec<File>,
        directories: &mut Vec<Self>,
        depth: usize,
    ) -> io::Result<()> {
        for entry in Dir::read_from(&*self.fd)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            let kind = match entry.file_type() {
                // Not every file system tells it here.
                FileType::Unknown if !matches!(name.as_bytes(), b"." | b"..") => {
                    self.look(name)?.kind
                }
                kind => kind,
            };
            match kind {
                _ if matches!(name.as_bytes(), b"." | b"..") => {}
                FileType::RegularFile => files.push(self.file(name)?.0),
                _ if depth < MAX_DEPTH => {
                    self.directory(name)?
                        .open_tree(files, directories, depth + 1)?;
                }
                _ => return Err(Errno::LOOP.into()),
            }
        }
        directories.push(self);
        Ok(())
    }
}
