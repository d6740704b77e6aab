//! What configuration is written from: facts about the entries and CAs of a PKI directory.

mod asked;
mod outside;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    path::Path,
};

use crate::{
    emit::{Authority, Entry, Revocations, fingerprints, unprintable},
    issuance::{authorities::authorities, crl::families},
    pki::{
        authorities::Fallen,
        entry_name::{EntryName, EntryNameError},
        name::visible,
        renewal::Predecessor,
    },
    store::{
        Pki, StoreError,
        layout::{Area, Place, file},
        ledger::{Kind, Order, Record, Selection, Status},
    },
};
pub use asked::{Asked, Presented, node};
pub use outside::System;

/// Why there are no facts.
#[derive(Debug, thiserror::Error)]
pub enum SupplyError {
    /// There is no entry of this name.
    #[error("there is no entry `{0}`")]
    NoEntry(EntryName),
    /// Nobody believes the CA.
    #[error("{0}")]
    Fallen(Fallen),
    /// What is to be an entry's name is none.
    #[error(transparent)]
    Name(#[from] EntryNameError),
    /// Which root's servers are dialled has to be said.
    #[error("there are several roots below which there are servers")]
    SeveralRoots,
    /// Nothing is there that a server could present.
    #[error("there is no entry that a server could present")]
    NoneToPresent,
    /// Which entry the server presents has to be said; this is the first.
    #[error("there are several entries: name the one that the server presents")]
    SeveralToPresent(EntryName),
    /// A path could not be written into a configuration.
    #[error("{path}: {reason}")]
    Unprintable {
        /// The path, with what cannot be seen made visible
        path: String,
        /// Why
        reason: String,
    },
    /// The ledger or the directory cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Facts about an entry of the PKI directory.
///
/// # Errors
///
/// Where the PKI directory does not have it, or cannot be read.
pub fn entry(pki: &Pki, name: &EntryName) -> Result<Entry, SupplyError> {
    let directory = pki.layout().place(&Place::entry(name.clone()));
    if pki.layout().find(&directory)?.is_none() {
        return Err(SupplyError::NoEntry(name.clone()));
    }
    let leaf = pki
        .certificates(&directory.join(file::CERTIFICATE))?
        .swap_remove(0);
    let roots = fingerprints(&pki.certificates(&directory.join(file::TRUST))?);
    Ok(Entry {
        root: match pki.ledger().current(Area::Entries, name)? {
            Some(Record {
                issuer: Some(issuer),
                ..
            }) => root_of(pki, &issuer)?.to_string(),
            _ => String::new(),
        },
        directory: text(&directory)?,
        clients: clients(pki, &roots)?,
        roots,
        ..Entry::of(name.as_str(), &leaf)
    })
}

/// Facts about the CA that signs clients.
///
/// # Errors
///
/// Where the PKI directory does not have it, or cannot be read.
pub fn authority(pki: &Pki, name: &EntryName) -> Result<Authority, SupplyError> {
    if let Some(fallen) = authorities(pki)?.fallen(name) {
        return Err(SupplyError::Fallen(fallen));
    }
    let authority = pki.authority(name)?;
    let root = root_of(pki, name)?;
    let bundle = pki
        .layout()
        .place(&Place::authority(root.clone()))
        .join(file::BUNDLE);
    Ok(Authority {
        name: name.to_string(),
        root: root.to_string(),
        bundle: text(&bundle)?,
        roots: fingerprints(&authority.roots),
    })
}

/// Roots below which something was revoked, or a CRL was made.
///
/// # Errors
///
/// Where the PKI directory does not have it, or cannot be read.
pub fn revocations(pki: &Pki) -> Result<Vec<Revocations>, SupplyError> {
    let revoked = Selection {
        statuses: vec![Status::Revoked],
        order: Order::Newest,
        ..Selection::default()
    };
    let mut issuers = BTreeSet::new();
    let _: ControlFlow<()> = pki.ledger().select(&revoked, |record| {
        issuers.extend(record.issuer);
        ControlFlow::Continue(())
    })?;
    let mut found = Vec::new();
    for (root, family) in families(&pki.authorities()?) {
        let path = |name: &EntryName, file| {
            let place = pki.layout().place(&Place::authority(name.clone()));
            place.join(file)
        };
        let holds = |path: &Path| pki.layout().directory().file(path).is_ok();
        let lacks = |name: &&EntryName| !holds(&path(name, file::CRL));
        let missing: Vec<_> = family
            .iter()
            .filter(lacks)
            .map(ToString::to_string)
            .collect();
        let is_touched = family.iter().any(|name| issuers.contains(name));
        if is_touched || missing.len() < family.len() {
            found.push(Revocations {
                bundle: text(&path(&root, file::CRL_BUNDLE))?,
                root: root.to_string(),
                missing,
            });
        }
    }
    Ok(found)
}

/// Names of entries for clients whose certificates chain to one of these roots; one for each CA.
fn clients(pki: &Pki, roots: &[String]) -> Result<Vec<String>, SupplyError> {
    let mut clients = Vec::new();
    for name in standing(pki)? {
        let Some(client) = pki.ledger().first_issued(Kind::Client, &name)? else {
            continue;
        };
        let trusted = fingerprints(&pki.authority(&name)?.roots);
        if trusted.iter().any(|root| roots.contains(root)) {
            clients.push(client.name.to_string());
        }
    }
    Ok(clients)
}

/// Entries for clients below these roots that a server would take for `member`'s fellows, where it tells members by
/// attributes of these types.
///
/// # Errors
///
/// Where the PKI directory cannot be read.
pub fn impostors(
    pki: &Pki,
    member: &Entry,
    types: &[String],
    roots: &[String],
) -> Result<Vec<String>, SupplyError> {
    if types.is_empty() {
        return Ok(Vec::new());
    }
    let mut issuers = BTreeSet::new();
    for name in standing(pki)? {
        let trusted = fingerprints(&pki.authority(&name)?.roots);
        if trusted.iter().any(|root| roots.contains(root)) {
            issuers.insert(name);
        }
    }
    let mut found = Vec::new();
    pki.ledger().for_each(|record: Record| {
        let is_client = record.kind == Kind::Client && record.status == Status::Current;
        let is_trusted = record
            .issuer
            .as_ref()
            .is_some_and(|it| issuers.contains(it));
        if is_client && is_trusted {
            let signed = Predecessor::from_to_be_signed(&record.to_be_signed);
            if signed.is_ok_and(|signed| member.is_like(&signed.subject, types)) {
                found.push(record.name.to_string());
            }
        }
    })?;
    Ok(found)
}

/// The CA whose servers a client dials: the one that is asked for, or else the root that has signed
/// certificates for servers. `None` where that is one of the client's own `roots`.
///
/// # Errors
///
/// Where the PKI directory does not have it, or cannot be read.
pub fn server_authority(
    pki: &Pki,
    asked: Option<&EntryName>,
    roots: &[String],
) -> Result<Option<Authority>, SupplyError> {
    if let Some(name) = asked {
        return authority(pki, name).map(Some);
    }
    let mut found: Vec<Authority> = Vec::new();
    for name in standing(pki)? {
        let signs = |kind| pki.ledger().first_issued(kind, &name);
        if signs(Kind::Node)?.is_none() && signs(Kind::Server)?.is_none() {
            continue;
        }
        let root = authority(pki, &root_of(pki, &name)?)?;
        if root.roots.iter().any(|root| roots.contains(root)) {
            return Ok(None);
        }
        if !found.iter().any(|known| known.name == root.name) {
            found.push(root);
        }
    }
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(SupplyError::SeveralRoots),
    }
}

/// The CAs that somebody believes.
fn standing(pki: &Pki) -> Result<Vec<EntryName>, SupplyError> {
    let authorities = authorities(pki)?;
    let names = pki.authorities()?.into_iter().map(|record| record.name);
    Ok(names.filter(|name| authorities.stands(name)).collect())
}

fn root_of(pki: &Pki, name: &EntryName) -> Result<EntryName, SupplyError> {
    let records = pki.authorities()?;
    let issuers: BTreeMap<_, _> = records
        .iter()
        .map(|it| (&it.name, it.issuer.as_ref()))
        .collect();
    let mut root = name;
    for _ in &records {
        root = issuers.get(root).copied().flatten().unwrap_or(root);
    }
    Ok(root.clone())
}

fn text(path: &Path) -> Result<String, SupplyError> {
    printable(path).map(str::to_owned)
}

/// A path that will stand in what is written; it must be text that stays on its line and shows.
///
/// # Errors
///
/// Where it would not.
pub fn printable(path: &Path) -> Result<&str, SupplyError> {
    let refused = |reason: String| SupplyError::Unprintable {
        path: visible(&path.display().to_string()).into_owned(),
        reason,
    };
    let text = path.to_str();
    let text = text.ok_or_else(|| refused(String::from("it is not UTF-8")))?;
    match unprintable(text) {
        None => Ok(text),
        Some(character) => Err(refused(format!(
            "it holds the control character U+{:04X}",
            u32::from(character)
        ))),
    }
}
