//! Gathers the facts that checks judge. It changes nothing, needs no CA key, and goes on where a file
//! cannot be read: that is a fact too.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    StoreError,
    layout::{Area, Layout, STAGING_PREFIX, file},
    lock::{self, Sharing},
};
use crate::{
    check::facts::{Content, Found, Item, Part, Recorded, Site, SiteKind},
    pki::{certificate::Certificate, entry_name::EntryName},
};

pub mod configuration;
pub mod included;
mod look;
mod recorded;
mod target;

use recorded::{Records, read_ledger, repair};
pub use target::{Target, recognise};

/// What is to be looked at, and what is known beforehand.
#[derive(Debug)]
pub struct Survey {
    spots: Vec<Spot>,
    /// What the ledger says; `None` where there is none that can be read
    records: Option<Records>,
    known: Arc<[Certificate]>,
    base_owner: u32,
    repaired: Option<&'static str>,
    /// Held so that nothing changes meanwhile; none outside of a PKI directory
    _lock: Option<File>,
}

/// One site that is still to be looked at.
#[derive(Debug)]
pub struct Spot {
    /// What is expected there
    pub kind: SiteKind,
    name: String,
    path: PathBuf,
    /// What was seen when the survey began; empty where that is still to be done
    items: Vec<Item>,
}

/// Whether files are going to be mended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// Nobody else may work there meanwhile
    Mend,
    /// Others may look too
    See,
}

impl Survey {
    /// Begins to look at what somebody named.
    ///
    /// What an interrupted command left in a PKI directory is put right first, where that is allowed.
    ///
    /// # Errors
    ///
    /// Where it stays locked, or cannot be read at all.
    pub fn open(target: &Target, purpose: Purpose, wait: Duration) -> Result<Self, StoreError> {
        match target {
            Target::Pki(root) => Self::of_pki(root, None, purpose, wait),
            Target::Place { root, area, path } => {
                Self::of_pki(root, Some((*area, path)), purpose, wait)
            }
            Target::Directory { kind, path } => Self::of_directory(*kind, path),
            Target::Files(paths) => Self::of_files(paths),
        }
    }

    /// All sites, CAs before what they have issued.
    #[must_use]
    pub fn spots(&self) -> &[Spot] {
        &self.spots
    }

    /// What was repaired when the directory was opened, in words for the user.
    #[must_use]
    pub fn repaired(&self) -> Option<&'static str> {
        self.repaired
    }

    /// Looks at one site.
    #[must_use]
    pub fn site(&self, spot: &Spot) -> Site {
        let items = match spot.items.is_empty() {
            true => look::directory(spot.kind, &spot.path),
            false => spot.items.clone(),
        };
        let mut site = Site::new(spot.kind, items);
        site.name.clone_from(&spot.name);
        site.known = Arc::clone(&self.known);
        site.base_owner = self.base_owner;
        let area = match spot.kind {
            SiteKind::Authority => Area::Authorities,
            SiteKind::Entry => Area::Entries,
            _ => return site,
        };
        if let Some(records) = &self.records {
            let row = records.rows.get(&(area, spot.name.clone()));
            let in_use = row.filter(|row| row.is_current);
            site.revoked_issuer = in_use.and_then(|row| records.revoked_above(row));
            site.recorded = row.map_or(Recorded::No, |row| Recorded::As(row.clone()));
            if area == Area::Authorities {
                site.revoked = records.revoked.get(&spot.name).cloned().unwrap_or_default();
            }
        }
        site
    }

    fn of_pki(
        root: &Path,
        only: Option<(Area, &PathBuf)>,
        purpose: Purpose,
        wait: Duration,
    ) -> Result<Self, StoreError> {
        let repaired = repair(root, wait)?;
        let sharing = match purpose {
            Purpose::Mend => Sharing::Exclusive,
            Purpose::See => Sharing::Shared,
        };
        let lock = lock::lock(root, sharing, wait)?;
        let layout = Layout::new(root.to_owned());
        let mut ledger = look::item(Part::Ledger, &layout.ledger());
        let records = read_ledger(&mut ledger, &layout)?;
        let known = known(&layout);
        let spots = match only {
            Some((area, path)) => vec![Spot::place(area, path.clone())],
            None => {
                let mut spots = vec![Spot {
                    kind: SiteKind::Pki,
                    name: String::new(),
                    path: root.to_owned(),
                    items: top(&layout, ledger, records.as_ref())?,
                }];
                spots.extend(places(&layout, records.as_ref())?);
                spots
            }
        };
        Ok(Self {
            spots,
            records,
            known,
            base_owner: owner(root)?,
            repaired,
            _lock: Some(lock),
        })
    }

    fn of_directory(kind: SiteKind, path: &Path) -> Result<Self, StoreError> {
        let mut items = look::directory(kind, path);
        // On a node root may look after what belongs to a server.
        let key = items.iter().find(|item| item.part == Part::Key);
        let of_key = key.and_then(|key| Some(key.found.as_ref()?.owner));
        let base_owner = of_key.map_or_else(|| owner(path), Ok)?;
        items.extend(look::parents(path).map_err(|error| StoreError::io("look at", path, error))?);
        let spot = Spot {
            kind,
            name: String::new(),
            path: path.to_owned(),
            items,
        };
        Ok(Self::unlocked(vec![spot], base_owner))
    }

    fn of_files(paths: &[PathBuf]) -> Result<Self, StoreError> {
        let mut items = Vec::new();
        let mut above = BTreeSet::new();
        for path in paths {
            items.extend(look::lone(path));
            let parents =
                look::parents(path).map_err(|error| StoreError::io("look at", path, error))?;
            let new = parents
                .into_iter()
                .filter(|parent| above.insert(parent.path.clone()));
            items.extend(new);
        }
        let base_owner = items
            .iter()
            .find_map(|item| Some(item.found.as_ref()?.owner));
        let spot = Spot {
            kind: SiteKind::Lone,
            name: String::new(),
            path: paths.first().cloned().unwrap_or_default(),
            items,
        };
        Ok(Self::unlocked(vec![spot], base_owner.unwrap_or_default()))
    }

    fn unlocked(spots: Vec<Spot>, base_owner: u32) -> Self {
        Self {
            spots,
            records: None,
            known: Arc::default(),
            base_owner,
            repaired: None,
            _lock: None,
        }
    }
}

