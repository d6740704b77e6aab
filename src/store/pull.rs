//! Public files of a shared ledger, brought into this machine's PKI directory. Keys stay where they are.

mod vetting;

use std::{collections::BTreeMap, ops::ControlFlow};

use super::{
    Pki, StoreError,
    directory::is_absence,
    layout::{Area, Layout, Place, file},
    ledger::{Selection, Status},
    stage::StagedFile,
};
use crate::pki::pem;

/// What became of a place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pulled {
    /// Its key is here, for another certificate: the new one is where its key is
    KeyHere,
    /// It was not here
    New,
    /// It is here as it is there
    Same,
    /// Its files were older, or some were missing
    Updated,
}

/// Public files of a place, by their names.
type Files = BTreeMap<String, Vec<u8>>;

impl Pki {
    /// Every place in use: CAs, then entries.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn places_in_use(&self) -> Result<Vec<Place>, StoreError> {
        let mut places = self.places_of_current(None)?;
        places.dedup();
        Ok(places)
    }

    /// The place of each certificate in use, sorted.
    pub(super) fn places_of_current(&self, area: Option<Area>) -> Result<Vec<Place>, StoreError> {
        let current = Selection {
            area,
            statuses: vec![Status::Current],
            ..Selection::default()
        };
        let mut places = Vec::new();
        let _ = self.ledger().select(&current, |record| {
            places.push(record.place());
            ControlFlow::<()>::Continue(())
        })?;
        places.sort_unstable();
        Ok(places)
    }

    /// Brings the CAs' certificates, bundles and CRLs here where the ledger is shared: what is made here follows them as
    /// they are by now. What does not fit is handed back, and left.
    ///
    /// # Errors
    ///
    /// Where the shared ledger cannot be reached, or the files cannot be written.
    pub fn follow_authorities(&mut self) -> Result<Option<StoreError>, StoreError> {
        if !self.ledger.is_shared() {
            return Ok(None);
        }
        let mut places = self.places_of_current(Some(Area::Authorities))?;
        places.dedup();
        match self.pull(&places, false) {
            Err(error @ StoreError::Content { .. }) => Ok(Some(error)),
            other => other.map(|_| None),
        }
    }

    /// Whether the directory of a place is on this machine.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read.
    pub fn is_here(&self, place: &Place) -> Result<bool, StoreError> {
        let path = self.layout().place(place);
        self.layout().holds(&path.join(file::CERTIFICATE))
    }

    /// Whether the certificate in use of a place lies in the archive alone: another machine has taken a hold off it.
    ///
    /// # Errors
    ///
    /// Where the directory or the ledger cannot be read.
    pub fn is_archived(&self, place: &Place) -> Result<bool, StoreError> {
        Ok(!self.is_here(place)? && !self.archived(place)?.is_empty())
    }

    /// What the archive has of the certificate in use of a place, its key among that.
    fn archived(&self, place: &Place) -> Result<Files, StoreError> {
        let mut files = Files::new();
        let Some(record) = self.ledger.current(place.area, &place.name)? else {
            return Ok(files);
        };
        let directory = self.layout().archived(&place.name, &record.serial);
        for name in file::ALL {
            let path = directory.join(name);
            match self.layout().directory().read(&path) {
                Ok(octets) => drop(files.insert(name.to_owned(), octets)),
                Err(error) if is_absence(&error) => {}
                Err(error) => return Err(StoreError::io("read", &path, error)),
            }
        }
        Ok(files)
    }

    /// Whether a name is given, here or on another machine that shares the ledger.
    ///
    /// # Errors
    ///
    /// Where the directory or the ledger cannot be read.
    pub fn is_given(&self, place: &Place) -> Result<bool, StoreError> {
        let is_here = self.layout().holds(&self.layout().place(place))?;
        let elsewhere = || self.ledger.current(place.area, &place.name);
        Ok(is_here || self.ledger.is_shared() && elsewhere()?.is_some())
    }

    /// Whether an entry's key is on another machine that shares the ledger: it is not here.
    #[must_use]
    pub fn is_kept_elsewhere(&self, place: &Place) -> bool {
        self.ledger.is_shared() && is_kept_elsewhere(self.layout(), place)
    }

    /// Brings the public files of these places here, all or none of them; says what became of each.
    ///
    /// # Errors
    ///
    /// Where the shared ledger cannot be reached, or has files that are not of the certificate in use.
    pub fn pull(
        &mut self,
        places: &[Place],
        dry_run: bool,
    ) -> Result<Vec<(Place, Pulled)>, StoreError> {
        let paths: Vec<_> = places
            .iter()
            .flat_map(|Place { area, name }| {
                let directory = format!("{}/{name}", area.directory());
                let files = file::shared(*area);
                files.iter().map(move |file| format!("{directory}/{file}"))
            })
            .collect();
        let mut fetched: BTreeMap<Place, Files> = BTreeMap::new();
        for (path, octets) in self.ledger.shared_files(&paths)? {
            if let Some((place, name)) = read_path(&path) {
                fetched.entry(place).or_default().insert(name, octets);
            }
        }
        let of_authorities = fetched
            .iter()
            .filter(|(place, _)| place.area == Area::Authorities);
        let authorities: Vec<_> = of_authorities
            .filter_map(|(_, files)| vetting::first(files))
            .collect();
        let mut all = Vec::new();
        for place in places {
            let files = fetched.remove(place).unwrap_or_default();
            vetting::vet(self, place, &files, &authorities)?;
            let (pulled, mut files) = compared(self.layout(), place, files)?;
            if pulled == Pulled::New {
                files.append(&mut self.archived(place)?);
            }
            all.push((place.clone(), pulled, files));
        }
        let is_changing = |pulled: Pulled| matches!(pulled, Pulled::New | Pulled::Updated);
        let changing = all.iter().filter(|(_, pulled, _)| is_changing(*pulled));
        let count = changing.clone().count();
        if count > 0 {
            let layout = self.layout().clone();
            let mut transaction = self.begin()?;
            transaction.of_files();
            let stage = transaction.stage(count)?;
            for (place, _, files) in changing {
                let staged: Vec<_> = files
                    .iter()
                    .map(|(name, content)| StagedFile::named(name, content))
                    .collect();
                match layout.holds(&layout.place(place))? {
                    true => stage.change(place, &staged)?,
                    false => stage.add(place, &staged)?,
                }
            }
            transaction.finish(dry_run)?;
        }
        let told = all.into_iter();
        Ok(told.map(|(place, pulled, _)| (place, pulled)).collect())
    }
}

