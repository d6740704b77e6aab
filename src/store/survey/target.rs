//! What a path is that somebody wants checked: the one place that tells.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    check::facts::SiteKind,
    store::{
        StoreError,
        layout::{Area, file},
    },
};

/// What a path is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// A directory with a key and certificates, away from its PKI directory
    Directory {
        /// Of a CA or of an entry
        kind: SiteKind,
        /// Where it is
        path: PathBuf,
    },
    /// Certificates, keys and CRLs, named one by one
    Files(Vec<PathBuf>),
    /// A PKI directory
    Pki(PathBuf),
    /// A CA or an entry in its PKI directory
    Place {
        /// The PKI directory
        root: PathBuf,
        /// CA or entry
        area: Area,
        /// Its directory
        path: PathBuf,
    },
}

/// Tells what the paths are; files are taken together, so that a key is compared with its certificate.
///
/// # Errors
///
/// Where there is nothing, or something else.
pub fn recognise(paths: &[PathBuf]) -> Result<Vec<Target>, StoreError> {
    let mut targets = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| StoreError::io("check", path, error))?;
        match metadata.is_dir() {
            true => targets.push(directory(path)?),
            false => files.push(path.clone()),
        }
    }
    targets.extend((!files.is_empty()).then_some(Target::Files(files)));
    Ok(targets)
}

fn directory(path: &Path) -> Result<Target, StoreError> {
    let has = |name: &str| path.join(name).symlink_metadata().is_ok();
    let owned = path.to_owned();
    if has("ledger.db") || has(Area::Authorities.directory()) || has(Area::Entries.directory()) {
        return Ok(Target::Pki(owned));
    }
    if let Some((root, area)) = place(path).map_err(|error| StoreError::io("check", path, error))? {
        return Ok(Target::Place {
            root,
            area,
            path: owned,
        });
    }
    let kind = match has(file::CHAIN) || has(file::BUNDLE) {
        true => SiteKind::Authority,
        false => SiteKind::Copy,
    };
    match has(file::CERTIFICATE) || has(file::KEY) {
        true => Ok(Target::Directory { kind, path: owned }),
        false => Err(StoreError::NotRecognised(owned)),
    }
}

/// The PKI directory around a directory.
fn place(path: &Path) -> io::Result<Option<(PathBuf, Area)>> {
    let real = fs::canonicalize(path)?;
    let parent = real.parent();
    let area = Area::ALL
        .into_iter()
        .find(|area| parent.is_some_and(|parent| parent.ends_with(area.directory())));
    let root = parent.and_then(Path::parent);
    Ok(match (root, area) {
        (Some(root), Some(area)) if root.join("ledger.db").exists() => {
            Some((root.to_owned(), area))
        }
        _ => None,
    })
}
