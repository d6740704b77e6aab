//! The one door to a PKI directory: what lies below it is reached from the open directory, level by level
//! without following symlinks, so that no name in it can lead elsewhere.
//!
//! A path may be written whole, as it is shown to users, or from the directory on.

#![allow(clippy::missing_errors_doc)] // every error here is the operating system's

use std::{
    ffi::{OsStr, OsString},
    fs::{File, Metadata},
    io::{self, Write as _},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::ffi::{OsStrExt as _, OsStringExt as _},
    },
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use rustix::{
    fs::{
        Access, AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, accessat, fstat, mkdirat,
        readlinkat, renameat, renameat_with, statat, unlinkat,
    },
    io::Errno,
};

use super::files::{self, DIRECTORY};

mod look;
mod system;
mod tree;

pub use look::Look;
use system::{TO_LOOK, bits, is_unsupported};

/// An open directory.
#[derive(Clone, Debug)]
pub struct Directory {
    fd: Arc<OwnedFd>,
    path: PathBuf,
}

impl Directory {
    /// Opens a directory by a path whose symlinks are followed: the one that a user names.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self::new(fd, path.to_owned()))
    }

    fn new(fd: OwnedFd, path: PathBuf) -> Self {
        Self {
            fd: Arc::new(fd),
            path,
        }
    }

    /// The same directory, shown to users by another path that leads to it.
    #[must_use]
    pub fn shown_as(self, path: PathBuf) -> Self {
        Self { path, ..self }
    }

    /// Where it was when it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a directory below this one.
    pub fn directory(&self, path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let fd = self.open_below(path, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?;
        Ok(Self::new(fd, self.path.join(path)))
    }

    /// Opens a regular file for reading; nothing blocks.
    pub fn file(&self, path: impl AsRef<Path>) -> io::Result<(File, Metadata)> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK;
        files::regular(self.open_below(path.as_ref(), flags, Mode::empty())?.into())
    }

    /// Opens a regular file that is there for writing, as it is.
    pub fn file_to_write(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::NONBLOCK;
        let opened = self.open_below(path.as_ref(), flags, Mode::empty())?;
        Ok(files::regular(opened.into())?.0)
    }

    /// Reads a whole file.
    pub fn read(&self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        let (file, metadata) = self.file(path)?;
        files::read_open(file, &metadata)
    }

    /// Looks at what lies under a name; with an empty path at the directory itself.
    pub fn look(&self, path: impl AsRef<Path>) -> io::Result<Look> {
        if self.below(path.as_ref())?.as_os_str().is_empty() {
            return self.look_at_itself();
        }
        let (parent, name) = self.parent(path.as_ref())?;
        Ok(statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?.into())
    }

    /// As [`Self::look`], with nothing where there is nothing.
    pub fn find(&self, path: impl AsRef<Path>) -> io::Result<Option<Look>> {
        match self.look(path) {
            Ok(look) => Ok(Some(look)),
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks at the directory itself.
    pub fn look_at_itself(&self) -> io::Result<Look> {
        Ok(fstat(&*self.fd)?.into())
    }

    /// Names in it, as far as they are text: those that certctl gives are.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let names = self.entries()?.into_iter();
        Ok(names.filter_map(|name| name.into_string().ok()).collect())
    }

    /// Where a symlink leads, which nothing here follows.
    pub fn link(&self, path: impl AsRef<Path>) -> io::Result<PathBuf> {
        let (parent, name) = self.parent(path.as_ref())?;
        let target = readlinkat(parent, name, Vec::new())?;
        Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
    }

    /// Names in it, whatever they are.
    pub fn entries(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&*self.fd)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !matches!(name, b"." | b"..") {
                names.push(OsStr::from_bytes(name).to_owned());
            }
        }
        Ok(names)
    }

    /// Refuses a directory in which the user may make nothing.
    pub fn check_writable(&self) -> io::Result<()> {
        let access = Access::WRITE_OK | Access::EXEC_OK;
        Ok(accessat(&*self.fd, ".", access, AtFlags::EACCESS)?)
    }

    /// Creates a file that was not there, with its final mode, and writes it.
    ///
    /// The mode holds as it is given because the process's umask takes none of its bits. Where there is no
    /// room for the content, nothing is left.
    pub fn create(&self, path: impl AsRef<Path>, octets: &[u8], mode: u32) -> io::Result<File> {
        let path = path.as_ref();
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let mut file = File::from(self.open_below(path, flags, bits(mode))?);
        file.write_all(octets).inspect_err(|_| {
            let _ = self.remove_file(path);
        })?;
        Ok(file)
    }

    /// Creates a directory for private keys.
    pub fn create_directory(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let (parent, name) = self.parent(path.as_ref())?;
        Ok(mkdirat(parent, name, bits(DIRECTORY))?)
    }

    /// Creates a directory unless there is one, and opens it; anything else in its place is an error.
    pub fn ensure_directory(&self, path: impl AsRef<Path>) -> io::Result<Self> {
        match self.create_directory(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        self.directory(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => {
                io::Error::new(error.kind(), "not a directory of its own")
            }
            _ => error,
        })
    }

    /// Moves to a name that must be free.
    pub fn rename_new(
        &self,
        from: impl AsRef<Path>,
        into: &Self,
        to: impl AsRef<Path>,
    ) -> io::Result<()> {
        let (from, to) = (self.parent(from.as_ref())?, into.parent(to.as_ref())?);
        match renameat_with(&from.0, from.1, &to.0, to.1, RenameFlags::NOREPLACE) {
            Err(error) if is_unsupported(error) => {
                if statat(&to.0, to.1, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                Ok(renameat(from.0, from.1, to.0, to.1)?)
            }
            other => Ok(other?),
        }
    }

    /// Moves over what stands there.
    pub fn rename(
        &self,
        from: impl AsRef<Path>,
        into: &Self,
        to: impl AsRef<Path>,
    ) -> io::Result<()> {
        let (from, to) = (self.parent(from.as_ref())?, into.parent(to.as_ref())?);
        Ok(renameat(from.0, from.1, to.0, to.1)?)
    }

    /// Swaps two names in one step; `false` where the file system cannot.
    pub fn exchange(
        &self,
        one: impl AsRef<Path>,
        with: &Self,
        other: impl AsRef<Path>,
    ) -> io::Result<bool> {
        let (one, other) = (self.parent(one.as_ref())?, with.parent(other.as_ref())?);
        match renameat_with(one.0, one.1, other.0, other.1, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(true),
            Err(error) if is_unsupported(error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a file.
    pub fn remove_file(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let (parent, name) = self.parent(path.as_ref())?;
        Ok(unlinkat(parent, name, AtFlags::empty())?)
    }

    /// Removes a directory that is empty.
    pub fn remove_directory(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let (parent, name) = self.parent(path.as_ref())?;
        Ok(unlinkat(parent, name, AtFlags::REMOVEDIR)?)
    }

    /// Changes the mode of a file or directory, as long as `agreed` to what it is.
    pub fn change_mode(
        &self,
        path: impl AsRef<Path>,
        to: u32,
        agreed: impl FnOnce(&Look) -> bool,
    ) -> io::Result<()> {
        // Opens what nobody may read, too.
        let file = self.open_below(path.as_ref(), TO_LOOK, Mode::empty())?;
        let look = Look::from(fstat(&file)?);
        if look.kind == FileType::Symlink || !agreed(&look) {
            return Err(io::Error::other(
                "it is a symlink, or has changed meanwhile",
            ));
        }
        if look.kind != FileType::Directory && look.links > 1 {
            return Err(io::Error::other(
                "it has another name elsewhere (a hard link)",
            ));
        }
        system::change_mode(&file, to)
    }

    /// Makes its entries durable.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&*self.fd)?)
    }

    /// Makes everything on its file system durable: one call, whatever the number of files.
    pub fn sync_file_system(&self) -> io::Result<()> {
        system::sync_all(self.fd.as_fd())
    }

    /// The directory that a name stands in, and the name.
    fn parent<'p>(&self, path: &'p Path) -> io::Result<(Arc<OwnedFd>, &'p OsStr)> {
        let path = self.below(path)?;
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => {
                let flags = TO_LOOK | OFlags::DIRECTORY;
                let parent = self.open_below(parent, flags, Mode::empty())?;
                Ok((Arc::new(parent), name))
            }
            _ => Ok((Arc::clone(&self.fd), name)),
        }
    }

    /// The path from this directory on. Only names count: nothing leads up or to the root.
    fn below<'p>(&self, path: &'p Path) -> io::Result<&'p Path> {
        let below = path.strip_prefix(&self.path).unwrap_or(path);
        let is_name = |component| matches!(component, Component::Normal(_));
        match below.components().all(is_name) {
            true => Ok(below),
            false => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is outside of the PKI directory",
            )),
        }
    }

    fn open_below(&self, path: &Path, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
        let path = match self.below(path)? {
            path if path.as_os_str().is_empty() => Path::new("."),
            path => path,
        };
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        system::open(self.fd.as_fd(), path, flags, mode).map_err(|error| match error {
            Errno::LOOP => io::Error::other("it is a symlink, which is not followed"),
            error => error.into(),
        })
    }
}

