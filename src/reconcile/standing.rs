//! What is in the PKI directory, as far as a fleet file asks.

use std::collections::{BTreeSet, HashMap, HashSet};

use x509_parser::{
    certificate::{TbsCertificate, X509Certificate},
    oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME,
    prelude::FromDer as _,
};

use super::{Extfiles, ReconcileError};
use crate::{
    extfile::{IssuerCertificate, Requested, Role, Subject},
    fleet::{
        EntrySpec, Fleet,
        plan::{Action, Change, Damage, Kind, Reason, Standing, other_key_type},
    },
    issuance::{IssueError, renewal::key_elsewhere, request::LeafKey},
    pki::{
        authorities::Authorities,
        certificate::Certificate,
        entry_name::EntryName,
        general_name::GeneralName,
        key::KeyType,
        octets::{Name, Tbs},
        pem,
        serial::Serial,
    },
    store::{
        Pki,
        layout::{Area, Layout, Place, file},
        ledger::{Record, Status},
        reader::Reader,
    },
};

/// The entries of the ledger, and what their files must hold.
#[derive(Debug)]
pub(super) struct Directory {
    entries: HashMap<EntryName, Issued>,
    /// By the name of a CA that can sign: what its entries carry along
    shared: HashMap<EntryName, Shared>,
    /// By file, section and CA: what an extfile asks for
    extfiles: HashMap<(String, Option<String>, EntryName), Requested>,
    layout: Layout,
    /// Entries whose keys are on other machines that share the ledger
    elsewhere: HashSet<EntryName>,
}

#[derive(Debug)]
struct Issued {
    standing: Standing,
    /// What was signed
    to_be_signed: Tbs,
}

#[derive(Debug)]
struct Shared {
    chain: String,
    intermediates: String,
    roots: String,
}

impl From<Record> for Issued {
    fn from(record: Record) -> Self {
        Self {
            standing: Standing {
                issuer: record.issuer,
                // Entries have one, all of them.
                profile: record.kind.profile().unwrap_or_default(),
                key_type: record.key_type,
                has_key: record.origin.has_key(),
                subject: subject(&record.to_be_signed),
                names: record.names,
                validity: record.validity,
            },
            to_be_signed: record.to_be_signed,
        }
    }
}

/// The subject of what was signed; empty where it is unreadable, which makes it differ.
fn subject(to_be_signed: &[u8]) -> Name {
    TbsCertificate::from_der(to_be_signed)
        .map(|(_, parsed)| parsed.subject().as_raw().into())
        .unwrap_or_default()
}

impl Directory {
    pub(super) fn read(
        pki: &Pki,
        authorities: &Authorities,
        fleet: &Fleet,
        extfiles: &Extfiles,
    ) -> Result<Self, ReconcileError> {
        let mut directory = Self {
            entries: HashMap::new(),
            shared: HashMap::new(),
            extfiles: HashMap::new(),
            layout: pki.layout().clone(),
            elsewhere: HashSet::new(),
        };
        pki.ledger().for_each(|record| {
            if record.status != Status::Current || record.kind.area() != Area::Entries {
                return;
            }
            let name = record.name.clone();
            if record.origin.has_key() && pki.is_kept_elsewhere(&record.place()) {
                directory.elsewhere.insert(name.clone());
            }
            directory.entries.insert(name, Issued::from(record));
        })?;
        let asked = fleet
            .entries
            .iter()
            .filter_map(|spec| Some((spec.extfile.as_deref()?, spec.extensions.as_deref())));
        let asked: BTreeSet<_> = asked.collect();
        for name in authorities.standing() {
            let authority = pki.authority(name)?;
            let text = |list: &[Certificate]| list.iter().map(Certificate::to_pem).collect();
            let shared = Shared {
                chain: text(&authority.behind()),
                intermediates: text(&authority.intermediates),
                roots: text(&authority.roots),
            };
            for (file, section) in &asked {
                let requested = requested(extfiles, file, *section, &authority.certificate)?;
                let section = section.map(str::to_owned);
                let key = ((*file).to_owned(), section, name.clone());
                directory.extfiles.insert(key, requested);
            }
            directory.shared.insert(name.clone(), shared);
        }
        Ok(directory)
    }

