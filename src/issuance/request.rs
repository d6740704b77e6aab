//! What one leaf is to be, and the plan that this makes.

use std::{
    iter,
    panic::resume_unwind,
    sync::{Mutex, PoisonError},
    thread,
};

use time::{Duration, OffsetDateTime};

use super::{IssueError, SigningAuthority, check_plan};
use crate::{
    extfile::{Requested, Subject},
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        extension::Extension,
        general_name::GeneralName,
        issuer::Issuer,
        key::{KeyType, PrivateKey},
        octets::Name,
        plan::{Contents, Extensions, Planned, Recorded},
        profile::{Profile, leaf_extensions},
        public_key::PublicKey,
        renewal::Predecessor,
        rules::Role,
        serial::Serial,
        subject,
        validity::{Lifetime, Validity},
    },
    store::ledger::{Origin, Record, Status},
};

/// Who signs, and what every leaf of a command shares.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// The CA; `None` where every leaf signs itself
    pub issuer: Option<&'a SigningAuthority>,
    /// An extfile's extensions, if there is one: they win over the profile's
    pub extensions: Option<&'a Requested>,
    /// The time of signing
    pub now: OffsetDateTime,
    /// Called with how many leaves have been written since the last call
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// A leaf that lacks its signature and its files.
pub(super) struct Prepared<Plan = Recorded> {
    pub(super) name: EntryName,
    /// `None` where it is elsewhere
    pub(super) key: Option<PrivateKey>,
    pub(super) plan: Plan,
}

/// What one leaf is to be.
#[derive(Debug)]
pub struct LeafRequest {
    /// Its name in the PKI directory
    pub name: EntryName,
    /// What it is for
    pub profile: Profile,
    /// Whose key it is about
    pub key: LeafKey,
    /// What it says
    pub model: Model,
    /// How long it is valid
    pub lifetime: Lifetime,
    /// How far its beginning lies before now
    pub backdate: Duration,
}

/// The key of a leaf.
#[derive(Debug)]
pub enum LeafKey {
    /// Made for it
    New(KeyType),
    /// Made for its predecessor
    Kept(PrivateKey),
    /// Made elsewhere, and staying there
    Elsewhere(PublicKey),
}

/// Where a leaf's subject and extensions come from.
#[derive(Debug)]
pub enum Model {
    /// The profile
    Profile {
        /// Exact DER of the subject; `None` is the usual one, or none where a CA above does not allow that
        subject: Option<Name>,
        /// The subject alternative names
        names: Vec<GeneralName>,
    },
    /// The certificate that it renews
    Predecessor(Box<Predecessor>),
}

