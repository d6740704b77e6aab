//! A PKI directory, found or made, and locked for one command.

use std::{
    fs::{self, File},
    path::Path,
    time::Duration,
};

use super::{
    Access, Joining, StoreError,
    directory::Look,
    distrust, files,
    layout::Layout,
    ledger_files::{has_certificates, make_ledger, remove_logs},
    locate,
    lock::{self, Sharing},
    shared::{self, Settings},
};

/// What git is to leave alone.
const IGNORE: &str = ".gitignore";

/// A locked PKI directory. What this command made of it goes again, unless something came of it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) layout: Layout,
    pub(super) made_directory: bool,
    pub(super) made_ledger: bool,
    /// Whether a ledger is of use only if something is in it
    pub(super) rebuilds: bool,
    /// Its mode before it was made its owner's alone
    pub(super) tightened: Option<u32>,
    /// None where others can change the directory: it is looked at without
    lock: Option<File>,
}

impl Held {
    /// Finds and locks the directory for one command alone; true where it began with what a killed one had
    /// left of a new ledger.
    pub(super) fn new(
        directory: &Path,
        access: Access,
        wait: Duration,
        joining: Option<Joining<'_>>,
    ) -> Result<(Self, bool), StoreError> {
        /// As many commands do not come and go at the same instant.
        const ATTEMPTS: usize = 100;
        for _ in 1..ATTEMPTS {
            match Self::attempt(directory, access, wait, joining) {
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
        joining: Option<Joining<'_>>,
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
            // Of a shared ledger nothing is lost with a copy of it.
            Access::Create => joining.is_some() || !has_certificates(&held.layout),
            Access::Rebuild => true,
            Access::Copy | Access::Read | Access::Write => false,
        };
        if !may_begin {
            // Unless it came that instant.
            return match held.layout.holds(&held.layout.ledger())? {
                true => Ok(None),
                false => Err(without_ledger(&held.layout)),
            };
        }
        let join = joining.map(|it| || shared::join(it.url, held.layout.root(), it.author));
        let join = join
            .as_ref()
            .map(|join| join as &dyn Fn() -> Result<Settings, StoreError>);
        let made = make_ledger(&held.layout, wait, join)?;
        Ok(made.map(|made| {
            held.lock = Some(made.lock);
            held.made_ledger = true;
            (held, made.was_left)
        }))
    }

    pub(super) fn existing(layout: Layout, lock: Option<File>) -> Self {
        Self {
            layout,
            made_directory: false,
            made_ledger: false,
            rebuilds: false,
            tightened: None,
            lock,
        }
    }

    pub(super) fn keep(&mut self) {
        (self.made_directory, self.made_ledger, self.tightened) = (false, false, None);
    }
}

impl Drop for Held {
    /// Still under the lock.
    fn drop(&mut self) {
        if self.made_ledger {
            let _ = remove_logs(&self.layout);
            let _ = self.layout.directory().remove_file(self.layout.ledger());
            let _ = Settings::remove(&self.layout);
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
pub(super) fn ignore(layout: &Layout) {
    let path = layout.root().join(IGNORE);
    let _ = layout.directory().create(path, b"*\n", files::PUBLIC);
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
pub(super) fn without_ledger(layout: &Layout) -> StoreError {
    let root = layout.root().to_owned();
    match has_certificates(layout) {
        true => StoreError::LedgerMissing(root),
        false => StoreError::NoPki(root),
    }
}
