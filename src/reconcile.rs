//! A PKI directory and a fleet file: what differs, and how the one becomes what the other says.

mod authorities;
pub mod description;
pub mod generations;
mod standing;

use std::collections::{BTreeMap, HashMap};

use time::OffsetDateTime;

use crate::{
    diagnostic::Diagnostics,
    extfile::Extfile,
    fleet::{
        AuthoritySpec, EntrySpec, Fleet,
        plan::{self, Action, Change},
    },
    issuance::{
        IssueError, SigningAuthority, defaults, foreign_names,
        leaf::{Batch, issue},
        own_key::Keeping,
        request::{LeafRequest, Model},
    },
    pki::{
        authorities::Authorities, entry_name::EntryName, revocation::Reason, validity::Lifetime,
    },
    store::{
        Pki, StoreError,
        layout::{Area, Place},
        ledger::{
            revocation::{Change as LedgerChange, Fate},
            rotation::Sighting,
        },
        reader::Reader,
        transaction::Transaction,
    },
};
pub use standing::OtherKey;
use standing::{Directory, requested};

/// The extfiles of a fleet, by the path that it names them with.
pub type Extfiles = HashMap<String, Extfile>;

/// What a plan is carried out with.
#[derive(Default)]
pub struct Means<'a> {
    /// The CAs that have to sign
    pub signers: HashMap<EntryName, SigningAuthority>,
    /// Where the keys of CAs that are to be made are kept; in files where nothing is said
    pub keeping: HashMap<EntryName, Keeping<'a>>,
    /// What is noted besides of those who trust a CA that is being rotated
    pub sightings: Vec<Sighting>,
}

/// Why a PKI directory did not become what a fleet file says.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// An extfile asks for what cannot be.
    #[error(transparent)]
    Extfile(#[from] Diagnostics),
    /// An extfile that the fleet file names is not among those that were read.
    #[error("the extfile {0} was not read")]
    ExtfileAbsent(String),
    /// Something could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The ledger or the directory cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What has to be done.
#[derive(Debug)]
pub struct Plan<'f> {
    fleet: &'f Fleet,
    extfiles: &'f Extfiles,
    authorities: authorities::Plan<'f>,
    directory: Directory,
    changes: Vec<Change>,
    /// Entries that get a certificate
    due: Vec<&'f EntrySpec>,
    /// Entries that the file does not name, and that are to go
    pruned: Vec<EntryName>,
}

impl<'f> Plan<'f> {
    /// Compares; with `prune`, what the file does not name is to go.
    ///
    /// # Errors
    ///
    /// Where the PKI directory cannot be read, or an extfile asks for what cannot be.
    pub fn new(
        pki: &Pki,
        there: &'f Authorities,
        fleet: &'f Fleet,
        extfiles: &'f Extfiles,
        prune: bool,
        now: OffsetDateTime,
    ) -> Result<Self, ReconcileError> {
        let authorities = authorities::Plan::new(fleet, there);
        let directory = Directory::read(pki, there, fleet, extfiles)?;
        let standing = |spec: &EntrySpec| directory.standing(spec);
        let reader = Reader::new(pki.layout());
        let damage = |spec: &EntrySpec| directory.damage(spec, &reader);
        let planned = plan::entries(&fleet.entries, standing, now, damage);
        reader.finish()?;
        let pruned = match prune {
            true => directory.unnamed(fleet),
            false => Vec::new(),
        };
        let is_due = |(_, change): &&(_, Change)| change.action != Action::None;
        let due = planned.iter().filter(is_due).map(|(spec, _)| *spec);
        let due = due.collect();
        let mut changes = authorities.changes();
        changes.extend(planned.into_iter().map(|(_, change)| change));
        changes.extend(pruned.iter().filter_map(|name| directory.revoked(name)));
        Ok(Self {
            fleet,
            extfiles,
            authorities,
            directory,
            changes,
            due,
            pruned,
        })
    }