/// Prepares all of `requests`, in their order; where keys take long to make, on all cores.
pub(super) fn prepare_all(
    requests: Vec<LeafRequest>,
    batch: &Batch<'_>,
    constraining: &[Certificate],
) -> Result<Vec<(Prepared<Planned>, Record)>, IssueError> {
    let slow = requests.iter().filter(|request| request.is_slow()).count();
    let others = match slow {
        0 | 1 => 0,
        _ => thread::available_parallelism().map_or(0, |cores| cores.get().min(slow) - 1),
    };
    let queue = Mutex::new(requests.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || -> Result<Vec<_>, IssueError> {
        iter::from_fn(next)
            .map(|(place, request)| Ok((place, request.prepare(batch, constraining)?)))
            .collect()
    };
    let mut prepared = thread::scope(|scope| {
        let threads: Vec<_> = (0..others).map(|_| scope.spawn(work)).collect();
        let mut prepared = work()?;
        for thread in threads {
            prepared.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok::<_, IssueError>(prepared)
    })?;
    prepared.sort_by_key(|(place, _)| *place);
    Ok(prepared.into_iter().map(|(_, leaf)| leaf).collect())
}

impl LeafRequest {
    /// Whether its key takes thousands of times as long to make as another.
    pub(super) fn is_slow(&self) -> bool {
        matches!(&self.key, LeafKey::New(key_type) if key_type.rsa_bits().is_some())
    }

    /// Makes the key and plans the certificate; nothing is signed yet.
    ///
    /// `constraining` are the CAs above it that constrain names.
    fn prepare(
        self,
        batch: &Batch<'_>,
        constraining: &[Certificate],
    ) -> Result<(Prepared<Planned>, Record), IssueError> {
        let validity = self.validity(batch)?;
        let origin = self.key.origin();
        let (public_key, key) = self.key.make()?;
        let (model, of) = (&self.model, (&self.name, self.profile));
        let keys = (&public_key, key.as_ref());
        let plan = |subject| model.plan(subject, of, keys, validity, batch);
        let checked = |planned: Planned| {
            let name = self.name.as_str();
            check_plan(name, &planned, Role::Leaf, constraining, batch.now).map(|()| planned)
        };
        let planned = plan(self.model.subject(&self.name)).and_then(checked);
        let planned = match planned {
            // Peers would take the common name, for which nobody has asked, for one of its names.
            Err(IssueError::NamesForbidden { .. }) if self.model.has_usual_subject() => {
                plan(subject::EMPTY.into()).and_then(checked)
            }
            planned => planned,
        }?;
        let record = Record {
            issuer: batch.issuer.map(|issuer| issuer.authority.name.clone()),
            serial: planned.serial().clone(),
            name: self.name.clone(),
            kind: self.profile.into(),
            validity,
            names: planned.names().iter().map(ToString::to_string).collect(),
            key_type: public_key.name().to_owned(),
            origin,
            status: Status::Current,
            to_be_signed: planned.to_be_signed().into(),
        };
        let name = self.name;
        let leaf = Prepared {
            name,
            key,
            plan: planned,
        };
        Ok((leaf, record))
    }

    fn validity(&self, batch: &Batch<'_>) -> Result<Validity, IssueError> {
        let issuer = batch.issuer.map(|issuer| issuer.issuer.validity);
        let validity = Validity::plan(self.lifetime, self.backdate, issuer, batch.now);
        validity.map_err(|source| IssueError::Validity {
            name: self.name.to_string(),
            source,
        })
    }
}

impl LeafKey {
    fn origin(&self) -> Origin {
        match self {
            Self::New(_) | Self::Kept(_) => Origin::Issued,
            Self::Elsewhere(_) => Origin::Requested,
        }
    }

    fn make(self) -> Result<(PublicKey, Option<PrivateKey>), IssueError> {
        let key = match self {
            Self::New(key_type) => PrivateKey::generate(key_type)?,
            Self::Kept(key) => key,
            Self::Elsewhere(key) => return Ok((key, None)),
        };
        Ok((PublicKey::from(&key), Some(key)))
    }
}

impl Model {
    fn subject(&self, name: &EntryName) -> Name {
        match self {
            Self::Profile { subject, .. } => {
                subject.clone().unwrap_or_else(|| subject::usual(name))
            }
            Self::Predecessor(predecessor) => predecessor.subject.clone(),
        }
    }

    fn plan(
        &self,
        subject: Name,
        (name, profile): (&EntryName, Profile),
        (public_key, own): (&PublicKey, Option<&PrivateKey>),
        validity: Validity,
        batch: &Batch<'_>,
    ) -> Result<Planned, IssueError> {
        let serial = Serial::generate()?;
        let own = own.filter(|_| batch.issuer.is_none()).map(|key| {
            let identifier = public_key.identifier();
            Issuer::of_itself(&subject, identifier, &serial, validity, key.key_type())
        });
        let issuer = own.as_ref().or(batch.issuer.map(|issuer| &issuer.issuer));
        let issuer = issuer.ok_or_else(|| IssueError::NoIssuer(name.to_string()))?;
        let certified = Subject {
            name: &subject,
            public_key: public_key.octets(),
            serial: &serial,
        };
        let extensions = self.extensions(profile, public_key, &certified, issuer, batch)?;
        let contents = Contents {
            serial,
            subject,
            validity,
            public_key_info: public_key.info().clone(),
            extensions,
        };
        Ok(Planned::new(contents, issuer)?)
    }

    fn has_usual_subject(&self) -> bool {
        matches!(self, Self::Profile { subject: None, .. })
    }

    fn extensions(
        &self,
        profile: Profile,
        key: &PublicKey,
        subject: &Subject<'_>,
        issuer: &Issuer,
        batch: &Batch<'_>,
    ) -> Result<Extensions, IssueError> {
        let mut extensions = match self {
            Self::Profile { names, .. } => leaf_extensions(profile, key, names),
            Self::Predecessor(predecessor) => {
                Extensions::Exact(predecessor.extensions(&key.identifier(), issuer))
            }
        };
        if let Some(url) = batch.issuer.and_then(|issuer| issuer.crl_url.as_ref()) {
            extensions.add_crl_url(url);
        }
        match (self, batch.extensions) {
            (Self::Profile { .. }, Some(requested)) => {
                let own = extensions.to_list(&issuer.key_identifier)?;
                Ok(Extensions::Exact(override_with(own, requested, subject)))
            }
            _ => Ok(extensions),
        }
    }
}

/// Puts an extfile's extensions in the place of the profile's: where both speak, the file wins
/// (the contract's §4); what only the profile has comes first.
fn override_with(
    mut extensions: Vec<Extension>,
    requested: &Requested,
    subject: &Subject<'_>,
) -> Vec<Extension> {
    let theirs = requested.extensions(subject);
    extensions.retain(|ours| {
        !requested.omitted().contains(&ours.oid) && theirs.iter().all(|found| found.oid != ours.oid)
    });
    extensions.extend(theirs);
    extensions
}
