//! A change of the PKI directory: recorded, staged, committed, published; whole or not at all.
//!
//! New directories are prepared under names that begin with `.staging-N`, made durable, and then swapped
//! into place one by one. Where a directory keeps its key, only its new files are prepared, and renamed over
//! the old ones. The ledger's commit in between decides what a crash means: before it the next command takes
//! everything back, after it the next command publishes the rest.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    io,
    path::Path,
    sync::{Arc, Mutex},
};

use super::{
    StoreError, digest, evidence,
    layout::{Layout, Place},
    ledger::{
        Effects, Ledger, Record,
        event::Author,
        revocation::{Change, CrlState},
        rotation::{Sighting, Step},
    },
    publish::{check_directories, publish},
    rotating::Rotating,
    stage::{SYNCED_ONE_BY_ONE, Stage, Staged, ensure_directory, lock},
    staged::{remove_staged, staged_by},
};
use crate::pki::{entry_name::EntryName, revocation::Revocation};

/// A change in progress.
#[derive(Debug)]
pub struct Transaction<'a> {
    layout: &'a Layout,
    ledger: &'a mut Ledger,
    id: i64,
    staged: Arc<Mutex<Staged>>,
    retired: Vec<Place>,
    changes: Vec<Change>,
    crls: Vec<(EntryName, CrlState)>,
    adopted: Vec<(EntryName, Vec<Revocation>)>,
    steps: Vec<Step>,
    sightings: Vec<Sighting>,
    author: Author,
    believes_archive: bool,
    /// Whether the ledger knows all of it, and only files come
    is_of_files: bool,
    progress: Progress,
    rotating: Rotating,
}

/// What is to be done should a transaction be dropped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Progress {
    /// Nothing counts yet: take it back
    Prepared,
    /// The commit failed, but may have reached the disk: take it back, the ledger first
    Uncertain,
    /// It is true
    Committed,
}

impl<'a> Transaction<'a> {
    pub(super) fn begin(
        layout: &'a Layout,
        ledger: &'a mut Ledger,
        author: Author,
    ) -> Result<Self, StoreError> {
        check_directories(layout)?;
        let id = ledger.next_transaction()?;
        Ok(Self {
            layout,
            id,
            staged: Arc::default(),
            retired: Vec::new(),
            changes: Vec::new(),
            crls: Vec::new(),
            adopted: Vec::new(),
            steps: Vec::new(),
            sightings: Vec::new(),
            author,
            believes_archive: false,
            is_of_files: false,
            progress: Progress::Prepared,
            rotating: Rotating::of(ledger)?,
            ledger,
        })
    }

    /// Records certificates that are about to be signed; durable when it returns.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be written, or has the serial already; where a CA that is rotated would become another.
    pub fn record(&mut self, records: &[Record]) -> Result<(), StoreError> {
        self.rotating
            .check_records(self.ledger, records, &self.steps)?;
        self.ledger.record(self.id, records)
    }

    /// Changes what the ledger says of a certificate.
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Sends a directory to the archive, without another in its place.
    pub fn retire(&mut self, place: Place) {
        self.retired.push(place);
    }

    /// Says that only files come, of what the ledger knows: nothing is noted of it.
    pub(super) fn of_files(&mut self) {
        self.is_of_files = true;
    }

