//! Files that configuration files include, as they lie on the disk.

use std::{
    fs, io,
    path::{self, Path, PathBuf},
};

use zeroize::Zeroizing;

use super::look::Reach;
use crate::{
    emit::{Absence, Files},
    store::files,
};

/// The file system of this machine.
#[derive(Clone, Copy, Debug)]
pub struct OnDisk;

impl Files for OnDisk {
    fn home(&self, directory: &Path, names: &[String]) -> Option<PathBuf> {
        let whole = path::absolute(here(directory)).ok()?;
        let holds = |directory: &&Path| names.iter().any(|name| directory.join(name).is_file());
        let home = whole.ancestors().find(holds)?;
        let is_here = home == whole;
        Some(if is_here { directory } else { home }.to_owned())
    }

    fn names(&self, directory: &Path) -> Result<Vec<String>, Absence> {
        Reach::Anywhere
            .names_in(here(directory))
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotADirectory => Absence::OtherKind,
                _ => absence(&error),
            })
    }

    fn text(&self, path: &Path) -> Result<String, Absence> {
        let octets = octets(path).map_err(|error| absence(&error))?;
        let text = str::from_utf8(&octets);
        let text = text.map_err(|_| Absence::Refused(String::from("it is no text in UTF-8")))?;
        Ok(text.to_owned())
    }
}

/// What stands in a file. A symlink is followed: those to what is in use are common.
pub(super) fn octets(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let real = fs::canonicalize(path)?;
    // To open a device may be to use it.
    match fs::metadata(&real)?.is_file() {
        true => files::read(&real).map(Zeroizing::new),
        false => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// An empty path means the directory that the program runs in.
fn here(directory: &Path) -> &Path {
    match directory.as_os_str().is_empty() {
        true => Path::new("."),
        false => directory,
    }
}

fn absence(error: &io::Error) -> Absence {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Absence::Missing,
        io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => Absence::OtherKind,
        _ => Absence::Refused(error.to_string()),
    }
}