    /// A line for each CA and entry.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether anything is to be done.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.changes.iter().any(|it| it.action != Action::None)
    }

    /// What only the owners of keys can do: with any of it the plan is not to be carried out.
    #[must_use]
    pub fn other_keys(&self) -> Vec<OtherKey> {
        self.directory.other_keys(self.fleet)
    }

    /// The entries that get a certificate.
    #[must_use]
    pub fn due(&self) -> &[&'f EntrySpec] {
        &self.due
    }

    /// What is to be said of names that entries would get and another has that the file does not name: what the file
    /// says of names is meant.
    #[must_use]
    pub fn names_of_others(&self) -> Vec<String> {
        let wanted = self.due.iter().map(|spec| {
            let asked = self.directory.names_of_extfile(spec);
            (&spec.name, asked.unwrap_or_else(|| spec.names.clone()))
        });
        // Whoever is pruned goes, and then nobody is left.
        let others = match self.due.is_empty() || !self.pruned.is_empty() {
            true => Vec::new(),
            false => self.directory.unnamed(self.fleet),
        };
        let others = others.iter();
        let others = others.filter_map(|name| Some((name, self.directory.names(name)?)));
        foreign_names::among(&wanted.collect::<Vec<_>>(), others)
    }

    /// The entries whose files are replaced or go.
    pub fn replaced(&self) -> impl Iterator<Item = &EntryName> {
        let due = self.due.iter().map(|spec| &spec.name);
        due.chain(&self.pruned)
    }

    /// The entries that get a certificate for a key that is elsewhere.
    pub fn elsewhere(&self) -> impl Iterator<Item = &EntryName> {
        let lacks_key = |spec: &&&EntrySpec| self.directory.lacks_key(spec);
        let elsewhere = self.due.iter().filter(lacks_key);
        elsewhere.map(|spec| &spec.name)
    }

    /// The CAs that are made, parents first.
    pub fn made(&self) -> impl Iterator<Item = &'f AuthoritySpec> {
        self.authorities.missing()
    }

    /// The CAs that are there and have to sign.
    pub fn signers(&self) -> impl Iterator<Item = &EntryName> {
        let of_entries = self.due.iter().map(|spec| &spec.ca);
        let of_authorities = self.authorities.standing_parents();
        let all = of_entries.chain(of_authorities);
        all.filter(|name| self.authorities.is_standing(name))
    }

    /// Does it, in one transaction; `progress` is called with how many entries have been written since the last call.
    ///
    /// # Errors
    ///
    /// The first that occurs; nothing is changed then.
    pub fn carry_out(
        &self,
        pki: &mut Pki,
        means: Means<'_>,
        now: OffsetDateTime,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), ReconcileError> {
        let revoked = self.revocations(pki, now)?;
        let mut transaction = pki.begin()?;
        let Means {
            mut signers,
            keeping,
            sightings,
        } = means;
        for sighting in sightings {
            transaction.note_sighting(sighting);
        }
        self.authorities
            .create(&mut transaction, &mut signers, &keeping, now)?;
        for ((issuer, extfile, section), specs) in self.groups() {
            let issuer = authorities::signer(&signers, issuer)?;
            let certificate = &issuer.authority.certificate;
            let asked = extfile.map(|file| requested(self.extfiles, file, section, certificate));
            let asked = asked.transpose()?;
            let batch = Batch {
                issuer: Some(issuer),
                extensions: asked.as_ref(),
                now,
                progress,
            };
            let requests = specs.into_iter().map(|spec| self.request(spec));
            issue(&mut transaction, requests, &batch, &mut |_| {})?;
        }
        self.retire(&mut transaction, revoked);
        Ok(transaction.commit()?)
    }

    /// What is issued with the same CA and the same extfile goes together.
    fn groups(&self) -> BTreeMap<Group<'_>, Vec<&'f EntrySpec>> {
        let mut groups: BTreeMap<Group<'_>, Vec<&EntrySpec>> = BTreeMap::new();
        for spec in &self.due {
            let group = (
                &spec.ca,
                spec.extfile.as_deref(),
                spec.extensions.as_deref(),
            );
            groups.entry(group).or_default().push(spec);
        }
        groups
    }

    fn request(&self, spec: &EntrySpec) -> Result<LeafRequest, IssueError> {
        let usual = Lifetime::Default(defaults::LEAF_LIFETIME);
        Ok(LeafRequest {
            name: spec.name.clone(),
            profile: spec.profile,
            key: self.directory.key(spec)?,
            model: Model::Profile {
                subject: spec.subject.clone(),
                names: spec.names.clone(),
            },
            lifetime: spec.lifetime.map_or(usual, Lifetime::For),
            backdate: defaults::BACKDATE,
        })
    }

    /// What the ledger is to know of the entries that go.
    fn revocations(&self, pki: &Pki, now: OffsetDateTime) -> Result<Vec<LedgerChange>, StoreError> {
        let mut changes = Vec::new();
        for name in &self.pruned {
            if let Some(record) = pki.ledger().current(Area::Entries, name)? {
                changes.push(LedgerChange {
                    issuer: record.issuer,
                    serial: record.serial,
                    fate: Fate::Revoked(now, Reason::CessationOfOperation),
                });
            }
        }
        Ok(changes)
    }

    fn retire(&self, transaction: &mut Transaction<'_>, revoked: Vec<LedgerChange>) {
        for name in &self.pruned {
            transaction.retire(Place::entry(name.clone()));
        }
        for change in revoked {
            transaction.change(change);
        }
    }
}

/// A CA, an extfile, and its section.
type Group<'p> = (&'p EntryName, Option<&'p str>, Option<&'p str>);
