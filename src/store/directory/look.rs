//! What is known of a file without opening it.

use rustix::fs::{FileType, Stat};

/// What kind of file it is, whose, and who may use it; of a symlink itself, not of what it points to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Look {
    /// What kind of file
    pub kind: FileType,
    /// Permission bits
    pub mode: u32,
    /// Number of the user whose it is
    pub owner: u32,
    /// Number of the group whose it is
    pub group: u32,
    /// Number of the file in its file system
    pub inode: u64,
    /// Number of its file system
    pub device: u64,
    /// How many names it has
    pub links: u64,
    /// Length in octets
    pub size: u64,
    /// When it, or what is in it, was changed last, in nanoseconds since 1970
    pub changed: i128,
}

impl Look {
    /// Whether it is a directory of its own.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.kind == FileType::Directory
    }

    /// Whether it is a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }
}

#[expect(
    clippy::unnecessary_cast,
    reason = "the widths differ between machines"
)]
impl From<Stat> for Look {
    fn from(stat: Stat) -> Self {
        Self {
            kind: FileType::from_raw_mode(stat.st_mode),
            mode: stat.st_mode as u32 & 0o7777,
            owner: stat.st_uid,
            group: stat.st_gid,
            inode: stat.st_ino as u64,
            device: stat.st_dev as u64,
            links: stat.st_nlink as u64,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            changed: i128::from(stat.st_ctime) * 1_000_000_000 + i128::from(stat.st_ctime_nsec),
        }
    }
}
