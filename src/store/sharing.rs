//! A ledger that comes to be shared, is compared with the shared one, or is written to a file.

use std::{collections::BTreeSet, path::Path};

use super::{
    Pki, StoreError,
    layout::{Place, file},
    ledger::Ledger,
    shared::{self, Settings, SharedError},
};

/// What a comparison with the shared ledger found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Compared {
    /// How many events it has
    pub events: usize,
    /// What is wrong
    pub faults: Vec<String>,
}

impl Pki {
    /// Gives a shared ledger what this directory knows and it lacks; says how many events that were.
    ///
    /// A directory with a ledger of its own belongs to the shared one from then on, which must have been empty.
    ///
    /// # Errors
    ///
    /// Where the shared ledger cannot be reached, or has what is not of this PKI.
    pub fn share(&mut self, url: &str, author: &str) -> Result<usize, StoreError> {
        if let Some(distrust) = &self.distrust {
            return Err(StoreError::Distrusted(distrust.clone()));
        }
        let standing = Settings::read(self.layout())?;
        let is_new = standing.is_none();
        let settings = match standing {
            Some(settings) if settings.url == url => settings,
            Some(_) => {
                let root = self.layout().root().to_owned();
                return Err(StoreError::LedgerAnother(root));
            }
            None => shared::join(url, self.layout().root(), author)?,
        };
        let files = self.public_files()?;
        let copied = self
            .ledger
            .give(&settings, self.held.layout.root(), &files, is_new)?;
        settings.write(&self.held.layout)?;
        self.ledger.become_shared()?;
        self.ledger.attach(&self.held.layout)?;
        self.ledger.refresh()?;
        Ok(copied)
    }

    /// The public files of every place in use that is here, by their paths.
    fn public_files(&self) -> Result<shared::Files, StoreError> {
        let mut all = shared::Files::new();
        for place in self.places_in_use()? {
            for name in file::shared(place.area) {
                let path = self.layout().place(&place).join(name);
                if let Ok(octets) = self.layout().directory().read(&path) {
                    let Place { area, name: entry } = &place;
                    all.push((format!("{}/{entry}/{name}", area.directory()), octets));
                }
            }
        }
        Ok(all)
    }

    /// Compares this directory's copy with the shared ledger, event by event, and both with their hashes.
    ///
    /// # Errors
    ///
    /// Where either cannot be read; where others can change the directory, and may have named a ledger of their own.
    pub fn compare(&mut self) -> Result<Compared, StoreError> {
        // Nobody is asked in the name of a directory that others can change; its own ledger can be looked at.
        if let Some(distrust) = &self.distrust
            && self.ledger.is_copy()?
        {
            return Err(StoreError::Distrusted(distrust.clone()));
        }
        let own = self.ledger.events()?;
        let mut faults = Vec::new();
        let told = |of: &str, found: Option<super::ledger::Break>| {
            found.map(|it| format!("{of}: event {}: {}", it.number, it.reason))
        };
        faults.extend(told("this directory's copy", self.ledger.first_break()?));
        if !self.ledger.is_shared() {
            let events = own.len();
            return Ok(Compared { events, faults });
        }
        let theirs = match self.ledger.shared_copy() {
            Err(StoreError::Shared(broken @ SharedError::Broken(_))) => {
                faults.push(broken.to_string());
                let events = own.len();
                return Ok(Compared { events, faults });
            }
            theirs => theirs?,
        };
        faults.extend(told("the shared ledger", theirs.first_break()?));
        let theirs = theirs.events()?;
        let hash = |number: i64| {
            let found = theirs.binary_search_by_key(&number, |event| event.number);
            found.ok().map(|index| &theirs[index].hash)
        };
        for event in own {
            match hash(event.number) {
                None => faults.push(format!("the shared ledger lacks event {}", event.number)),
                Some(hash) if *hash != event.hash => {
                    faults.push(format!("event {} is another one there", event.number));
                }
                Some(_) => {}
            }
        }
        let events = theirs.len();
        faults.extend(self.given_twice()?);
        Ok(Compared { events, faults })
    }

    /// Names that have two certificates in use: one was given while the shared ledger, put back from a backup, did not
    /// know of the other.
    fn given_twice(&self) -> Result<Vec<String>, StoreError> {
        let places = self.places_of_current(None)?;
        let pairs = places.windows(2).filter(|pair| pair[0] == pair[1]);
        let twice: BTreeSet<_> = pairs.map(|pair| &pair[0]).collect();
        let fault = |place: &Place| {
            let Place { area, name } = place;
            let path = format!("{}/{name}", area.directory());
            format!(
                "{path} has two certificates in use: `certctl renew {path} --force` replaces both"
            )
        };
        Ok(twice.into_iter().map(fault).collect())
    }

    /// The ledger as the octets of a database that may stand as `ledger.db` again.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn database(&mut self) -> Result<Vec<u8>, StoreError> {
        self.ledger.octets()
    }
}

impl Ledger {
    /// Gives the ledger of these settings what it lacks; says how many events that were.
    fn give(
        &mut self,
        settings: &Settings,
        root: &Path,
        files: &shared::Files,
        is_new: bool,
    ) -> Result<usize, StoreError> {
        let deltas = self.deltas()?;
        let mut journal = shared::journal(settings, root)?;
        Ok(journal.give(&deltas, files, is_new)?)
    }
}
