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

use crate::{
    check::facts::{Item, Part, Recorded, Site, SiteKind},
    pki::certificate::Certificate,
    store::{
        Access, Distrust, StoreError,
        directory::Look,
        distrust,
        layout::{Area, Layout},
        locate,
        lock::{self, Sharing},
    },
};

pub mod account;
pub mod configuration;
pub mod included;
mod look;
pub mod mend;
mod places;
mod recorded;
mod spread;
mod target;
mod unlock;

use look::Reach;
use places::{authorities, known, places, top};
use recorded::{Records, read_ledger, repair};
pub use spread::spread;
pub use target::{Target, recognise};

/// What is to be looked at, and what is known beforehand.
#[derive(Debug)]
pub struct Survey {
    spots: Vec<Spot>,
    /// What the ledger says; `None` where there is none that can be read
    records: Option<Records>,
    known: Arc<[Certificate]>,
    authorities: Arc<[Certificate]>,
    base_owner: u32,
    repaired: Option<String>,
    distrust: Option<Distrust>,
    /// The way to what lies in a PKI directory; none elsewhere
    layout: Option<Layout>,
    /// Held so that nothing changes meanwhile; none outside of a PKI directory of one's own
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
    pub fn repaired(&self) -> Option<&str> {
        self.repaired.as_deref()
    }

    /// How many entries were not looked at, because they are on other machines that share the ledger.
    #[must_use]
    pub fn elsewhere(&self) -> usize {
        self.records.as_ref().map_or(0, |records| records.elsewhere)
    }

    /// Why nothing is repaired or locked in the PKI directory.
    #[must_use]
    pub fn distrust(&self) -> Option<&Distrust> {
        self.distrust.as_ref()
    }

    /// Changes a mode that was found to be wrong, if what has it is root's or the user's, or, for root, belongs
    /// to whom the check began with.
    ///
    /// # Errors
    ///
    /// Where the operating system refuses, or what lies there has changed meanwhile.
    pub fn change_mode(&self, path: &Path, from: u32, to: u32) -> io::Result<()> {
        let user = rustix::process::geteuid().as_raw();
        let is_ours =
            |owner: u32| owner == user || user == 0 && [0, self.base_owner].contains(&owner);
        let agreed = |look: &Look| look.mode == from && is_ours(look.owner);
        match &self.layout {
            Some(layout) => layout.directory().change_mode(path, to, agreed),
            None => mend::change_mode(path, to, agreed),
        }
    }

    fn reach(&self) -> Reach<'_> {
        match &self.layout {
            Some(layout) => Reach::Below(layout.directory()),
            None => Reach::Anywhere,
        }
    }

    /// Looks at one site.
    #[must_use]
    pub fn site(&self, spot: &Spot) -> Site {
        let items = match spot.items.is_empty() {
            true => self.reach().directory(spot.kind, &spot.path),
            false => spot.items.clone(),
        };
        let mut site = Site::new(spot.kind, items);
        site.name.clone_from(&spot.name);
        site.known = Arc::clone(&self.known);
        site.authorities = Arc::clone(&self.authorities);
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
                site.newer = records.newer.get(&spot.name).cloned().unwrap_or_default();
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
        let directory = locate(root, Access::Read)?.0.directory().clone();
        // Findings show paths as they were given.
        let layout = Layout::new(directory.shown_as(root.to_owned()));
        let distrust = distrust(&layout)?;
        let (repaired, lock) = match &distrust {
            None => {
                let repaired = repair(&layout, wait)?;
                let sharing = match purpose {
                    Purpose::Mend => Sharing::Exclusive,
                    Purpose::See => Sharing::Shared,
                };
                (repaired, lock_if_there(&layout, sharing, wait)?)
            }
            // Modes are what can be mended.
            Some(distrust) if purpose == Purpose::Mend && !distrust.is_loose_mode() => {
                return Err(StoreError::Distrusted(distrust.clone()));
            }
            Some(_) => (None, None),
        };
        let mut ledger = Reach::Below(layout.directory()).item(Part::Ledger, &layout.ledger());
        let records = read_ledger(&mut ledger, &layout, distrust.is_none())?;
        let known = known(&layout);
        let spots = match only {
            Some((area, path)) => vec![Spot::place(area, path.clone())],
            None => {
                let mut spots = vec![Spot {
                    kind: SiteKind::Pki,
                    name: String::new(),
                    path: layout.root().to_owned(),
                    items: top(&layout, ledger, records.as_ref())?,
                }];
                spots.extend(places(&layout, records.as_ref())?);
                spots
            }
        };
        let itself = layout.directory().look_at_itself();
        let authorities = authorities(&layout, records.as_ref());
        Ok(Self {
            spots,
            records,
            known,
            authorities,
            base_owner: itself
                .map_err(|error| StoreError::io("look at", root, error))?
                .owner,
            repaired,
            distrust,
            layout: Some(layout),
            _lock: lock,
        })
    }

    fn of_directory(kind: SiteKind, path: &Path) -> Result<Self, StoreError> {
        let mut items = Reach::Anywhere.directory(kind, path);
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
            authorities: Arc::default(),
            base_owner,
            repaired: None,
            distrust: None,
            layout: None,
            _lock: None,
        }
    }
}

impl Spot {
    /// Its directory; of files that were named one by one, the first.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

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

/// A ledger that cannot be locked for being what it is becomes a finding.
fn lock_if_there(
    layout: &Layout,
    sharing: Sharing,
    wait: Duration,
) -> Result<Option<File>, StoreError> {
    match lock::lock(layout, sharing, wait) {
        Err(error @ StoreError::Locked { .. }) => Err(error),
        Err(_) => Ok(None),
        locked => locked,
    }
}

fn owner(path: &Path) -> Result<u32, StoreError> {
    let metadata = fs::metadata(path).map_err(|error| StoreError::io("look at", path, error))?;
    Ok(metadata.uid())
}