    /// What is known of a CA's CRLs.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn crl_state(&self, issuer: &EntryName) -> Result<CrlState, StoreError> {
        self.ledger.crl_state(issuer)
    }

    /// Notes a CRL, or where a CA's CRLs are served.
    pub fn note_crl(&mut self, issuer: &EntryName, state: CrlState) {
        self.crls.push((issuer.clone(), state));
    }

    /// Takes over what a CA had revoked before it came here.
    pub fn adopt_revocations(&mut self, issuer: &EntryName, revocations: Vec<Revocation>) {
        self.adopted.push((issuer.clone(), revocations));
    }

    /// Lets a certificate be called replaced that lies in the archive: the ledger is known to be the older.
    pub fn believe_archive(&mut self) {
        self.believes_archive = true;
    }

    /// Its number, by which the history knows it.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.id
    }

    /// Notes a step of a rotation; of one rotation the last counts.
    pub fn step(&mut self, step: Step) {
        self.steps.retain(|it| it.began != step.began);
        self.steps.push(step);
    }

    /// Notes what was seen of somebody who trusts a CA that is rotated.
    pub fn note_sighting(&mut self, sighting: Sighting) {
        self.sightings.push(sighting);
    }

    /// Where new directories are prepared, so many of them.
    ///
    /// # Errors
    ///
    /// Where there is no room for them.
    pub fn stage(&self, directories: usize) -> Result<Stage, StoreError> {
        let is_deep = directories > SYNCED_ONE_BY_ONE;
        if is_deep {
            ensure_directory(self.layout.directory(), &self.layout.staging(self.id))?;
        }
        Ok(Stage {
            layout: self.layout.clone(),
            transaction: self.id,
            is_deep,
            staged: Arc::clone(&self.staged),
            areas: Default::default(),
            files: Default::default(),
            is_shared: self.ledger.is_shared(),
        })
    }

    /// Makes the change true and visible, or, in a rehearsal, takes all of it back.
    ///
    /// # Errors
    ///
    /// As [`Self::commit`].
    pub fn finish(self, dry_run: bool) -> Result<(), StoreError> {
        match dry_run {
            true => Ok(()),
            false => self.commit(),
        }
    }

    /// Makes the change true and visible.
    ///
    /// # Errors
    ///
    /// Until the ledger's commit an error means that nothing changed. After it the next command
    /// publishes what is left, and the error is [`StoreError::Committed`].
    pub fn commit(mut self) -> Result<(), StoreError> {
        if self.steps.is_empty() {
            self.rotating.check_retired(&self.retired)?;
        }
        let mut staged = std::mem::take(&mut *lock(&self.staged));
        let files = staged.take_public();
        let mut places = self.standing(staged.whole.keys())?;
        let retired = self.standing(self.retired.iter())?;
        let retired: Vec<_> = retired
            .into_iter()
            .filter_map(|(place, inode)| Some((place, inode?)))
            .collect();
        let replaced = places.iter().any(|(_, standing)| standing.is_some());
        if replaced || !retired.is_empty() || staged.archived {
            ensure_directory(self.layout.directory(), &self.layout.archive())?;
        }
        if !retired.is_empty() {
            // As long as it is there, there is something to publish.
            ensure_directory(self.layout.directory(), &self.layout.staging(self.id))?;
        }
        places.extend(staged.changed.keys().map(|place| (place, None)));
        self.make_durable(&staged)?;
        let archive = self.layout.find(&self.layout.archive())?;
        let effects = Effects {
            places,
            retired,
            changes: &self.changes,
            crls: &self.crls,
            adopted: &self.adopted,
            steps: &self.steps,
            sightings: &self.sightings,
            author: std::mem::take(&mut self.author),
            files,
            may_replace: &|place, serial| match self.believes_archive {
                true => Ok(()),
                false => evidence::refuse_archived(self.layout, archive.as_ref(), place, serial),
            },
        };
        self.progress = Progress::Uncertain;
        let committed = match self.is_of_files {
            true => self.ledger.commit_files(self.id, &effects),
            false => self.ledger.commit(self.id, &effects),
        };
        if let Err(error) = committed {
            match error {
                StoreError::Committed(_) => self.progress = Progress::Committed,
                ref error if error.is_failed_write() && !self.ledger.is_shared() => {
                    self.progress = Progress::Prepared;
                }
                _ => {}
            }
            return Err(error);
        }
        self.progress = Progress::Committed;
        self.publish(&staged)
            .map_err(|error| StoreError::Committed(Box::new(error)))
    }

    fn publish(&self, staged: &Staged) -> Result<(), StoreError> {
        publish(self.layout, self.ledger, self.id)?;
        // With it everything is finished. What fails here the next command repeats.
        let _ = remove_staged(self.layout, self.id);
        self.compare(staged)
    }

    fn make_durable(&self, staged: &Staged) -> Result<(), StoreError> {
        let root = self.layout.directory();
        let failed = |error| StoreError::io("make durable", root.path(), error);
        let names = staged_by(self.layout, self.id)?;
        if names.is_empty() {
            return Ok(());
        }
        if staged.whole.len() + staged.changed.len() > SYNCED_ONE_BY_ONE {
            return root.sync_file_system().map_err(failed);
        }
        root.sync_trees(&names)
            .and_then(|()| root.sync())
            .map_err(failed)
    }

    /// Where the transaction will publish, each with the inode of what stands there now.
    fn standing<'p>(
        &self,
        places: impl Iterator<Item = &'p Place>,
    ) -> Result<Vec<(&'p Place, Option<u64>)>, StoreError> {
        let mut areas = BTreeMap::new();
        let look = |place: &'p Place| {
            let area = match areas.entry(place.area) {
                Entry::Occupied(opened) => opened.into_mut(),
                Entry::Vacant(new) => new.insert(self.layout.find(&self.layout.area(place.area))?),
            };
            let found = area.as_ref().map(|area| area.find(place.name.as_str()));
            let found = found.transpose();
            let found = found
                .map_err(|error| StoreError::io("look at", &self.layout.place(place), error))?;
            Ok((place, found.flatten().map(|found| found.inode)))
        };
        places.map(look).collect()
    }

    /// Reads back what was published: all of a small change, a sample of a large one.
    fn compare(&self, staged: &Staged) -> Result<(), StoreError> {
        /// Changes up to this size are read back whole.
        const WHOLE: usize = 256;
        /// Of others so many stand between two that are read: a prime, in step with no pattern of names.
        const STEP: usize = 61;
        let step = |length| if length <= WHOLE { 1 } else { STEP };
        for (place, expected) in staged.whole.iter().step_by(step(staged.whole.len())) {
            let path = self.layout.place(place);
            read_back(
                &path,
                digest::directory(self.layout.directory(), &path),
                expected,
            )?;
        }
        for (place, files) in staged.changed.iter().step_by(step(staged.changed.len())) {
            for (name, expected) in files {
                let path = self.layout.place(place).join(name);
                read_back(
                    &path,
                    digest::file(self.layout.directory(), name, &path),
                    expected,
                )?;
            }
        }
        Ok(())
    }
}

fn read_back(
    path: &Path,
    digest: io::Result<[u8; 32]>,
    expected: &[u8; 32],
) -> Result<(), StoreError> {
    let found = digest.map_err(|error| StoreError::io("read back", path, error))?;
    if found == *expected {
        return Ok(());
    }
    Err(StoreError::Content {
        path: path.to_owned(),
        reason: String::from("what was read back differs from what was written"),
    })
}

impl Drop for Transaction<'_> {
    /// Takes everything back, unless it was committed. What fails here the next command repeats.
    fn drop(&mut self) {
        let taken_back = match self.progress {
            Progress::Prepared => {
                remove_staged(self.layout, self.id).is_ok() && self.ledger.abandon(self.id).is_ok()
            }
            // The files must stay for as long as the ledger may ask for them.
            Progress::Uncertain => {
                self.ledger.abandon(self.id).is_ok() && remove_staged(self.layout, self.id).is_ok()
            }
            Progress::Committed => false,
        };
        if taken_back {
            // They go only if they are empty, as they are where they were made for this transaction.
            for directory in self.layout.published() {
                let _ = self.layout.directory().remove_directory(directory);
            }
        }
    }
}
