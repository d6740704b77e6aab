//! Where everything lies in a PKI directory (the contract's §3).

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{StoreError, directory::Directory};
use crate::pki::{entry_name::EntryName, serial::Serial};

/// File names inside the directory of a CA or an entry.
pub mod file {
    /// The certificate; in an entry the leaf with its intermediates
    pub const CERTIFICATE: &str = "cert.pem";
    /// The private key
    pub const KEY: &str = "key.pem";
    /// Of a CA whose key is in a token or an agent: what names it, in the key's place
    pub const KEY_URI: &str = "key.uri";
    /// On a node, of an entry in use that waits for its next certificate: the key for that
    pub const NEW_KEY: &str = "key.new.pem";
    /// Of an entry that waits for its certificate: the request for it
    pub const REQUEST: &str = "request.csr";
    /// Of a root: the trust bundle
    pub const BUNDLE: &str = "bundle.pem";
    /// Of an intermediate: itself and its parents, without the root
    pub const CHAIN: &str = "chain.pem";
    /// Of a CA: its CRL
    pub const CRL: &str = "crl.pem";
    /// Of a CA: CRLs that were signed in one sitting, each to be published when its time has come
    pub const CRL_AHEAD: &str = "crl-ahead.pem";
    /// Of a root: its CRL and those of all CAs below it, for servers that read one file
    pub const CRL_BUNDLE: &str = "crl-bundle.pem";
    /// Of an entry: the trust bundle
    pub const TRUST: &str = "ca.pem";
    /// Of an entry: the trust bundle and the intermediates
    pub const TRUST_CHAIN: &str = "ca-chain.pem";

    /// All of them
    pub const ALL: [&str; 12] = [
        CERTIFICATE,
        KEY,
        KEY_URI,
        NEW_KEY,
        REQUEST,
        BUNDLE,
        CHAIN,
        CRL,
        CRL_AHEAD,
        CRL_BUNDLE,
        TRUST,
        TRUST_CHAIN,
    ];

    /// What machines that share a ledger fetch from it of a CA: everything that is no key and no machine's own affair.
    const OF_AUTHORITIES: [&str; 5] = [CERTIFICATE, BUNDLE, CHAIN, CRL, CRL_BUNDLE];

    /// What machines that share a ledger give it, and fetch from it. Whom entries trust each of them makes itself, of the
    /// CAs that the ledger knows.
    pub(in crate::store) const fn shared(area: super::Area) -> &'static [&'static str] {
        match area {
            super::Area::Authorities => &OF_AUTHORITIES,
            super::Area::Entries => &[CERTIFICATE],
        }
    }

    /// The mode that a file of this name has.
    #[must_use]
    pub fn mode(name: &str) -> u32 {
        match name {
            KEY | NEW_KEY => crate::store::files::PRIVATE,
            _ => crate::store::files::PUBLIC,
        }
    }
}

/// The two kinds of directories with a certificate.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Area {
    /// `ca/`: roots and intermediates
    Authorities,
    /// `certs/`: issued leaves
    Entries,
}

impl Area {
    /// Both, CAs first: the order in which they are published.
    pub const ALL: [Self; 2] = [Self::Authorities, Self::Entries];

    /// The one whose directory has this name.
    pub(super) fn named(directory: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|area| area.directory() == directory)
    }

    /// Its directory's name.
    #[must_use]
    pub const fn directory(self) -> &'static str {
        match self {
            Self::Authorities => "ca",
            Self::Entries => "certs",
        }
    }
}

/// One directory with a certificate: `ca/root`, `certs/node1`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// In which of the two directories
    pub area: Area,
    /// Under which name
    pub name: EntryName,
}

impl Place {
    /// `ca/NAME`
    #[must_use]
    pub fn authority(name: EntryName) -> Self {
        Self {
            area: Area::Authorities,
            name,
        }
    }

    /// `certs/NAME`
    #[must_use]
    pub fn entry(name: EntryName) -> Self {
        Self {
            area: Area::Entries,
            name,
        }
    }

    /// Below `base`, the PKI directory or a staging directory of the same shape.
    #[must_use]
    pub fn below(&self, base: &Path) -> PathBuf {
        base.join(self.area.directory()).join(self.name.as_str())
    }
}

/// What the name of something staged in the PKI directory says: by which transaction, and for which place.
pub(super) fn read_staged(name: &str) -> Option<(i64, Option<Place>)> {
    let name = name.strip_prefix(STAGING_PREFIX)?;
    let Some((transaction, place)) = name.split_once('.') else {
        return Some((name.parse().ok()?, None));
    };
    let (area, name) = place.split_once('.')?;
    let place = Place {
        area: Area::named(area)?,
        name: name.parse().ok()?,
    };
    Some((transaction.parse().ok()?, Some(place)))
}

