//! Changes a mode outside of a PKI directory, by a path that the user named or trusts.

use std::{fs, io, path, path::Path};

use crate::store::directory::{Directory, Look};

/// Changes the mode of a file or directory, as long as `agreed` to what it is; no symlink is followed on the
/// way, as somebody else may have put it there.
///
/// # Errors
///
/// Where the operating system refuses, or what lies there is something else.
pub fn change_mode(path: &Path, to: u32, agreed: impl FnOnce(&Look) -> bool) -> io::Result<()> {
    let whole = path::absolute(path)?;
    let (Some(parent), Some(name)) = (whole.parent(), whole.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let here = path::absolute(".")?;
    // Below the directory that the user is in, or from the top.
    let (base, inside) = match parent.strip_prefix(&here) {
        Ok(inside) => (here.as_path(), inside),
        Err(_) => (Path::new("/"), parent),
    };
    let inside = inside.strip_prefix("/").unwrap_or(inside);
    let directory = Directory::open(base)?.directory(inside).map_err(|error| {
        let real = fs::canonicalize(parent).unwrap_or_else(|_| parent.to_owned());
        match real == parent {
            true => error,
            false => io::Error::other(format!(
                "there is a symlink on the way, which is not followed; it leads to {}",
                real.display()
            )),
        }
    })?;
    directory.change_mode(name, to, agreed)
}
