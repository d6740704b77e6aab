//! Looks at one file or directory: below a PKI directory without following symlinks, elsewhere through
//! them, for those to what is in use are common.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::FileType;
use zeroize::Zeroizing;

use super::account;
use crate::{
    check::facts::{Content, FileKind, Found, Item, Part, SiteKind, holds_key, part_of, stray},
    store::{
        directory::{Directory, Look},
        files,
        layout::file,
    },
};

/// How far a look reaches.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach<'d> {
    /// Below an open directory, and nowhere else
    Below(&'d Directory),
    /// Wherever symlinks lead
    Anywhere,
}

/// Files of a CA; CRLs need not be there.
const AUTHORITY: &[(&str, Part)] = &[
    (file::CERTIFICATE, Part::Certificate),
    (file::KEY, Part::Key),
    (file::KEY_URI, Part::KeyUri),
    (file::BUNDLE, Part::Bundle),
    (file::CHAIN, Part::Chain),
    (file::CRL, Part::Crl),
    (file::CRL_AHEAD, Part::CrlAhead),
    (file::CRL_BUNDLE, Part::CrlBundle),
    (file::REQUEST, Part::Request),
];

/// Files of an entry; a request need not be there.
const ENTRY: &[(&str, Part)] = &[
    (file::CERTIFICATE, Part::Certificate),
    (file::KEY, Part::Key),
    (file::TRUST, Part::Trust),
    (file::TRUST_CHAIN, Part::TrustChain),
    (file::NEW_KEY, Part::WaitingKey),
    (file::REQUEST, Part::Request),
];

/// A file of another kind is searched for a private key up to this size.
const MAX_SEARCHED: u64 = 1 << 20;

impl Reach<'_> {
    /// Everything in the directory of a CA or an entry, and what is missing there.
    pub(super) fn directory(self, kind: SiteKind, path: &Path) -> Vec<Item> {
        let expected = match kind {
            SiteKind::Authority => AUTHORITY,
            _ => ENTRY,
        };
        let mut own = self.item(Part::Directory, path);
        if own
            .found
            .as_ref()
            .is_some_and(|found| found.kind == FileKind::Link)
        {
            // What it leads to is none of ours.
            return vec![own];
        }
        let names = match self.names_in(path) {
            Ok(names) => names,
            Err(error) => {
                let found = own.found.iter_mut();
                found.for_each(|found| found.content = Content::Unreadable(error.to_string()));
                Vec::new()
            }
        };
        let mut items = vec![own];
        for &(name, part) in expected {
            let it = match kind {
                // Of what nobody uses any more only the modes count.
                SiteKind::Archived => self.outside(part, &path.join(name)),
                _ => self.item(part, &path.join(name)),
            };
            if it.found.is_some() || !part.is_optional() {
                items.push(it);
            }
        }
        let strays = names
            .iter()
            .filter(|name| expected.iter().all(|(known, _)| known != name));
        items.extend(strays.map(|name| self.item(Part::Stray, &path.join(name))));
        items
    }

    /// Names in a directory, sorted.
    pub(super) fn names_in(self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = match self {
            Self::Anywhere => {
                let names = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name()));
                names.collect::<io::Result<Vec<_>>>()?
            }
            Self::Below(directory) => directory.directory(path)?.entries()?,
        };
        names.sort_unstable();
        // A name that is no text is shown as far as it is, and found to be missing.
        let shown = names.iter().map(|name| name.to_string_lossy().into_owned());
        Ok(shown.collect())
    }

    /// What lies under a name, and what is in it.
    pub(super) fn item(self, part: Part, path: &Path) -> Item {
        let mut found = self.see(path);
        if let Some(seen) = &mut found {
            let is_read = match part {
                Part::Beside(_)
                | Part::Bundle
                | Part::Certificate
                | Part::Chain
                | Part::Crl
                | Part::CrlAhead
                | Part::CrlBundle
                | Part::Key
                | Part::KeyUri
                | Part::Peers
                | Part::Trust
                | Part::TrustChain
                | Part::WaitingKey => true,
                Part::Stray => seen.size <= MAX_SEARCHED,
                _ => false,
            };
            if is_read && seen.found.kind == FileKind::File {
                seen.take(part, self.read(&seen.real).map(Zeroizing::new));
            }
        }
        let (path, found) = (path.to_owned(), found.map(|seen| seen.found));
        Item { part, path, found }
    }

    /// What lies under a name, but not what is in it.
    pub(super) fn outside(self, part: Part, path: &Path) -> Item {
        let (path, found) = (path.to_owned(), self.see(path).map(|seen| seen.found));
        Item { part, path, found }
    }

    fn read(self, path: &Path) -> io::Result<Vec<u8>> {
        match self {
            Self::Anywhere => files::read(path),
            Self::Below(directory) => directory.read(path),
        }
    }

    /// Looks at a name; `None` where nothing is.
    fn see(self, path: &Path) -> Option<Seen> {
        match self {
            Self::Anywhere => see(path),
            Self::Below(directory) => see_below(directory, path),
        }
    }
}