/// Whether a name leads nowhere else: what certctl archives is called `NAME-SERIAL`, `NAME-request` or
/// `NAME-unreadable`, and has a number behind it where that is taken.
pub(super) fn is_archived(name: &str) -> bool {
    let is_legal = |octet: u8| octet.is_ascii_alphanumeric() || b"._-".contains(&octet);
    !name.starts_with('.') && name.contains('-') && name.bytes().all(is_legal)
}

/// What a name in the archive says: whose it was, and the serial number where it has one.
pub(super) fn read_archived(name: &str) -> Option<(EntryName, Option<Serial>)> {
    let (owner, label) = name.rsplit_once('-')?;
    let owner = owner.parse().ok()?;
    let label = match label.split_once('.') {
        Some((label, number)) => number.parse::<u32>().ok().map(|_| label)?,
        None => label,
    };
    match label {
        "request" | "unreadable" => Some((owner, None)),
        serial => Some((owner, Some(serial.parse().ok()?))),
    }
}

/// One open PKI directory, and the paths in it.
#[derive(Clone, Debug)]
pub struct Layout {
    directory: Directory,
}

/// Begins the name of a directory in which a command prepares what it will publish.
pub(crate) const STAGING_PREFIX: &str = ".staging-";

impl Layout {
    pub(crate) fn new(directory: Directory) -> Self {
        Self { directory }
    }

    /// The way to what lies at these paths.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Whether there is something at a path, whatever it is.
    ///
    /// # Errors
    ///
    /// Where that cannot be told.
    pub fn holds(&self, path: &Path) -> Result<bool, StoreError> {
        let found = self.directory.find(path);
        let found = found.map_err(|error| StoreError::io("look at", path, error))?;
        Ok(found.is_some())
    }

    /// Opens a directory that need not be there.
    pub(crate) fn find(&self, path: &Path) -> Result<Option<Directory>, StoreError> {
        match self.directory.directory(path) {
            Ok(directory) => Ok(Some(directory)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("open", path, error)),
        }
    }

    /// The PKI directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    /// `ledger.db`
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.ledger_part("")
    }

    /// A file that SQLite keeps beside the ledger, by its suffix.
    pub(super) fn ledger_part(&self, suffix: &str) -> PathBuf {
        self.root().join(format!("ledger.db{suffix}"))
    }

    /// `ca/` or `certs/`
    #[must_use]
    pub fn area(&self, area: Area) -> PathBuf {
        self.root().join(area.directory())
    }

    /// The directories whose content a transaction moves.
    pub(super) fn published(&self) -> [PathBuf; 3] {
        let [authorities, entries] = Area::ALL.map(|area| self.area(area));
        [authorities, entries, self.archive()]
    }

    /// `ca/NAME` or `certs/NAME`
    #[must_use]
    pub fn place(&self, place: &Place) -> PathBuf {
        place.below(self.root())
    }

    /// `archive/`
    #[must_use]
    pub fn archive(&self) -> PathBuf {
        self.root().join("archive")
    }

    /// `archive/NAME-SERIAL`
    #[must_use]
    pub fn archived(&self, name: &EntryName, serial: &Serial) -> PathBuf {
        self.archive().join(format!("{name}-{serial}"))
    }

    /// Where a new ledger is written. Like what else a command prepares it goes if it is interrupted.
    pub(super) fn staged_ledger(&self) -> PathBuf {
        self.root().join(format!("{STAGING_PREFIX}ledger.db"))
    }

    /// Where a transaction prepares what needs directories of its own.
    pub(super) fn staging(&self, transaction: i64) -> PathBuf {
        self.root().join(format!("{STAGING_PREFIX}{transaction}"))
    }

    /// Where a small transaction prepares one directory: `.staging-N.certs.NAME`, beside what is there.
    pub(super) fn staged(&self, transaction: i64, place: &Place) -> PathBuf {
        let Place { area, name } = place;
        let area = area.directory();
        self.root()
            .join(format!("{STAGING_PREFIX}{transaction}.{area}.{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staged_names() {
        let place = |name: &str| Place::entry(name.parse().expect("a name"));
        let home = tempfile::tempdir().expect("a temporary directory can be made");
        let layout = Layout::new(Directory::open(home.path()).expect("it was made"));
        for (name, expected) in [
            (".staging-7", Some((7, None))),
            (".staging-7.certs.n1", Some((7, Some(place("n1"))))),
            (".staging-12.certs.a.b-c", Some((12, Some(place("a.b-c"))))),
            (
                ".staging-1.ca.root",
                Some((1, Some(Place::authority("root".parse().expect("a name"))))),
            ),
            (".staging-ledger.db", None),
            (".staging-7.archive.n1", None),
            (".staging-7.certs..n1", None),
            (".staging-7.certs", None),
            ("staging-7", None),
        ] {
            assert_eq!(read_staged(name), expected, "{name}");
            if let Some((transaction, Some(place))) = expected {
                assert_eq!(layout.staged(transaction, &place), home.path().join(name));
            }
        }
    }
}