impl Spot {
    fn place(area: Area, path: PathBuf) -> Self {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let kind = match area {
            Area::Authorities => SiteKind::Authority,
            Area::Entries => SiteKind::Entry,
        };
        Self {
            kind,
            name,
            path,
            items: Vec::new(),
        }
    }
}

/// CAs, entries and what is archived: all that is there, and all that the ledger knows.
fn places(layout: &Layout, records: Option<&Records>) -> Result<Vec<Spot>, StoreError> {
    let mut spots = Vec::new();
    for area in Area::ALL {
        let directory = layout.area(area);
        let on_disk = list(&directory)?
            .into_iter()
            .filter(|name| is_place(&directory, name));
        let mut names: BTreeSet<String> = on_disk.collect();
        let rows = records.map(|records| &records.rows).into_iter().flatten();
        let current = rows.filter(|((of, _), row)| *of == area && row.is_current);
        names.extend(current.map(|((_, name), _)| name.clone()));
        spots.extend(
            names
                .iter()
                .map(|name| Spot::place(area, directory.join(name))),
        );
    }
    let archive = layout.archive();
    let archived = list(&archive)?
        .into_iter()
        .map(|name| archive.join(name))
        .filter(|path| path.is_dir());
    spots.extend(archived.map(|path| Spot {
        kind: SiteKind::Archived,
        name: String::new(),
        path,
        items: Vec::new(),
    }));
    Ok(spots)
}

fn is_place(directory: &Path, name: &str) -> bool {
    name.parse::<EntryName>().is_ok() && directory.join(name).is_dir()
}

/// The PKI directory itself, without its CAs and entries.
fn top(layout: &Layout, ledger: Item, records: Option<&Records>) -> Result<Vec<Item>, StoreError> {
    let root = layout.root();
    let mut items = vec![look::item(Part::Directory, root), ledger];
    for name in list(root)? {
        let path = root.join(&name);
        match name.as_str() {
            "archive" | "ca" | "certs" => items.push(look::item(Part::Directory, &path)),
            "ledger.db" => {}
            "ledger.db-shm" | "ledger.db-wal" => items.push(look::item(Part::Ledger, &path)),
            _ if name.starts_with(STAGING_PREFIX) => items.push(look::item(Part::Staging, &path)),
            _ => {
                let other = look::item(Part::Stray, &path);
                // Other files may well stand here; private keys may not.
                items.extend(
                    Some(other).filter(|it| it.found.as_ref().is_some_and(|found| found.holds_key)),
                );
            }
        }
    }
    for directory in Area::ALL.map(|area| layout.area(area)) {
        let names = list(&directory)?
            .into_iter()
            .filter(|name| !is_place(&directory, name));
        items.extend(names.map(|name| look::item(Part::Stray, &directory.join(name))));
    }
    let missing = records
        .map(|records| &records.archived[..])
        .unwrap_or_default()
        .iter();
    let missing = missing
        .map(|name| layout.archive().join(name))
        .filter(|path| !path.exists());
    items.extend(missing.map(|path| look::outside(Part::Archive, &path)));
    items.extend(look::parents(root).map_err(|error| StoreError::io("look at", root, error))?);
    Ok(items)
}

/// Names in a directory that need not be there.
fn list(directory: &Path) -> Result<Vec<String>, StoreError> {
    match look::names_in(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|error| StoreError::io("list", directory, error)),
    }
}

/// Certificates of all CAs, as far as they can be read.
fn known(layout: &Layout) -> Arc<[Certificate]> {
    let directory = layout.area(Area::Authorities);
    let mut known: Vec<Certificate> = Vec::new();
    for name in look::names_in(&directory).unwrap_or_default() {
        for (file, part) in [
            (file::CERTIFICATE, Part::Certificate),
            (file::BUNDLE, Part::Bundle),
            (file::CHAIN, Part::Chain),
        ] {
            let found = look::item(part, &directory.join(&name).join(file)).found;
            let Some(Found {
                content: Content::Certificates(found),
                ..
            }) = found
            else {
                continue;
            };
            let new = found.into_iter().filter(|it| !known.contains(it));
            let new: Vec<_> = new.collect();
            known.extend(new);
        }
    }
    known.into()
}

fn owner(path: &Path) -> Result<u32, StoreError> {
    let metadata = fs::metadata(path).map_err(|error| StoreError::io("look at", path, error))?;
    Ok(metadata.uid())
}
