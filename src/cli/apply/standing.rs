//! What is in the PKI directory, as far as a fleet file asks.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
};

use x509_parser::{
    certificate::{TbsCertificate, X509Certificate},
    prelude::FromDer as _,
};

use super::extfile;
use crate::{
    cli::Report,
    extfile::{Issuer, Requested, Role, Subject},
    fleet::{
        EntrySpec, Fleet,
        plan::{Damage, Standing, other_key_type},
    },
    issuance::{IssueError, renewal::key_elsewhere, request::LeafKey},
    pki::{certificate::Certificate, entry_name::EntryName, pem, serial::Serial},
    store::{
        Pki, files,
        layout::{Area, Layout, Place, file},
        ledger::Status,
    },
};

/// The entries of the ledger, and what their files must hold.
pub(super) struct Directory {
    pub(super) standing: HashMap<String, Standing>,
    /// What was signed for each entry
    to_be_signed: HashMap<String, Vec<u8>>,
    /// By the name of a CA: what its entries carry along
    shared: HashMap<String, Shared>,
    /// By file, section and CA: what an extfile asks for
    extfiles: HashMap<(String, Option<String>, String), Requested>,
    layout: Layout,
}

struct Shared {
    chain: String,
    roots: String,
}

impl Directory {
    pub(super) fn read(pki: &Pki, fleet: &Fleet, base: Option<&Path>) -> Result<Self, Report> {
        let mut directory = Self {
            standing: HashMap::new(),
            to_be_signed: HashMap::new(),
            shared: HashMap::new(),
            extfiles: HashMap::new(),
            layout: pki.layout().clone(),
        };
        pki.ledger().for_each(|record| {
            if record.status != Status::Current || record.kind.area() != Area::Entries {
                return;
            }
            directory
                .to_be_signed
                .insert(record.name.clone(), record.to_be_signed);
            directory.standing.insert(
                record.name,
                Standing {
                    issuer: record.issuer,
                    profile: record.kind.name().to_owned(),
                    key_type: record.key_type,
                    has_key: record.origin.has_key(),
                    names: record.names,
                    validity: record.validity,
                },
            );
        })?;
        let extfiles = fleet
            .entries
            .iter()
            .filter_map(|spec| Some((spec.extfile.as_deref()?, spec.extensions.as_deref())));
        let extfiles: BTreeSet<_> = extfiles.collect();
        for record in pki.authorities()? {
            let Ok(name) = record.name.parse::<EntryName>() else {
                continue;
            };
            let authority = pki.authority(&name)?;
            let text = |list: &[Certificate]| list.iter().map(Certificate::to_pem).collect();
            let shared = Shared {
                chain: text(&authority.chain),
                roots: text(&authority.roots),
            };
            for (file, section) in &extfiles {
                directory.read_extfile(
                    file,
                    *section,
                    base,
                    &record.name,
                    &authority.certificate,
                )?;
            }
            directory.shared.insert(record.name, shared);
        }
        Ok(directory)
    }

    /// Reads an extfile for a CA.
    fn read_extfile(
        &mut self,
        file: &str,
        section: Option<&str>,
        base: Option<&Path>,
        issuer: &str,
        certificate: &Certificate,
    ) -> Result<(), Report> {
        let requested = requested(base, file, section, certificate)?;
        let section = section.map(str::to_owned);
        let key = (file.to_owned(), section, issuer.to_owned());
        self.extfiles.insert(key, requested);
        Ok(())
    }

    /// What is wrong with an entry's files; quick, because it is asked for each entry of a fleet.
    pub(super) fn damage(&self, spec: &EntrySpec, issuer: &str) -> Option<Damage> {
        let directory = self.layout.place(&Place::entry(spec.name.clone()));
        let read = |name: &'static str| {
            let octets = files::read(&directory.join(name)).ok();
            octets
                .filter(|octets| !octets.is_empty())
                .ok_or(Damage::File(name))
        };
        self.look(spec, issuer, read).err()
    }

    fn look(
        &self,
        spec: &EntrySpec,
        issuer: &str,
        read: impl Fn(&'static str) -> Result<Vec<u8>, Damage>,
    ) -> Result<(), Damage> {
        let signed = &self.to_be_signed[spec.name.as_str()];
        let shared = &self.shared[issuer];
        let own = read(file::CERTIFICATE)?;
        let (leaf, chain) = split_first(&own).ok_or(Damage::File(file::CERTIFICATE))?;
        if !is_signed_form(&leaf, signed) {
            return Err(Damage::File(file::CERTIFICATE));
        }
        if self.standing[spec.name.as_str()].has_key {
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
        issuer: &str,
        signed: &[u8],
    ) -> Result<(), Damage> {
        let Some(file) = &spec.extfile else {
            return Ok(());
        };
        let key = (file.clone(), spec.extensions.clone(), issuer.to_owned());
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
        let wanted: HashSet<_> = fleet
            .entries
            .iter()
            .map(|spec| spec.name.as_str())
            .collect();
        let unnamed = self
            .standing
            .keys()
            .filter(|name| !wanted.contains(name.as_str()));
        let mut names: Vec<EntryName> = unnamed.filter_map(|name| name.parse().ok()).collect();
        names.sort();
        names
    }

    /// Whether there is such an entry, and its key elsewhere.
    pub(super) fn lacks_key(&self, spec: &EntrySpec) -> bool {
        let standing = self.standing.get(spec.name.as_str());
        standing.is_some_and(|standing| !standing.has_key)
    }

    /// The key of an entry's next certificate: a new one, but what is elsewhere stays.
    pub(super) fn key(&self, spec: &EntrySpec) -> Result<LeafKey, IssueError> {
        match self.lacks_key(spec) {
            true => key_elsewhere(&self.to_be_signed[spec.name.as_str()]),
            false => Ok(LeafKey::New(spec.key_type.unwrap_or_default())),
        }
    }

    /// Only its owner can make a key of another type where it is elsewhere.
    pub(super) fn refuse_other_keys(&self, fleet: &Fleet) -> Result<(), Report> {
        let refused = |spec: &EntrySpec| {
            let name = &spec.name;
            let standing = self.standing.get(name.as_str())?;
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
) -> Result<Requested, Report> {
    let path: PathBuf = base.map_or_else(|| PathBuf::from(file), |base| base.join(file));
    let read = extfile::open(&path).map_err(|error| {
        Report::failed(
            "extfile",
            format!("cannot read {}: {error}", path.display()),
        )
    })?;
    let issuer = Issuer::from(&issuer.parsed());
    Ok(read.request(section, Some(&issuer), Role::Leaf)?)
}
