//! What lies beside the ledger and could not be there if it were the newest: an older one was put back.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use super::{
    Pki, StoreError,
    authority::Authority,
    directory::{Directory, is_absence},
    layout::{self, Area, Layout, Place, file},
    ledger::{Kind, Ledger, Status},
    reader::Reader,
};
use crate::{
    newer::{Knowledge, Newer},
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        plan::signature_holds,
        revocation::{Reason, Revocation},
        revocation_list::RevocationList,
        serial::Serial,
    },
};

impl Pki {
    /// What knows more of a CA than the ledger does.
    ///
    /// # Errors
    ///
    /// Where the ledger, a directory or a file in one cannot be read.
    pub fn newer_than_ledger(&self, authority: &Authority) -> Result<Vec<Newer>, StoreError> {
        let known = [(authority.name.clone(), authority.certificate.clone())];
        let reader = Reader::new(self.layout());
        let found = newer(&reader, self.ledger(), &known)?;
        reader.finish()?;
        Ok(found.into_iter().map(|(_, newer)| newer).collect())
    }

    /// The CRLs of a CA that stand in its directory and in its root's bundle, signed by it.
    #[must_use]
    pub fn standing_crls(&self, authority: &Authority) -> Vec<RevocationList> {
        let own = [file::CRL];
        let reader = Reader::new(self.layout());
        let lists = standing(&reader, &authority.name, &authority.certificate, &own);
        lists
            .into_iter()
            .flat_map(|(_, lists)| lists.unwrap_or_default())
            .collect()
    }
}

/// Refuses to call a certificate replaced that was archived already, and is not where it should be: it was
/// revoked or replaced after the ledger at hand was saved, and what it was revoked for would be forgotten.
pub(super) fn refuse_archived(
    layout: &Layout,
    archive: Option<&Directory>,
    place: &Place,
    serial: &Serial,
) -> Result<(), StoreError> {
    let archived = layout.archived(&place.name, serial);
    let found = archive.map(|archive| archive.find(&archived)).transpose();
    let found = found.map_err(|error| StoreError::io("look at", &archived, error))?;
    if found.flatten().is_none() {
        return Ok(());
    }
    let reader = Reader::new(layout);
    let is_in_place = is_in_place(&reader, place, serial)?;
    reader.finish()?;
    match is_in_place {
        true => Ok(()),
        false => Err(StoreError::LedgerOlder {
            path: archived,
            serial: serial.clone(),
        }),
    }
}

/// What knows more of these CAs than the ledger does, each with the name of the CA.
pub(crate) fn newer(
    reader: &Reader<'_>,
    ledger: &Ledger,
    authorities: &[(EntryName, Certificate)],
) -> Result<Vec<(EntryName, Newer)>, StoreError> {
    let mut found = Vec::new();
    let records = Statuses::of(ledger)?;
    for (name, certificate) in authorities {
        let mut last = (Vec::new(), Vec::new());
        for (path, lists) in standing(reader, name, certificate, &[file::CRL, file::CRL_AHEAD]) {
            let newer = match lists {
                Ok(lists) if lists == last.0 => last.1.clone(),
                Ok(lists) => {
                    let newer = of_lists(ledger, &records, name, &lists)?;
                    last = (lists, newer.clone());
                    newer
                }
                Err(reason) => vec![Knowledge::Unreadable(reason)],
            };
            let path = |what| Newer {
                path: path.clone(),
                what,
            };
            found.extend(
                newer
                    .into_iter()
                    .map(path)
                    .map(|newer| (name.clone(), newer)),
            );
        }
    }
    found.extend(archived(reader, ledger, &records, authorities)?);
    found.extend(unrecorded(reader, &records, authorities)?);
    Ok(found)
}

type Lists = Result<Vec<RevocationList>, String>;