    /// What is wrong with an entry's files; quick, because it is asked for each entry of a fleet.
    pub(super) fn damage(&self, spec: &EntrySpec, reader: &Reader<'_>) -> Option<Damage> {
        if self.elsewhere.contains(&spec.name) {
            // Its files are looked after where its key is.
            return None;
        }
        let directory = self.layout.place(&Place::entry(spec.name.clone()));
        let read = |name: &'static str| {
            let octets = reader.read(&directory.join(name)).ok();
            octets
                .filter(|octets| !octets.is_empty())
                .ok_or(Damage::File(name))
        };
        self.look(spec, read).err()
    }

    fn look(
        &self,
        spec: &EntrySpec,
        read: impl Fn(&'static str) -> Result<Vec<u8>, Damage>,
    ) -> Result<(), Damage> {
        let shared = self.shared.get(&spec.ca).ok_or(Damage::Issuer)?;
        let found = self.entries.get(&spec.name);
        let Issued {
            standing,
            to_be_signed: signed,
        } = found.ok_or(Damage::File(file::CERTIFICATE))?;
        let own = read(file::CERTIFICATE)?;
        let (leaf, chain) = split_first(&own).ok_or(Damage::File(file::CERTIFICATE))?;
        if !is_signed_form(&leaf, signed) {
            return Err(Damage::File(file::CERTIFICATE));
        }
        if standing.has_key {
            zeroize::Zeroizing::new(read(file::KEY)?);
        }
        let trust = read(file::TRUST)?;
        let both = read(file::TRUST_CHAIN)?;
        let others = both.strip_prefix(trust.as_slice());
        let is_whole = others == Some(shared.intermediates.as_bytes());
        if chain != shared.chain.as_bytes() || trust != shared.roots.as_bytes() || !is_whole {
            return Err(Damage::ChainStale);
        }
        self.compare_extensions(spec, signed)
    }

    /// Whether the certificate has what its extfile asks for.
    fn compare_extensions(&self, spec: &EntrySpec, signed: &[u8]) -> Result<(), Damage> {
        let Some(file) = &spec.extfile else {
            return Ok(());
        };
        let key = (file.clone(), spec.extensions.clone(), spec.ca.clone());
        let (Some(requested), Ok((_, signed))) =
            (self.extfiles.get(&key), TbsCertificate::from_der(signed))
        else {
            return Ok(());
        };
        let wanted = requested.extensions(&Subject {
            name: signed.subject().as_raw(),
            public_key: &signed.public_key().subject_public_key.data,
            serial: &Serial::from_integer(signed.raw_serial()),
        });
        let has = |wanted: &crate::pki::extension::Extension| {
            signed.extensions().iter().any(|found| {
                found.oid == wanted.oid
                    && found.critical == wanted.critical
                    && found.value == wanted.value
            })
        };
        match wanted.iter().all(has) {
            true => Ok(()),
            false => Err(Damage::Extensions),
        }
    }

    /// The names of an entry in use, typed.
    pub(super) fn names(&self, name: &EntryName) -> Option<&[String]> {
        Some(&self.entries.get(name)?.standing.names)
    }

    /// The names that an extfile asks for in the place of the fleet file's; by which CA they are asked does not matter.
    pub(super) fn names_of_extfile(&self, spec: &EntrySpec) -> Option<Vec<GeneralName>> {
        let file = spec.extfile.as_ref()?;
        let mut all = self.extfiles.iter();
        let is_its = |(of, section, _): &&(String, Option<String>, EntryName)| {
            of == file && *section == spec.extensions
        };
        let (_, requested) = all.find(|(key, _)| is_its(key))?;
        let has_names = requested.includes(&OID_X509_EXT_SUBJECT_ALT_NAME);
        has_names.then(|| requested.names())
    }

    /// Entries that the file does not name, in the order of their names.
    pub(super) fn unnamed(&self, fleet: &Fleet) -> Vec<EntryName> {
        let wanted: HashSet<_> = fleet.entries.iter().map(|spec| &spec.name).collect();
        let unnamed = self.entries.keys().filter(|name| !wanted.contains(name));
        let mut names: Vec<EntryName> = unnamed.cloned().collect();
        names.sort();
        names
    }

    /// The line of a plan that takes an entry out.
    pub(super) fn revoked(&self, name: &EntryName) -> Option<Change> {
        let standing = &self.entries.get(name)?.standing;
        Some(Change {
            action: Action::Revoke,
            name: name.clone(),
            kind: Kind::Entry(standing.profile),
            issuer: standing.issuer.clone(),
            reason: Reason::Unnamed,
            differences: Vec::new(),
        })
    }

    /// The entry as it is.
    pub(super) fn standing(&self, spec: &EntrySpec) -> Option<&Standing> {
        Some(&self.entries.get(&spec.name)?.standing)
    }

    /// Whether there is such an entry, and its key elsewhere.
    pub(super) fn lacks_key(&self, spec: &EntrySpec) -> bool {
        self.standing(spec)
            .is_some_and(|standing| !standing.has_key)
    }

    /// The key of an entry's next certificate: a new one, but what is elsewhere stays.
    pub(super) fn key(&self, spec: &EntrySpec) -> Result<LeafKey, IssueError> {
        let issued = self.entries.get(&spec.name);
        match issued.filter(|issued| !issued.standing.has_key) {
            Some(issued) => key_elsewhere(&issued.to_be_signed),
            None => Ok(LeafKey::New(spec.key_type.unwrap_or_default())),
        }
    }

    /// Entries that are to have a key of another type though theirs is elsewhere: only its owner can make it.
    pub(super) fn other_keys(&self, fleet: &Fleet) -> Vec<OtherKey> {
        let other = |spec: &EntrySpec| {
            let standing = self.standing(spec)?;
            let wanted = other_key_type(spec, standing).filter(|_| !standing.has_key)?;
            Some(OtherKey {
                name: spec.name.clone(),
                key_type: standing.key_type.clone(),
                wanted,
            })
        };
        fleet.entries.iter().filter_map(other).collect()
    }
}