/// A file that somebody named: what it is for tells its content. A file may hold both a certificate
/// and its key.
pub(super) fn lone(path: &Path) -> Vec<Item> {
    let mut named = Reach::Anywhere.item(Part::Stray, path);
    let Some(Seen { found, real, .. }) = see(path) else {
        return vec![named];
    };
    let Ok(octets) = files::read(&real).map(Zeroizing::new) else {
        return vec![named];
    };
    named.part = part_of(&octets);
    let read_as = |part: Part| Found {
        holds_key: part.is_key(),
        content: match part {
            Part::Stray => stray(&octets),
            _ => Content::parse(part, &octets),
        },
        ..found.clone()
    };
    let key = (named.part == Part::Certificate && holds_key(&octets)).then(|| Item {
        part: Part::Key,
        path: path.to_owned(),
        found: Some(read_as(Part::Key)),
    });
    named.found = Some(read_as(named.part));
    [Some(named), key].into_iter().flatten().collect()
}

/// The directories above one, up to the root of the file system.
pub(super) fn parents(directory: &Path) -> io::Result<Vec<Item>> {
    let real = fs::canonicalize(directory)?;
    Ok(real
        .ancestors()
        .skip(1)
        .map(|parent| Reach::Anywhere.item(Part::Parent, parent))
        .collect())
}

struct Seen {
    found: Found,
    /// Where it really is
    real: PathBuf,
    size: u64,
}

impl Seen {
    fn take(&mut self, part: Part, octets: io::Result<Zeroizing<Vec<u8>>>) {
        match octets {
            Ok(octets) => {
                self.found.holds_key = holds_key(&octets);
                self.found.content = Content::parse(part, &octets);
            }
            Err(error) => self.found.content = Content::Unreadable(error.to_string()),
        }
    }
}

/// Looks at a name below a directory; a symlink is told, and not followed.
fn see_below(directory: &Directory, path: &Path) -> Option<Seen> {
    let look = match directory.look(path) {
        Ok(look) => look,
        Err(error) if is_missing(&error) => return None,
        Err(error) => {
            return Some(Seen {
                found: refused(&error),
                real: path.to_owned(),
                size: 0,
            });
        }
    };
    let Look {
        kind,
        mode,
        owner,
        group,
        ..
    } = look;
    Some(Seen {
        found: Found {
            kind: match kind {
                FileType::Directory => FileKind::Directory,
                FileType::RegularFile => FileKind::File,
                FileType::Symlink => FileKind::Link,
                _ => FileKind::Other,
            },
            mode,
            owner,
            group,
            shared_with: None,
            link: directory.link(path).ok(),
            holds_key: false,
            content: Content::None,
        },
        real: path.to_owned(),
        size: look.size,
    })
}

/// The group that root lets use a file that nobody else may read, as packages share keys with servers; in a PKI
/// directory, keys are shared with nobody.
fn shared_with(real: &Path, found: &Found) -> Option<String> {
    let is_shared = found.owner == 0 && found.group != 0 && found.mode | 0o200 == 0o640;
    let is_ours = |folder: &Path| folder.join("ledger.db").symlink_metadata().is_ok();
    let real = is_shared.then(|| fs::canonicalize(real).ok()).flatten()?;
    match real.ancestors().skip(1).any(is_ours) {
        true => None,
        false => account::of_servers(found.group),
    }
}

/// Looks at a name, and at what it points to where it is a symlink; `None` where nothing is.
fn see(path: &Path) -> Option<Seen> {
    let seen = |mut found: Found, metadata: Option<&Metadata>, real: PathBuf| {
        found.shared_with = shared_with(&real, &found);
        let size = metadata.map_or(0, Metadata::len);
        Seen { found, real, size }
    };
    let own = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_missing(&error) => return None,
        Err(error) => return Some(seen(refused(&error), None, path.to_owned())),
    };
    if !own.is_symlink() {
        return Some(seen(describe(&own), Some(&own), path.to_owned()));
    }
    let target = fs::metadata(path).and_then(|target| Ok((target, fs::canonicalize(path)?)));
    let mut seen = match target {
        Ok((target, real)) => seen(describe(&target), Some(&target), real),
        // It points to nothing.
        Err(error) if is_missing(&error) => seen(describe(&own), None, path.to_owned()),
        Err(error) => seen(refused(&error), None, path.to_owned()),
    };
    seen.found.link = fs::read_link(path).ok();
    Some(seen)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn describe(metadata: &Metadata) -> Found {
    Found {
        kind: match metadata.file_type() {
            kind if kind.is_dir() => FileKind::Directory,
            kind if kind.is_file() => FileKind::File,
            _ => FileKind::Other,
        },
        mode: metadata.mode() & 0o7777,
        owner: metadata.uid(),
        group: metadata.gid(),
        shared_with: None,
        link: None,
        holds_key: false,
        content: Content::None,
    }
}

fn refused(error: &io::Error) -> Found {
    Found {
        kind: FileKind::Other,
        mode: 0,
        owner: rustix::process::geteuid().as_raw(),
        group: 0,
        shared_with: None,
        link: None,
        holds_key: false,
        content: Content::Unreadable(error.to_string()),
    }
}
