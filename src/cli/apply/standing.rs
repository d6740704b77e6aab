//! What is in the PKI directory, as far as a fleet file asks.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
};

use x509_parser::{
    certificate::{TbsCertificate, X509Certificate},
    prelude::FromDer as _,
};

use super::extfiles;
use crate::{
    cli::Report,
    extfile::{Extfile, Issuer, Requested, Role, Subject},
    fleet::{
        EntrySpec, Fleet,
        plan::{Action, Change, Damage, Reason, Standing, other_key_type},
    },
    host::surroundings::Surroundings,
    issuance::{IssueError, renewal::key_elsewhere, request::LeafKey},
    pki::{
        authorities::Authorities, certificate::Certificate, entry_name::EntryName, pem,
        serial::Serial,
    },
    store::{
        Pki,
        layout::{Area, Layout, Place, file},
        ledger::{Record, Status},
    },
};

/// The entries of the ledger, and what their files must hold.
pub(super) struct Directory {
    entries: HashMap<EntryName, Issued>,
    /// By the name of a CA that can sign: what its entries carry along
    shared: HashMap<EntryName, Shared>,
    /// By file, section and CA: what an extfile asks for
    extfiles: HashMap<(String, Option<String>, EntryName), Requested>,
    layout: Layout,
}

struct Issued {
    standing: Standing,
    /// What was signed
    to_be_signed: Vec<u8>,
}

struct Shared {
    chain: String,
    roots: String,
}

impl From<Record> for Issued {
    fn from(record: Record) -> Self {
        Self {
            standing: Standing {
                issuer: record.issuer.map(|issuer| issuer.to_string()),
                profile: record.kind.name().to_owned(),
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
fn subject(to_be_signed: &[u8]) -> Vec<u8> {
    TbsCertificate::from_der(to_be_signed)
        .map(|(_, parsed)| parsed.subject().as_raw().to_vec())
        .unwrap_or_default()
}

impl Directory {
    pub(super) fn read(
        pki: &Pki,
        authorities: &Authorities,
        fleet: &Fleet,
        base: Option<&Path>,
        surroundings: &Surroundings,
    ) -> Result<Self, Report> {
        let mut directory = Self {
            entries: HashMap::new(),
            shared: HashMap::new(),
            extfiles: HashMap::new(),
            layout: pki.layout().clone(),
        };
        pki.ledger().for_each(|record| {
            if record.status != Status::Current || record.kind.area() != Area::Entries {
                return;
            }
            let name = record.name.clone();
            directory.entries.insert(name, Issued::from(record));
        })?;
        let extfiles = fleet
            .entries
            .iter()
            .filter_map(|spec| Some((spec.extfile.as_deref()?, spec.extensions.as_deref())));
        let extfiles: BTreeSet<_> = extfiles.collect();
        for name in authorities.standing() {
            let authority = pki.authority(name)?;
            let text = |list: &[Certificate]| list.iter().map(Certificate::to_pem).collect();
            let shared = Shared {
                chain: text(&authority.chain),
                roots: text(&authority.roots),
            };
            for (file, section) in &extfiles {
                let certificate = &authority.certificate;
                directory.read_extfile(file, *section, base, name, certificate, surroundings)?;
            }
            directory.shared.insert(name.clone(), shared);
        }
        Ok(directory)
    }

    /// Reads an extfile for a CA.
    fn read_extfile(
        &mut self,
        file: &str,
        section: Option<&str>,
        base: Option<&Path>,
        issuer: &EntryName,
        certificate: &Certificate,
        surroundings: &Surroundings,
    ) -> Result<(), Report> {
        let (requested, _) = requested(base, file, section, certificate, surroundings)?;
        let section = section.map(str::to_owned);
        let key = (file.to_owned(), section, issuer.clone());
        self.extfiles.insert(key, requested);
        Ok(())
    }

    /// What is wrong with an entry's files; quick, because it is asked for each entry of a fleet.
    pub(super) fn damage(&self, spec: &EntrySpec, issuer: &EntryName) -> Option<Damage> {
        let directory = self.layout.place(&Place::entry(spec.name.clone()));
        let read = |name: &'static str| {
            let octets = self.layout.directory().read(directory.join(name)).ok();
            octets
                .filter(|octets| !octets.is_empty())
                .ok_or(Damage::File(name))
        };
        self.look(spec, issuer, read).err()
    }

    fn look(
        &self,
        spec: &EntrySpec,
        issuer: &EntryName,
        read: impl Fn(&'static str) -> Result<Vec<u8>, Damage>,
    ) -> Result<(), Damage> {
        let shared = self.shared.get(issuer).ok_or(Damage::Issuer)?;
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
        let is_whole = both.strip_prefix(trust.as_slice()) == Some(chain);
        if chain != shared.chain.as_bytes() || trust != shared.roots.as_bytes() || !is_whole {
            return Err(Damage::ChainStale);
        }
        self.compare_extensions(spec, issuer, signed)
    }

    /// Whether the certificate has what its extfile asks for.
    fn compare_extensions(
        &self,
        spec: &EntrySpec,
        issuer: &EntryName,
        signed: &[u8],
    ) -> Result<(), Damage> {
        let Some(file) = &spec.extfile else {
            return Ok(());
        };
        let key = (file.clone(), spec.extensions.clone(), issuer.clone());
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
            kind: standing.profile.clone(),
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

    /// Only its owner can make a key of another type where it is elsewhere.
    pub(super) fn refuse_other_keys(&self, fleet: &Fleet) -> Result<(), Report> {
        let refused = |spec: &EntrySpec| {
            let name = &spec.name;
            let standing = self.standing(spec)?;
            let wanted = other_key_type(spec, standing).filter(|_| !standing.has_key)?;
            let message = format!(
                "`{name}` (key type {} → {wanted}): its key is elsewhere, and only its owner can make another",
                standing.key_type
            );
            let hint = format!(
                "there: `certctl request {name} --key-type {wanted} --force`, then here: \
                 `certctl sign request.csr --name {name} --force`; or take `key_type` out of the file"
            );
            Some(Report::refused("key-elsewhere", message).hint(hint))
        };
        let reports = fleet.entries.iter().filter_map(refused);
        Report::all(reports.collect()).map_or(Ok(()), Err)
    }
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

/// Reads an extfile, which lies beside the fleet file.
pub(super) fn requested(
    base: Option<&Path>,
    file: &str,
    section: Option<&str>,
    issuer: &Certificate,
    surroundings: &Surroundings,
) -> Result<(Requested, Extfile), Report> {
    let path: PathBuf = base.map_or_else(|| PathBuf::from(file), |base| base.join(file));
    let read = extfiles::read(&path, surroundings)?;
    let issuer = Issuer::from(&issuer.parsed());
    Ok((read.request(section, Some(&issuer), Role::Leaf)?, read))
}