/// Whether there is nothing under a name: anything else does not tell.
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::{tree::MAX_DEPTH, *};

    /// `inside/` is the directory, `outside/` what nothing may reach from there.
    fn scene() -> (tempfile::TempDir, Directory) {
        let home = tempfile::tempdir().expect("a temporary directory can be made");
        for directory in ["inside/real", "outside"] {
            fs::create_dir_all(home.path().join(directory)).expect("it can be made");
        }
        for file in ["inside/real/file", "outside/file"] {
            fs::write(home.path().join(file), "x").expect("it can be written");
        }
        let inside = home.path().join("inside");
        for (target, name) in [
            ("../outside", "up"),
            ("real", "down"),
            ("../../outside/file", "real/link"),
            ("/proc/self/root", "magic"),
        ] {
            symlink(target, inside.join(name)).expect("a link can be made");
        }
        let directory = Directory::open(&inside).expect("it was made");
        (home, directory)
    }

    /// Through a link to a directory outside, to one inside, out of the directory, and by the kernel's own.
    const WAYS_OUT: [&str; 6] = [
        "up/file",
        "down/file",
        "real/link",
        "magic/etc",
        "../outside/file",
        "/etc/passwd",
    ];

    #[test]
    fn no_symlink_is_followed() {
        let (home, directory) = scene();
        for path in WAYS_OUT {
            assert!(directory.read(path).is_err(), "{path}");
            assert!(directory.file_to_write(path).is_err(), "{path}");
            assert!(
                directory.change_mode(path, 0o600, |_| true).is_err(),
                "{path}"
            );
            assert!(
                directory.rename("real/file", &directory, path).is_err() || path == "real/link",
                "{path}"
            );
        }
        for path in ["up", "down", "magic"] {
            let inside = Path::new(path).join("new");
            assert!(directory.directory(path).is_err(), "{path}");
            assert!(directory.ensure_directory(path).is_err(), "{path}");
            assert!(directory.create(&inside, b"x", 0o600).is_err(), "{path}");
            assert!(directory.create_directory(&inside).is_err(), "{path}");
            assert!(
                directory.rename_new("real", &directory, &inside).is_err(),
                "{path}"
            );
            assert!(
                directory.exchange("real", &directory, &inside).is_err(),
                "{path}"
            );
            assert!(directory.remove_tree(&inside).is_err(), "{path}");
            assert!(directory.sync_trees(&[path.to_owned()]).is_err(), "{path}");
        }
        directory
            .remove_tree("up")
            .expect("a link itself can be removed");
        let outside = fs::read_dir(home.path().join("outside")).expect("it is there");
        assert_eq!(outside.count(), 1);
    }

    /// As on a kernel without `openat2`.
    #[test]
    fn walking_follows_none_either() {
        let (_home, directory) = scene();
        let open = |path: &str, flags| {
            let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            system::walk(directory.fd.as_fd(), Path::new(path), flags, Mode::empty())
        };
        for path in ["up/file", "down/file", "real/link", "magic/etc"] {
            assert!(open(path, OFlags::RDONLY).is_err(), "{path}");
        }
        for path in ["up", "down", "magic"] {
            assert!(
                open(path, OFlags::RDONLY | OFlags::DIRECTORY).is_err(),
                "{path}"
            );
        }
        assert!(open("real/file", OFlags::RDONLY).is_ok());
    }

    #[test]
    fn paths_may_be_whole() {
        let (_home, directory) = scene();
        let whole = directory.path().join("real/file");
        assert_eq!(directory.read(&whole).expect("a file"), b"x");
        let real = directory.directory("real").expect("a directory");
        assert_eq!(real.read(&whole).expect("a file"), b"x");
        assert_eq!(real.path(), directory.path().join("real"));
        assert!(real.read(directory.path().join("real")).is_err());
    }

    #[test]
    fn what_has_another_name_keeps_its_mode() {
        let (home, directory) = scene();
        fs::hard_link(
            home.path().join("outside/file"),
            home.path().join("inside/real/key.pem"),
        )
        .expect("a link can be made");
        assert!(
            directory
                .change_mode("real/key.pem", 0o600, |_| true)
                .is_err()
        );
        directory
            .change_mode("real/file", 0o600, Look::is_file)
            .expect("it is ours");
        assert_eq!(directory.look("real/file").expect("a file").mode, 0o600);
    }

    #[test]
    fn deep_trees_are_left() {
        let (_home, directory) = scene();
        let mut path = PathBuf::from("deep");
        for _ in 0..MAX_DEPTH + 4 {
            directory.create_directory(&path).expect("there is room");
            path.push("d");
        }
        assert!(directory.remove_tree("deep").is_err());
    }
}