/// Where CRLs of a CA stand, in these files of its own and in bundles, and those that it has signed.
fn standing(
    reader: &Reader<'_>,
    name: &EntryName,
    certificate: &Certificate,
    own: &[&str],
) -> Vec<(PathBuf, Lists)> {
    let layout = reader.layout;
    let place = layout.place(&Place::authority(name.clone()));
    let own = own.iter().map(|file| place.join(file));
    let areas = layout.area(Area::Authorities);
    let names = layout
        .directory()
        .directory(&areas)
        .and_then(|areas| areas.names());
    let is_name = |name: &String| name.parse::<EntryName>().is_ok();
    let bundles = names.unwrap_or_default().into_iter().filter(is_name);
    let bundles = bundles.map(|name| areas.join(name).join(file::CRL_BUNDLE));
    let mut seen: Vec<RevocationList> = Vec::new();
    let read = |path: PathBuf| {
        let octets = match reader.read(&path) {
            Ok(octets) if octets.is_empty() => return None,
            Ok(octets) => octets,
            Err(error) if is_absence(&error) => return None,
            Err(error) => return Some((path, Err(error.to_string()))),
        };
        let lists = RevocationList::read(&octets).map_err(|error| error.to_string());
        let signed = lists.map(|mut lists| {
            // A bundle holds the same again.
            lists.retain(|list| seen.contains(list) || list.is_signed_by(certificate));
            seen.clone_from(&lists);
            lists
        });
        Some((path, signed))
    };
    own.chain(bundles).filter_map(read).collect()
}

fn of_lists(
    ledger: &Ledger,
    records: &Statuses,
    issuer: &EntryName,
    lists: &[RevocationList],
) -> Result<Vec<Knowledge>, StoreError> {
    let known = ledger.crl_state(issuer)?.number;
    let mut found = Vec::new();
    if lists.iter().any(RevocationList::is_beyond_counting) {
        let reason = String::from("its number is larger than 2^63");
        found.push(Knowledge::Unreadable(reason));
    }
    let highest = lists.iter().filter_map(RevocationList::number).max();
    found.extend(
        highest
            .filter(|number| *number > known)
            .map(|number| Knowledge::Number(number, known)),
    );
    let mut lost = Vec::new();
    let mut seen = HashSet::new();
    let adopted = ledger.adopted_revocations(issuer)?;
    let adopted: HashSet<_> = adopted.into_iter().map(|it| it.serial).collect();
    let revoked = records.revoked.get(issuer.as_str());
    for Revocation { serial, reason, .. } in lists.iter().flat_map(RevocationList::revocations) {
        let is_known = revoked.is_some_and(|revoked| revoked.contains(&serial))
            || adopted.contains(&serial)
            || reason == Reason::CertificateHold && ledger.was_on_hold(issuer, &serial)?;
        if !is_known && seen.insert(serial.clone()) {
            lost.push(serial);
        }
    }
    found.extend((!lost.is_empty()).then_some(Knowledge::Revoked(lost)));
    Ok(found)
}

/// What the ledger says of every certificate, without reading them.
struct Statuses {
    serials: HashMap<Serial, Status>,
    /// Of numbers that several CAs have given, by the name of the entry: CAs from elsewhere count from one
    shared: HashMap<Serial, Vec<(String, Status)>>,
    /// By the CA that has signed them
    revoked: HashMap<String, HashSet<Serial>>,
    /// Entries in use
    entries: HashSet<String>,
}

impl Statuses {
    fn of(ledger: &Ledger) -> Result<Self, StoreError> {
        let mut found = Self {
            serials: HashMap::new(),
            shared: HashMap::new(),
            revoked: HashMap::new(),
            entries: HashSet::new(),
        };
        ledger.for_each_standing(|serial, standing| {
            if standing.status == Status::Current && standing.area == Area::Entries {
                found.entries.insert(standing.name.to_owned());
            }
            if let (Status::Revoked, Some(issuer)) = (standing.status, standing.issuer) {
                let serial = serial.clone();
                match found.revoked.get_mut(issuer) {
                    Some(revoked) => revoked.insert(serial),
                    None => found
                        .revoked
                        .entry(issuer.to_owned())
                        .or_default()
                        .insert(serial),
                };
            }
            if found
                .serials
                .insert(serial.clone(), standing.status)
                .is_some()
            {
                found.shared.insert(serial, Vec::new());
            }
        })?;
        if !found.shared.is_empty() {
            ledger.for_each_standing(|serial, standing| {
                if let Some(shared) = found.shared.get_mut(&serial) {
                    shared.push((standing.name.to_owned(), standing.status));
                }
            })?;
        }
        Ok(found)
    }

    /// What became of the certificate with this number that an entry or a CA had.
    fn of_owner(&self, owner: &EntryName, serial: &Serial) -> Option<Status> {
        match self.shared.get(serial) {
            None => self.serials.get(serial).copied(),
            Some(shared) => {
                let own = shared.iter().find(|(name, _)| name == owner.as_str());
                own.map(|(_, status)| *status)
            }
        }
    }
}

