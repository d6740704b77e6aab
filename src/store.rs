//! The PKI directory: who may work on it, what lies in it, and how it changes as a whole or not at all.

use std::{path::Path, time::Duration};

pub mod authority;
pub mod crossing;
mod digest;
pub mod directory;
pub mod entry;
mod error;
pub(crate) mod evidence;
pub mod files;
pub mod generations;
mod held;
pub mod layout;
pub mod ledger;
pub(crate) mod ledger_files;
mod lineage;
mod locate;
pub(crate) mod lock;
pub mod outside;
mod publish;
pub mod pull;
pub(crate) mod reader;
pub mod rebuild;
mod recovery;
mod rotating;
pub mod share;
pub mod shared;
pub mod sharing;
pub mod stage;
mod staged;
pub mod transaction;
mod trust;
pub mod waiting;

pub use error::StoreError;
use error::{is_read_only, is_without_room};
use held::{Held, ignore, without_ledger};
use layout::Layout;
use ledger::{Ledger, event::Author};
use ledger_files::{has_certificates, has_log};
pub(crate) use locate::locate;
use lock::Sharing;
use shared::{Settings, SharedError};
use transaction::Transaction;
pub use trust::Distrust;

/// What the user is told where the shared ledger has more of this directory than the directory itself.
const OLDER: &str = "took over from the shared ledger what this directory had made and did not know: its ledger.db was put \
                     back from a backup, or somebody wrote there in its name (`certctl log` shows what)";

/// What a command wants with the PKI directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Change it, and make it where it is missing
    Create,
    /// Give a shared ledger what is known here
    Copy,
    /// Only look
    Read,
    /// Put on record what lies there, with a new ledger where that is lost
    Rebuild,
    /// Change it
    Write,
}

/// An open and locked PKI directory.
#[derive(Debug)]
pub struct Pki {
    // Closed before the lock is given back.
    ledger: Ledger,
    held: Held,
    author: Author,
    distrust: Option<Distrust>,
    repaired: Option<&'static str>,
    stale: Option<SharedError>,
}

/// A shared ledger that a new PKI directory is to belong to, and who has it so.
#[derive(Clone, Copy, Debug)]
pub struct Joining<'a> {
    /// Where the ledger is
    pub url: &'a str,
    /// In words for others that share it
    pub author: &'a str,
}

impl Pki {
    /// Opens and locks the PKI directory, waiting up to `wait`, and repairs what an interrupted command left.
    ///
    /// One that others can change is only looked at: see [`Pki::distrust`].
    ///
    /// # Errors
    ///
    /// Where there is none (unless `access` is [`Access::Create`]), it stays locked, it cannot be read, or it
    /// is to be changed and others can change it too.
    pub fn open(directory: &Path, access: Access, wait: Duration) -> Result<Self, StoreError> {
        if access != Access::Read {
            return Self::open_alone(directory, access, wait, None);
        }
        if let Some(pki) = Self::open_shared(directory, wait)? {
            return Ok(pki);
        }
        match Self::open_alone(directory, access, wait, None) {
            Err(StoreError::Ledger(error)) if is_without_room(&error) => {
                Self::open_full(directory, wait, error)
            }
            opened => opened,
        }
    }

    /// For a reader of a copy that cannot be written, as where the disk is full: what it has can be looked at.
    fn open_full(
        directory: &Path,
        wait: Duration,
        error: rusqlite::Error,
    ) -> Result<Self, StoreError> {
        let (layout, _) = locate(directory, Access::Read)?;
        let lock = lock::lock(&layout, Sharing::Shared, wait)?;
        let (true, false) = (lock.is_some(), has_log(&layout)) else {
            return Err(error.into());
        };
        let ledger = Ledger::open_read_only(&layout)?;
        if !ledger.is_copy()? || recovery::is_needed(&layout, &ledger)? {
            return Err(error.into());
        }
        Ok(Self {
            ledger,
            held: Held::existing(layout, lock),
            author: Author::default(),
            distrust: None,
            repaired: None,
            stale: Some(SharedError::Unwritten(error.to_string())),
        })
    }

    /// The same for a command that begins a directory whose ledger others share. One that is there must belong to it.
    ///
    /// # Errors
    ///
    /// As [`Pki::open`]; where the ledger cannot be reached; where the directory has another.
    pub fn join(
        directory: &Path,
        access: Access,
        wait: Duration,
        joining: Joining<'_>,
    ) -> Result<Self, StoreError> {
        shared::check_url(joining.url)?;
        let pki = Self::open_alone(directory, access, wait, Some(joining))?;
        match Settings::read(pki.layout())? {
            Some(settings) if settings.url == joining.url => Ok(pki),
            Some(_) => Err(StoreError::LedgerAnother(directory.to_owned())),
            None => Err(StoreError::LedgerOwn(directory.to_owned())),
        }
    }

