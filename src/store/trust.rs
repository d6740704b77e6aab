//! Whose a PKI directory is. What lies in one that others can change is not believed for lying there: it is
//! looked at, without repair, change or lock.

use std::{
    io,
    path::{Path, PathBuf},
};

use rustix::{fs::FileType, process::geteuid};

use super::{
    directory::{Directory, Look},
    layout::{Layout, STAGING_PREFIX, file, read_staged},
};

/// Why a PKI directory is not believed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Distrust {
    /// Neither the user's nor root's
    #[error("{} belongs to user {owner}, who can change it", .path.display())]
    Foreign {
        /// The PKI directory, or what lies in it
        path: PathBuf,
        /// Its owner's number
        owner: u32,
    },
    /// The user's or root's, but not theirs alone
    #[error("{} has mode {mode:04o}: others can change it", .path.display())]
    Writable {
        /// The PKI directory, or what lies in it
        path: PathBuf,
        /// Its permission bits
        mode: u32,
    },
}

/// Bits of a mode that let others change a file.
const WRITABLE: u32 = 0o022;

impl Distrust {
    /// What nobody but the user and root can change is believed.
    pub(super) fn of(path: &Path, look: &Look) -> Option<Self> {
        let path = || path.to_owned();
        let Look { owner, mode, .. } = *look;
        if owner != 0 && owner != geteuid().as_raw() {
            return Some(Self::Foreign {
                path: path(),
                owner,
            });
        }
        // The mode of a symlink says nothing.
        let is_writable = look.kind != FileType::Symlink && mode & WRITABLE != 0;
        is_writable.then(|| Self::Writable { path: path(), mode })
    }

    /// Looks at a directory that is read without its ledger.
    ///
    /// # Errors
    ///
    /// Where it cannot be looked at.
    pub fn at(directory: &Directory) -> io::Result<Option<Self>> {
        Self::in_directory(&Layout::new(directory.clone()))
    }

    /// Looks at the directory itself and at all in it that decides what a command does: the ledger, the
    /// directories of CAs, entries and archive, and what is staged.
    pub(super) fn in_directory(layout: &Layout) -> io::Result<Option<Self>> {
        let directory = layout.directory();
        if let Some(distrust) = Self::of(layout.root(), &directory.look_at_itself()?) {
            return Ok(Some(distrust));
        }
        let ledger = ["", "-journal", "-shm", "-wal"].map(|suffix| layout.ledger_part(suffix));
        let names = directory.names()?;
        // An entry that was swapped out may be a server's. Who cannot write to the directory has not put it there.
        let is_ours = |name: &&String| read_staged(name).is_none_or(|(_, place)| place.is_none());
        let staged = names.iter().filter(|name| name.starts_with(STAGING_PREFIX));
        let staged = staged.filter(is_ours).map(|name| layout.root().join(name));
        let staged: Vec<_> = staged.collect();
        for path in ledger.iter().chain(&layout.published()).chain(&staged) {
            let look = directory.find(path)?;
            if let Some(distrust) = look.and_then(|look| Self::of(path, &look)) {
                return Ok(Some(distrust));
            }
        }
        // SQLite would wait for whoever opens a pipe at the other end.
        for path in &ledger[1..] {
            if directory.find(path)?.is_some_and(|look| !look.is_file()) {
                let name = path.display();
                return Err(io::Error::other(format!("{name} is not a regular file")));
            }
        }
        Ok(None)
    }

    /// Looks at the directory of one CA, whose files are published with what it signs.
    pub(super) fn in_authority(layout: &Layout, path: &Path) -> io::Result<Option<Self>> {
        let inside = layout.directory().directory(path)?;
        if let Some(distrust) = Self::of(path, &inside.look_at_itself()?) {
            return Ok(Some(distrust));
        }
        for name in file::ALL {
            let look = inside.find(name)?;
            if let Some(distrust) = look.and_then(|look| Self::of(&path.join(name), &look)) {
                return Ok(Some(distrust));
            }
        }
        Ok(None)
    }

    /// Whether the user can put it right: it is theirs, and only its mode is loose.
    #[must_use]
    pub fn is_loose_mode(&self) -> bool {
        matches!(self, Self::Writable { .. })
    }
}
