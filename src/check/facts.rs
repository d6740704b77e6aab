//! What lies in one directory, as facts: gathered elsewhere, judged here.

use std::{cell::OnceCell, path::PathBuf, sync::Arc};

use time::OffsetDateTime;

use super::Terms;
pub use super::content::{Content, Part, PublicHalf, holds_key, part_of, stray};
use crate::newer::Newer;
use crate::pki::{
    certificate::Certificate,
    certificate::{bundle_digest, chain_digest},
    chain::{Chain, Failure, Policy, Purpose, Request, verify},
    revocation_list::RevocationList,
    serial::Serial,
};

/// A directory, or a file of its own, with all that is judged together.
#[derive(Debug)]
pub struct Site {
    /// What is expected there
    pub kind: SiteKind,
    /// Name of the CA or entry; empty where it has none here
    pub name: String,
    /// All that is there, or should be
    pub items: Vec<Item>,
    /// What the ledger says of it
    pub recorded: Recorded,
    /// Certificates of all CAs of the PKI directory; none elsewhere
    pub known: Arc<[Certificate]>,
    /// Certificates of those CAs as they are in use; none elsewhere
    pub authorities: Arc<[Certificate]>,
    /// What a CA has revoked, as the ledger knows it
    pub revoked: Vec<Revoked>,
    /// What lies beside the ledger and knows more of this CA than the ledger does
    pub newer: Vec<Newer>,
    /// The nearest CA above it that is revoked, as the ledger knows it
    pub revoked_issuer: Option<String>,
    /// Who owns the directory that the check began in
    pub base_owner: u32,
    path: OnceCell<Option<Result<Chain, Box<Failure>>>>,
}

/// What a node holds: whose certificate, and whom it trusts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Installed {
    /// The trust bundle
    pub bundle: PathBuf,
    /// Serial number of the certificate
    pub serial: Serial,
    /// SHA-256 of the bundle's certificates, as [`bundle_digest`] makes it
    pub digest: Vec<u8>,
    /// SHA-256 of each of them
    pub roots: Vec<Vec<u8>>,
    /// SHA-256 of what is sent behind the certificate, as [`chain_digest`] makes it
    pub chain: Vec<u8>,
}

/// What is expected in a directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SiteKind {
    /// What was replaced or revoked: only its modes count
    Archived,
    /// A CA
    Authority,
    /// An entry away from its PKI directory
    Copy,
    /// What a configuration file names for one endpoint
    Endpoint,
    /// An entry
    Entry,
    /// Files that somebody named one by one
    Lone,
    /// The PKI directory itself
    Pki,
}

/// What the ledger says of a directory.
#[derive(Clone, Debug)]
pub enum Recorded {
    /// Its certificate is this one
    As(Row),
    /// Nothing
    No,
    /// There is no ledger at hand
    Unknown,
}

/// What the ledger knows of a certificate.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its serial number
    pub serial: Serial,
    /// SHA-256 of its `TBSCertificate`
    pub digest: [u8; 32],
    /// The CA that signed it; none for what signed itself
    pub issuer: Option<String>,
    /// Whether its private key was made here
    pub has_key: bool,
    /// In use: neither replaced nor revoked
    pub is_current: bool,
    /// A cross certificate, for the key of a CA that lies elsewhere
    pub is_crossing: bool,
    /// A CA whose successor alone is in the bundles
    pub has_made_way: bool,
    /// In a ledger that other machines share
    pub is_shared: bool,
}

/// A certificate that was revoked.
#[derive(Clone, Debug)]
pub struct Revoked {
    /// Its serial number
    pub serial: Serial,
    /// When its time is over, so that no CRL need name it any more
    pub not_after: OffsetDateTime,
}

/// One file or directory.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is there for
    pub part: Part,
    /// Where it is
    pub path: PathBuf,
    /// What was found there; `None` where there is nothing
    pub found: Option<Found>,
}

/// What was found under a name.
#[derive(Clone, Debug)]
pub struct Found {
    /// What kind of file
    pub kind: FileKind,
    /// Permission bits; those of the target where it is a symlink
    pub mode: u32,
    /// Whose it is
    pub owner: u32,
    /// Which group's it is
    pub group: u32,
    /// Of a key that root shares with servers, outside of any PKI directory: the group, in words
    pub shared_with: Option<String>,
    /// Where it points to, if it is a symlink
    pub link: Option<PathBuf>,
    /// Whether a private key is in it
    pub holds_key: bool,
    /// What is in it
    pub content: Content,
}

/// Kinds of files, symlinks followed where that may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileKind {
    /// A directory
    Directory,
    /// A regular file
    File,
    /// A symlink that was not followed
    Link,
    /// A device, pipe or socket, or a symlink to nothing
    Other,
}

impl Site {
    /// A site that nothing is known about yet.
    #[must_use]
    pub fn new(kind: SiteKind, items: Vec<Item>) -> Self {
        Self {
            kind,
            name: String::new(),
            items,
            recorded: Recorded::Unknown,
            known: Arc::default(),
            authorities: Arc::default(),
            revoked: Vec::new(),
            newer: Vec::new(),
            revoked_issuer: None,
            base_owner: 0,
            path: OnceCell::new(),
        }
    }

    pub(super) fn is_entry(&self) -> bool {
        matches!(
            self.kind,
            SiteKind::Copy | SiteKind::Endpoint | SiteKind::Entry
        )
    }

    pub(super) fn item(&self, part: Part) -> Option<&Item> {
        self.items.iter().find(|item| item.part == part)
    }

    /// Whether something is there for this purpose.
    pub(super) fn has(&self, part: Part) -> bool {
        self.item(part).is_some_and(|item| item.found.is_some())
    }