/// Whether an entry's key is not in a directory whose ledger is shared.
pub(crate) fn is_kept_elsewhere(layout: &Layout, place: &Place) -> bool {
    let key = layout.place(place).join(file::KEY);
    place.area == Area::Entries
        && layout
            .directory()
            .look(key)
            .is_err_and(|error| is_absence(&error))
}

/// What is to be written of a place, and what that makes of it.
fn compared(
    layout: &Layout,
    place: &Place,
    mut files: Files,
) -> Result<(Pulled, Files), StoreError> {
    let path = layout.place(place);
    let standing = |name: &str| match layout.directory().read(path.join(name)) {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(StoreError::io("read", &path.join(name), error)),
    };
    let certificate = standing(file::CERTIFICATE)?;
    if certificate.is_none() && !layout.holds(&path)? {
        return Ok((Pulled::New, files));
    }
    let has_key =
        layout.holds(&path.join(file::KEY))? || layout.holds(&path.join(file::KEY_URI))?;
    let is_same = certificate.as_ref() == files.get(file::CERTIFICATE);
    let keys = [certificate.as_ref(), files.get(file::CERTIFICATE)]
        .map(|it| it.and_then(|text| key_of(text)));
    if has_key && !is_same && keys[0] != keys[1] {
        return Ok((Pulled::KeyHere, Files::new()));
    }
    let mut differing = Files::new();
    while let Some((name, octets)) = files.pop_first() {
        if standing(&name)?.as_ref() != Some(&octets) {
            differing.insert(name, octets);
        }
    }
    let pulled = match differing.is_empty() {
        true => Pulled::Same,
        false => Pulled::Updated,
    };
    Ok((pulled, differing))
}

/// The public key of a file's first certificate.
fn key_of(text: &[u8]) -> Option<Vec<u8>> {
    let certificates = pem::decode_certificates(text).ok()?;
    Some(certificates.first()?.parsed().public_key().raw.to_vec())
}

/// `certs/NAME/FILE`: the place, and the name of one of the files that are shared.
fn read_path(path: &str) -> Option<(Place, String)> {
    let mut parts = path.splitn(3, '/');
    let area = Area::named(parts.next()?)?;
    let name = parts.next()?.parse().ok()?;
    let file = parts.next()?;
    let is_shared = file::shared(area).contains(&file);
    is_shared.then(|| (Place { area, name }, file.to_owned()))
}