/// An entry that would need another key, which only its owner can make.
#[derive(Debug)]
pub struct OtherKey {
    /// The entry
    pub name: EntryName,
    /// The type of its key
    pub key_type: String,
    /// The type that the file asks for
    pub wanted: KeyType,
}

/// The DER of the first PEM block, and the text behind it.
fn split_first(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    const END: &[u8] = b"-----END CERTIFICATE-----\n";
    let end = text.windows(END.len()).position(|window| window == END)? + END.len();
    let block = pem::decode(&text[..end]).ok()?.into_iter().next()?;
    Some((block.contents.to_vec(), &text[end..]))
}

/// Whether a certificate is what the ledger says was signed.
fn is_signed_form(certificate: &[u8], signed: &[u8]) -> bool {
    X509Certificate::from_der(certificate)
        .is_ok_and(|(_, parsed)| parsed.tbs_certificate.as_ref() == signed)
}

/// What an extfile asks of a CA.
pub(super) fn requested(
    extfiles: &Extfiles,
    file: &str,
    section: Option<&str>,
    issuer: &Certificate,
) -> Result<Requested, ReconcileError> {
    let absent = || ReconcileError::ExtfileAbsent(file.to_owned());
    let read = extfiles.get(file).ok_or_else(absent)?;
    let issuer = IssuerCertificate::from(&issuer.parsed());
    Ok(read.request(section, Some(&issuer), Role::Leaf)?)
}
