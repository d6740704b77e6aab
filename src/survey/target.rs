//! What a path is that somebody wants checked: the one place that tells.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
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
/// The errors are of those where there is nothing, or something else.
#[must_use]
pub fn recognise(paths: &[PathBuf]) -> (Vec<Target>, Vec<StoreError>) {
    let (mut targets, mut errors) = (Vec::new(), Vec::new());
    let mut files = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| StoreError::io("check", path, error));
        match metadata.map(|metadata| metadata.is_dir()) {
            Ok(true) => match directory(path) {
                Ok(target) => targets.push(target),
                Err(error) => errors.push(error),
            },
            Ok(false) => files.push(path.clone()),
            Err(error) => errors.push(error),
        }
    }
    targets.extend((!files.is_empty()).then_some(Target::Files(files)));
    (targets, errors)
}

fn directory(path: &Path) -> Result<Target, StoreError> {
    let has = |name: &str| path.join(name).symlink_metadata().is_ok();
    let owned = path.to_owned();
    if has("ledger.db") || has(Area::Authorities.directory()) || has(Area::Entries.directory()) {
        return Ok(Target::Pki(owned));
    }
    let place = place(path).map_err(|error| StoreError::io("check", path, error))?;
    if let Some((root, area, path)) = place {
        return Ok(Target::Place { root, area, path });
    }
    let kind = match has(file::CHAIN) || has(file::BUNDLE) {
        true => SiteKind::Authority,
        false => SiteKind::Copy,
    };
    match [file::CERTIFICATE, file::KEY, file::KEY_URI]
        .into_iter()
        .any(has)
    {
        true => Ok(Target::Directory { kind, path: owned }),
        false => Err(StoreError::NotRecognised(owned)),
    }
}

/// The PKI directory around a directory, and the directory in it; as they were given, where that shows both.
fn place(path: &Path) -> io::Result<Option<(PathBuf, Area, PathBuf)>> {
    if let Some((root, area)) = shown_place(path) {
        return Ok(Some((root, area, path.to_owned())));
    }
    let real = fs::canonicalize(path)?;
    let (Some(parent), Some(root)) = (real.parent(), real.ancestors().nth(2)) else {
        return Ok(None);
    };
    let mut areas = Area::ALL.into_iter();
    let Some(area) = areas.find(|area| parent.ends_with(area.directory())) else {
        return Ok(None);
    };
    if root.join("ledger.db").symlink_metadata().is_err() {
        return Ok(None);
    }
    Ok(Some((root.to_owned(), area, real.clone())))
}

/// The same where the path itself shows it, wherever symlinks in it may lead.
fn shown_place(path: &Path) -> Option<(PathBuf, Area)> {
    let (parent, root) = (path.parent()?, path.ancestors().nth(2)?);
    let is_name = |path: &Path| matches!(path.components().next_back(), Some(Component::Normal(_)));
    let area = Area::ALL
        .into_iter()
        .find(|area| parent.ends_with(area.directory()))?;
    let root = if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        root
    };
    let has_ledger = root.join("ledger.db").symlink_metadata().is_ok();
    (is_name(path) && has_ledger).then(|| (root.to_owned(), area))
}
