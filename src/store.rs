//! The PKI directory: who may work on it, what lies in it, and how it changes as a whole or not at all.

use std::{
    fs::{self, File},
    path::Path,
    time::Duration,
};

pub mod authority;
pub mod crossing;
mod digest;
pub mod directory;
pub mod entry;
mod error;
pub(crate) mod evidence;
pub mod files;
pub mod generations;
pub mod layout;
pub mod ledger;
pub(crate) mod ledger_files;
mod lineage;
mod locate;
pub(crate) mod lock;
pub mod outside;
mod publish;
pub mod rebuild;
mod recovery;
mod rotating;
pub mod share;
pub mod stage;
mod staged;
pub mod transaction;
mod trust;
pub mod waiting;

use directory::Look;
pub use error::StoreError;
use error::is_read_only;
use layout::Layout;
use ledger::{Ledger, event::Author};
use ledger_files::{has_certificates, has_log, make_ledger, remove_logs};
pub(crate) use locate::locate;
use lock::Sharing;
use transaction::Transaction;
pub use trust::Distrust;

/// What git is to leave alone.
const IGNORE: &str = ".gitignore";

/// What a command wants with the PKI directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Change it, and make it where it is missing
    Create,
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
}

/// A locked PKI directory. What this command made of it goes again, unless something came of it.
#[derive(Debug)]
struct Held {
    layout: Layout,
    made_directory: bool,
    made_ledger: bool,
    /// Whether a ledger is of use only if something is in it
    rebuilds: bool,
    /// Its mode before it was made its owner's alone
    tightened: Option<u32>,
    /// None where others can change the directory: it is looked at without
    lock: Option<File>,
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
        if access == Access::Read
            && let Some(pki) = Self::open_shared(directory, wait)?
        {
            return Ok(pki);
        }
        let (held, was_left) = Held::new(directory, access, wait)?;
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
        };
        let recovered = recovery::recover(&pki.held.layout, &mut pki.ledger)?;
        let tightened = pki
            .held
            .tightened
            .map(|_| "made the directory yours alone (mode 0700)");
        let removed = was_left.then_some(recovery::REMOVED);
        pki.repaired = recovered.or(removed).or(tightened);
        Ok(pki)
    }

    /// For a reader: beside others where nothing is to be repaired; `None` where something is.
    fn open_shared(directory: &Path, wait: Duration) -> Result<Option<Self>, StoreError> {
        let (layout, _) = locate(directory, Access::Read)?;
        let distrust = distrust(&layout)?;
        if distrust.is_some() {
            return Self::open_foreign(layout, distrust).map(Some);
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
            Err(StoreError::Ledger(error)) if is_read_only(&error) => {
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

impl Held {
    /// Finds and locks the directory for one command alone; true where it began with what a killed one had
    /// left of a new ledger.
    fn new(directory: &Path, access: Access, wait: Duration) -> Result<(Self, bool), StoreError> {
        /// As many commands do not come and go at the same instant.
        const ATTEMPTS: usize = 100;
        for _ in 1..ATTEMPTS {
            match Self::attempt(directory, access, wait) {
                // Another command made it, and took it away again because nothing came of it.
                Err(StoreError::NoPki(_)) if access == Access::Create => {}
                Ok(None) => {}
                Ok(Some(held)) => return Ok(held),
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::NoPki(directory.to_owned()))
    }

    /// `None` where another command made a ledger just then.
    fn attempt(
        directory: &Path,
        access: Access,
        wait: Duration,
    ) -> Result<Option<(Self, bool)>, StoreError> {
        let (layout, made_directory) = locate(directory, access)?;
        let mut held = Self::existing(layout, None);
        held.made_directory = made_directory;
        held.rebuilds = access == Access::Rebuild;
        if access == Access::Create {
            held.tightened = tighten(&held.layout)?;
        }
        if let Some(distrust) = distrust(&held.layout)? {
            return Err(StoreError::Distrusted(distrust));
        }
        held.lock = lock::lock(&held.layout, Sharing::Exclusive, wait)?;
        if access != Access::Read {
            let layout = &held.layout;
            let writable = layout.directory().check_writable();
            writable.map_err(|error| StoreError::io("write to", layout.root(), error))?;
        }
        if held.lock.is_some() {
            return Ok(Some((held, false)));
        }
        let may_begin = match access {
            Access::Create => !has_certificates(&held.layout),
            Access::Rebuild => true,
            Access::Read | Access::Write => false,
        };
        if !may_begin {
            // Unless it came that instant.
            return match held.layout.holds(&held.layout.ledger())? {
                true => Ok(None),
                false => Err(without_ledger(&held.layout)),
            };
        }
        Ok(make_ledger(&held.layout, wait)?.map(|made| {
            held.lock = Some(made.lock);
            held.made_ledger = true;
            (held, made.was_left)
        }))
    }

    fn existing(layout: Layout, lock: Option<File>) -> Self {
        Self {
            layout,
            made_directory: false,
            made_ledger: false,
            rebuilds: false,
            tightened: None,
            lock,
        }
    }

    fn keep(&mut self) {
        (self.made_directory, self.made_ledger, self.tightened) = (false, false, None);
    }
}

impl Drop for Held {
    /// Still under the lock.
    fn drop(&mut self) {
        if self.made_ledger {
            let _ = remove_logs(&self.layout);
            let _ = self.layout.directory().remove_file(self.layout.ledger());
        }
        if let Some(mode) = self.tightened {
            let _ = self.layout.directory().change_mode("", mode, |_| true);
        }
        if self.made_directory {
            let _ = fs::remove_dir(self.layout.root());
        }
    }
}

/// Keeps a new directory's keys out of the repository that it may lie in. What somebody wrote there stays; the directory
/// is good without it, so that neither a failure nor a crash matters.
fn ignore(layout: &Layout) {
    let path = layout.root().join(IGNORE);
    let _ = layout.directory().create(path, b"*\n", files::PUBLIC);
}

/// Why the directory is not believed, if it is not.
pub(crate) fn distrust(layout: &Layout) -> Result<Option<Distrust>, StoreError> {
    let root = layout.root();
    Distrust::in_directory(layout).map_err(|error| StoreError::io("look at", root, error))
}

/// Makes an empty directory that is to become a PKI directory its owner's alone; hands back its old mode.
fn tighten(layout: &Layout) -> Result<Option<u32>, StoreError> {
    let (directory, root) = (layout.directory(), layout.root());
    let tighten = || {
        let Look { mode, owner, .. } = directory.look_at_itself()?;
        let is_own = owner == rustix::process::geteuid().as_raw();
        if !is_own || mode & !files::DIRECTORY == 0 || !directory.names()?.is_empty() {
            return Ok(None);
        }
        directory.change_mode("", files::DIRECTORY, |look| look.mode == mode)?;
        Ok(Some(mode))
    };
    tighten().map_err(|error| StoreError::io("change the mode of", root, error))
}

/// What is wrong with a directory that has no ledger.
fn without_ledger(layout: &Layout) -> StoreError {
    let root = layout.root().to_owned();
    match has_certificates(layout) {
        true => StoreError::LedgerMissing(root),
        false => StoreError::NoPki(root),
    }
}
