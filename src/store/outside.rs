//! Files outside of the PKI directory that certctl writes for somebody.

mod laying;

use std::{ffi::OsString, io, path::Path};

use super::directory::Directory;
pub use laying::{Laying, Sheet, Standing};

/// Writes a file with its final mode and puts it into its place whole; what stood there, a symlink
/// itself and not its target, is replaced only with `replace`.
///
/// # Errors
///
/// The operating system's.
pub fn write_whole(path: &Path, octets: &[u8], mode: u32, replace: bool) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}", std::process::id()));
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = Directory::open(parent.unwrap_or(Path::new(".")))?;
    let file = directory.create(&temporary, octets, mode);
    let file = file.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            io::Error::other(format!("{} is in the way", temporary.display()))
        }
        _ => error,
    })?;
    let placed = file.sync_all().and_then(|()| match replace {
        true => directory.rename(&temporary, &directory, name),
        false => directory.rename_new(&temporary, &directory, name),
    });
    placed.inspect_err(|_| {
        let _ = directory.remove_file(&temporary);
    })?;
    directory.sync()
}
