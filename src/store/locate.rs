//! Finds a PKI directory, or makes an empty one.

use std::{fs, io, path::Path};

use super::{Access, StoreError, directory::Directory, files, layout::Layout, trust::Distrust};

/// Finds the directory, or makes it; true where it was made.
pub(crate) fn locate(directory: &Path, access: Access) -> Result<(Layout, bool), StoreError> {
    if access == Access::Create {
        refuse_link(directory)?;
    }
    let created = match access {
        Access::Create => match files::create_directory(directory) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(StoreError::io("make", directory, error)),
        },
        Access::Copy | Access::Read | Access::Rebuild | Access::Write => false,
    };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::NoPki(directory.to_owned()),
        io::ErrorKind::NotADirectory => StoreError::io("use", directory, error),
        _ => StoreError::io("open", directory, error),
    };
    let root = fs::canonicalize(directory).map_err(failed)?;
    let layout = Layout::new(Directory::open(&root).map_err(failed)?);
    if created {
        sync_parent(&root)?;
    }
    Ok((layout, created))
}

/// Refuses to make a PKI where somebody else's symlink leads.
fn refuse_link(directory: &Path) -> Result<(), StoreError> {
    let parent = directory
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let (Some(name), Ok(parent)) = (
        directory.file_name(),
        Directory::open(parent.unwrap_or(Path::new("."))),
    ) else {
        return Ok(());
    };
    match parent.look(name) {
        Ok(look) if look.kind == rustix::fs::FileType::Symlink => Distrust::of(directory, &look)
            .map_or(Ok(()), |distrust| Err(StoreError::Distrusted(distrust))),
        _ => Ok(()),
    }
}

/// Makes a new directory's name durable. A parent that may be changed but not read stays as it is.
fn sync_parent(directory: &Path) -> Result<(), StoreError> {
    let Some(parent) = directory.parent() else {
        return Ok(());
    };
    match files::sync_directory(parent) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => {
            Err(StoreError::io("make durable", parent, error))
        }
        _ => Ok(()),
    }
}