    fn open_alone(
        directory: &Path,
        access: Access,
        wait: Duration,
        joining: Option<Joining<'_>>,
    ) -> Result<Self, StoreError> {
        let (held, was_left) = Held::new(directory, access, wait, joining)?;
        if has_log(&held.layout) {
            // While it is still there to say so.
            recovery::sync_published(&held.layout)?;
        }
        let ledger = Ledger::open(&held.layout)?;
        let mut pki = Self {
            ledger,
            held,
            author: Author::default(),
            distrust: None,
            repaired: None,
            stale: None,
        };
        pki.ledger.attach(&pki.held.layout)?;
        let recovered = match pki.catch_up() {
            // What is known here can be looked at.
            Err(StoreError::Shared(error)) if access == Access::Read && error.is_survived() => {
                pki.stale = Some(error);
                None
            }
            Err(StoreError::Shared(SharedError::Older | SharedError::Forgotten))
                if access == Access::Copy =>
            {
                None
            }
            recovered => recovered?,
        };
        let tightened = pki
            .held
            .tightened
            .map(|_| "made the directory yours alone (mode 0700)");
        let removed = was_left.then_some(recovery::REMOVED);
        pki.repaired = recovered.or(removed).or(tightened);
        Ok(pki)
    }

    /// Repairs what an interrupted command left, and learns what others did who share the ledger.
    fn catch_up(&mut self) -> Result<Option<&'static str>, StoreError> {
        let recovered = recovery::recover(&self.held.layout, &mut self.ledger)?;
        let is_older = self.ledger.refresh()?;
        Ok(recovered.or(is_older.then_some(OLDER)))
    }

    /// For a reader: beside others where nothing is to be repaired; `None` where something is.
    fn open_shared(directory: &Path, wait: Duration) -> Result<Option<Self>, StoreError> {
        let (layout, _) = locate(directory, Access::Read)?;
        let distrust = distrust(&layout)?;
        if distrust.is_some() {
            return Self::open_foreign(layout, distrust).map(Some);
        }
        let learns = layout.holds(&layout.root().join(shared::SETTINGS))?
            && layout.directory().check_writable().is_ok();
        if learns {
            return Ok(None);
        }
        let Some(lock) = lock::lock(&layout, Sharing::Shared, wait)? else {
            return Err(without_ledger(&layout));
        };
        if has_log(&layout) {
            return Ok(None);
        }
        let held = Held::existing(layout, Some(lock));
        let ledger = match Ledger::open_shared(&held.layout) {
            // It would not see what is in a log, but there is none.
            Err(StoreError::Ledger(error)) if is_read_only(&error) || is_without_room(&error) => {
                Ledger::open_read_only(&held.layout)?
            }
            other => other?,
        };
        if recovery::is_needed(&held.layout, &ledger)? {
            return Ok(None);
        }
        Ok(Some(Self {
            ledger,
            held,
            author: Author::default(),
            distrust: None,
            repaired: None,
            stale: None,
        }))
    }

    /// For a reader of what others can change: from a copy in memory, without a lock that would hold others up.
    fn open_foreign(layout: Layout, distrust: Option<Distrust>) -> Result<Self, StoreError> {
        if !layout.holds(&layout.ledger())? {
            return Err(without_ledger(&layout));
        }
        Ok(Self {
            ledger: Ledger::copy(&layout)?,
            held: Held::existing(layout, None),
            author: Author::default(),
            distrust,
            repaired: None,
            stale: None,
        })
    }

    /// Where everything lies.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.held.layout
    }

    /// What was signed.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Why it was only looked at: neither repaired nor locked.
    #[must_use]
    pub fn distrust(&self) -> Option<&Distrust> {
        self.distrust.as_ref()
    }

    /// What was repaired when the directory was opened, in words for the user.
    #[must_use]
    pub fn repaired(&self) -> Option<&'static str> {
        self.repaired
    }

    /// Why what others did who share the ledger is not known: it could not be reached.
    #[must_use]
    pub fn stale(&self) -> Option<&SharedError> {
        self.stale.as_ref()
    }

    /// Has a directory stay that this command made, although nothing is in its ledger.
    pub fn keep(&mut self) {
        ignore(self.layout());
        self.held.keep();
    }

    /// Has nothing recorded at a shared ledger: what follows is taken back.
    pub fn rehearse(&mut self) {
        self.ledger.rehearse();
    }

    /// Says who makes the changes that follow, for the history.
    pub fn set_author(&mut self, author: Author) {
        self.author = author;
    }

    /// Begins a change. Dropped without [`Transaction::commit`], it leaves everything as it was.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read, or others can change the directory.
    pub fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        if let Some(distrust) = &self.distrust {
            return Err(StoreError::Distrusted(distrust.clone()));
        }
        Transaction::begin(&self.held.layout, &mut self.ledger, self.author.clone())
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        let made = self.held.made_directory || self.held.made_ledger;
        // A request for a certificate leaves a key, and no row.
        let waits = !self.held.rebuilds && has_certificates(self.layout());
        if made && (waits || !self.ledger.is_empty().unwrap_or(false)) {
            ignore(self.layout());
            self.held.keep();
        }
    }
}

/// Why the directory is not believed, if it is not.
pub(crate) fn distrust(layout: &Layout) -> Result<Option<Distrust>, StoreError> {
    let root = layout.root();
    Distrust::in_directory(layout).map_err(|error| StoreError::io("look at", root, error))
}