/// Archived directories of certificates that the ledger calls in use, or does not know.
fn archived(
    reader: &Reader<'_>,
    ledger: &Ledger,
    records: &Statuses,
    authorities: &[(EntryName, Certificate)],
) -> Result<Vec<(EntryName, Newer)>, StoreError> {
    let layout = reader.layout;
    let mut found = Vec::new();
    for name in names_in(layout, &layout.archive())? {
        let Some((owner, Some(serial))) = layout::read_archived(&name) else {
            continue;
        };
        let path = layout.archive().join(&name);
        let issuer = match records.of_owner(&owner, &serial) {
            Some(Status::Replaced | Status::Revoked) => continue,
            Some(Status::Current) => issuer_in_use(reader, ledger, &owner, &serial)?,
            None => {
                let leaf = reader.leaf(&path);
                match leaf.and_then(|leaf| records.of_owner(&owner, &leaf.serial())) {
                    Some(Status::Replaced | Status::Revoked) => continue,
                    _ => signer(reader, &path, authorities),
                }
            }
        };
        let issuer = issuer.filter(|issuer| authorities.iter().any(|(name, _)| name == issuer));
        let what = Knowledge::Archived(serial);
        found.extend(issuer.map(|issuer| (issuer, Newer { path, what })));
    }
    Ok(found)
}

/// The CA that has signed a certificate in use, unless that is where it should be.
fn issuer_in_use(
    reader: &Reader<'_>,
    ledger: &Ledger,
    owner: &EntryName,
    serial: &Serial,
) -> Result<Option<EntryName>, StoreError> {
    let records = ledger.with_serial(serial)?.into_iter();
    let mut records: Vec<_> = records
        .filter(|record| record.status == Status::Current)
        .collect();
    // Another CA may have given the same number.
    records.sort_by_key(|record| record.name != *owner);
    let Some(record) = records.into_iter().next() else {
        return Ok(None);
    };
    let place = Place {
        area: record.kind.area(),
        name: owner.clone(),
    };
    if is_in_place(reader, &place, serial)? {
        return Ok(None);
    }
    // What a CA elsewhere has signed is on none of our CRLs; a root has signed itself.
    let own = (record.kind == Kind::Root).then_some(&record.name);
    let issuer = record.issuer.as_ref().or(own);
    // Another machine may have taken a hold off it: `pull` brings it back.
    let was_on_hold = issuer.map(|issuer| ledger.was_on_hold(issuer, serial));
    match ledger.is_copy()? && was_on_hold.transpose()?.unwrap_or_default() {
        true => Ok(None),
        false => Ok(issuer.cloned()),
    }
}

/// Whether a certificate that was archived too is where it should be, or its entry waits for the next one: a
/// request for that sends the last one to the archive, and leaves it in use.
fn is_in_place(reader: &Reader<'_>, place: &Place, serial: &Serial) -> Result<bool, StoreError> {
    let directory = reader.layout.place(place);
    let standing = reader.leaf(&directory);
    Ok(standing.is_some_and(|leaf| leaf.serial() == *serial)
        || reader.layout.holds(&directory.join(file::REQUEST))?)
}

/// Entries of these CAs that the ledger does not know.
fn unrecorded(
    reader: &Reader<'_>,
    records: &Statuses,
    authorities: &[(EntryName, Certificate)],
) -> Result<Vec<(EntryName, Newer)>, StoreError> {
    let area = reader.layout.area(Area::Entries);
    let mut found = Vec::new();
    for name in names_in(reader.layout, &area)? {
        if records.entries.contains(&name) {
            continue;
        }
        let path = area.join(&name);
        let Some(leaf) = reader.leaf(&path) else {
            continue;
        };
        if records.serials.contains_key(&leaf.serial()) {
            continue;
        }
        let issuer = signer(reader, &path, authorities);
        let what = Knowledge::Unrecorded(leaf.serial());
        found.extend(issuer.map(|issuer| (issuer, Newer { path, what })));
    }
    Ok(found)
}

/// Which of these CAs has signed the certificate in a directory.
fn signer(
    reader: &Reader<'_>,
    path: &Path,
    authorities: &[(EntryName, Certificate)],
) -> Option<EntryName> {
    let leaf = reader.leaf(path)?;
    let mut authorities = authorities.iter();
    let signer =
        authorities.find(|(_, it)| leaf.issuer() == it.subject() && signature_holds(&leaf, it));
    signer.map(|(name, _)| name.clone())
}

fn names_in(layout: &Layout, path: &Path) -> Result<Vec<String>, StoreError> {
    let Some(directory) = layout.find(path)? else {
        return Ok(Vec::new());
    };
    directory
        .names()
        .map_err(|error| StoreError::io("list", path, error))
}