    /// Everything that exists, with its facts.
    pub(super) fn found(&self) -> impl Iterator<Item = (&Item, &Found)> {
        self.items
            .iter()
            .filter_map(|item| Some((item, item.found.as_ref()?)))
    }

    /// The certificates of one file; none where it is missing or malformed.
    pub(super) fn certificates(&self, part: Part) -> &[Certificate] {
        self.item(part).map_or(&[], Item::certificates)
    }

    /// The public half of the key, where it is known.
    pub(super) fn public_key(&self) -> Option<&[u8]> {
        match self.item(Part::Key)?.content() {
            Content::Key(PublicHalf::Known(public_key)) => Some(public_key),
            _ => None,
        }
    }

    /// The certificate that the site is about: the key's own, or else the first.
    pub(super) fn own(&self) -> Option<&Certificate> {
        let certificates = self.certificates(Part::Certificate);
        let key = self.public_key();
        let of_key = |it: &&Certificate| key.is_some_and(|key| it.public_key() == key);
        certificates
            .iter()
            .find(of_key)
            .or_else(|| certificates.first())
    }

    /// The CAs that stand beside the certificate, below the root.
    pub(super) fn intermediates(&self) -> &[Certificate] {
        self.certificates(match self.kind {
            SiteKind::Authority => Part::Chain,
            _ => Part::Certificate,
        })
    }

    /// The way from the own certificate to what the site trusts; `None` where there is nothing to go by.
    pub(super) fn path(&self, terms: &Terms) -> Option<&Result<Chain, Box<Failure>>> {
        let found = self.path.get_or_init(|| {
            let found = self.verify(self.intermediates(), terms)?;
            Some(found.map_err(Box::new))
        });
        found.as_ref()
    }

    /// When the own certificate ends, and in which file it is.
    #[must_use]
    pub fn end(&self) -> Option<(OffsetDateTime, PathBuf)> {
        let path = &self.item(Part::Certificate)?.path;
        Some((self.own()?.validity().not_after, path.clone()))
    }

    /// The certificates that are in use, each with its file: the own one; of lone files, the first of each.
    #[must_use]
    pub fn in_use(&self) -> Vec<(PathBuf, Certificate)> {
        let own = || {
            Some((
                self.item(Part::Certificate)?.path.clone(),
                self.own()?.clone(),
            ))
        };
        match self.kind {
            SiteKind::Archived => Vec::new(),
            SiteKind::Lone => (self.items.iter())
                .filter_map(|it| Some((it.path.clone(), it.certificates().first()?.clone())))
                .collect(),
            _ => own().into_iter().collect(),
        }
    }

    /// What a node holds; `None` elsewhere, and where something of it is missing.
    #[must_use]
    pub fn installed(&self) -> Option<Installed> {
        let is_node = matches!(self.kind, SiteKind::Copy | SiteKind::Endpoint);
        let (own, trust) = (self.own()?, self.item(Part::Trust)?);
        let roots = trust.certificates();
        (is_node && !roots.is_empty()).then(|| Installed {
            bundle: trust.path.clone(),
            serial: own.serial(),
            digest: bundle_digest(roots),
            roots: roots.iter().map(Certificate::fingerprint).collect(),
            chain: chain_digest(own, self.intermediates()),
        })
    }

    /// The files that somebody named one by one.
    pub fn files(&self) -> impl Iterator<Item = &Item> {
        let is_above = |it: &&Item| matches!(it.part, Part::Directory | Part::Parent);
        self.items.iter().filter(move |it| !is_above(it))
    }

    /// Verifies the own certificate with these intermediates.
    pub(super) fn verify(
        &self,
        untrusted: &[Certificate],
        terms: &Terms,
    ) -> Option<Result<Chain, Failure>> {
        let leaf = self.own()?;
        let roots: Vec<_>;
        let trust = match self.kind {
            SiteKind::Copy | SiteKind::Entry => self.certificates(Part::Trust),
            SiteKind::Endpoint if self.has(Part::Trust) => self.certificates(Part::Trust),
            SiteKind::Authority | SiteKind::Endpoint if !leaf.is_self_signed() => {
                let all = self.known.iter();
                roots = all.filter(|ca| ca.is_self_signed()).cloned().collect();
                &roots
            }
            _ => return None,
        };
        let request = Request {
            leaf,
            untrusted,
            trust,
            crls: &[],
            purpose: Purpose::Any,
            host: None,
            at: terms.now,
            policy: Policy::Openssl,
        };
        (!trust.is_empty()).then(|| verify(&request))
    }
}

impl Item {
    /// What is in it; nothing where it is missing.
    pub(super) fn content(&self) -> &Content {
        self.found
            .as_ref()
            .map_or(&Content::None, |found| &found.content)
    }

    /// Whether it bears the hash of a name, as the files in a folder of roots do (`openssl rehash`).
    pub(super) fn is_hashed(&self) -> bool {
        let name = self.path.file_name().and_then(|name| name.to_str());
        let (hash, number) = name.and_then(|it| it.split_once('.')).unwrap_or_default();
        let is_hex = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        hash.len() == 8 && is_hex && number.parse::<u32>().is_ok()
    }

    /// Its CRLs; none where it is missing or malformed.
    pub(super) fn revocation_lists(&self) -> &[RevocationList] {
        match self.content() {
            Content::RevocationLists(lists) => lists,
            _ => &[],
        }
    }

    /// Its certificates; none where it is missing or malformed.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        match self.content() {
            Content::Certificates(certificates) => certificates,
            _ => &[],
        }
    }
}
