//! Revocation, and the end of a hold (RFC 5280 §5.3.1): what becomes of a certificate, and what falls with it.

use std::{io::ErrorKind, ops::ControlFlow};

use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{IssueError, crl::families, crossing::Chains};
use crate::{
    pki::{
        entry_name::EntryName,
        revocation::{Reason, Revocation},
    },
    store::{
        Pki, StoreError,
        layout::{Area, Layout, Place, file},
        ledger::{
            Origin, Record, Selection, Status,
            revocation::{Change, Fate},
        },
        stage::StagedFile,
        transaction::Transaction,
    },
};

/// What somebody wants of certificates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wish {
    /// Their hold is to end
    Release,
    /// They are good no more
    Revoke(Reason),
}

/// Why nothing was revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// Only a hold ends.
    #[error("`{0}` is not on hold")]
    NotOnHold(EntryName),
    /// It was revoked before.
    #[error(
        "`{}` ({}) has been revoked since {} ({})",
        .record.name, .record.serial, crate::pki::validity::rfc3339(.revocation.at), .revocation.reason
    )]
    Revoked {
        /// Which certificate
        record: Box<Record>,
        /// When and why
        revocation: Revocation,
    },
    /// The ledger or the directory cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What becomes of each certificate.
///
/// # Errors
///
/// Where one cannot be revoked, or taken off hold.
pub fn plan(
    pki: &Pki,
    records: &[Record],
    wish: Wish,
    now: OffsetDateTime,
) -> Result<Vec<Change>, RevokeError> {
    let _snapshot = pki.ledger().snapshot()?;
    let change = |record: &Record| {
        Ok(Change {
            issuer: record.issuer.clone(),
            serial: record.serial.clone(),
            fate: fate(pki, record, wish, now)?,
        })
    };
    records.iter().map(change).collect()
}

fn fate(pki: &Pki, record: &Record, wish: Wish, now: OffsetDateTime) -> Result<Fate, RevokeError> {
    let before = pki.ledger().revocation(record)?;
    let is_held = before.as_ref().is_some_and(is_hold);
    Ok(match (wish, before) {
        (Wish::Release, _) if is_held && !record.origin.comes_back() => Fate::Released,
        (Wish::Release, _) if is_held => match pki.is_given(&record.place())? {
            true => Fate::Released,
            false => Fate::Restored,
        },
        (Wish::Release, _) => return Err(RevokeError::NotOnHold(record.name.clone())),
        (Wish::Revoke(reason), None) => Fate::Revoked(now, reason),
        // The end of a hold by revocation keeps its date (RFC 5280 §5.3.1).
        (Wish::Revoke(reason), Some(held)) if is_held && reason != Reason::CertificateHold => {
            Fate::Revoked(held.at, reason)
        }
        (Wish::Revoke(_), Some(revocation)) => {
            return Err(RevokeError::Revoked {
                record: Box::new(record.clone()),
                revocation,
            });
        }
    })
}

/// Whether it can end.
#[must_use]
pub fn is_hold(revocation: &Revocation) -> bool {
    revocation.reason == Reason::CertificateHold
}

/// Makes it so: what is revoked moves to the archive, what is restored comes back from there.
///
/// # Errors
///
/// Where the ledger or the directory cannot be written.
pub fn carry_out(
    pki: &mut Pki,
    records: &[Record],
    changes: Vec<Change>,
) -> Result<(), IssueError> {
    let layout = pki.layout().clone();
    let chains = without_crossings(pki, records)?;
    let mut transaction = pki.begin()?;
    if let Some(chains) = chains {
        let _ = chains.stage(&transaction)?;
    }
    for (record, change) in records.iter().zip(changes) {
        put(&mut transaction, &layout, record, change)?;
    }
    Ok(transaction.commit()?)
}

/// The chains as they are where cross certificates among these are revoked: they lead on no more.
fn without_crossings(pki: &Pki, records: &[Record]) -> Result<Option<Chains>, IssueError> {
    let is_meant = |it: &&Record| it.origin == Origin::Crossed && it.status == Status::Current;
    let ended: Vec<_> = records.iter().filter(is_meant).map(|it| &it.name).collect();
    if ended.is_empty() {
        return Ok(None);
    }
    let mut chains = Chains::read(pki)?;
    chains.end(&ended)?;
    Ok(Some(chains))
}

/// Makes one of them so, with the rest of a transaction.
pub(super) fn put(
    transaction: &mut Transaction<'_>,
    layout: &Layout,
    record: &Record,
    change: Change,
) -> Result<(), StoreError> {
    if change.fate == Fate::Restored {
        restore(transaction, layout, record)?;
    }
    if record.status == Status::Current {
        transaction.retire(record.place());
    }
    transaction.change(change);
    Ok(())
}

/// Puts the archived directory back in its place; the archive keeps its own.
fn restore(
    transaction: &Transaction<'_>,
    layout: &Layout,
    record: &Record,
) -> Result<(), StoreError> {
    let place = record.place();
    let archived = layout.archived(&place.name, &record.serial);
    let mut contents = Vec::new();
    for name in file::ALL {
        let path = archived.join(name);
        match layout.directory().read(&path) {
            Ok(octets) => contents.push((name, Zeroizing::new(octets))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io("read", &path, error)),
        }
    }
    let staged: Vec<_> = contents
        .iter()
        .map(|(name, content)| StagedFile::named(name, content))
        .collect();
    transaction.stage(1)?.add(&place, &staged)
}

/// The CAs among these that have signed what is in use, which falls with them.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn below(
    pki: &Pki,
    records: &[Record],
) -> Result<Vec<(EntryName, Vec<EntryName>)>, StoreError> {
    let is_authority = |record: &&Record| record.kind.area() == Area::Authorities;
    let mut all = Vec::new();
    for authority in records.iter().filter(is_authority) {
        let signed = Selection {
            issuer: Some(authority.name.clone()),
            statuses: vec![Status::Current],
            ..Selection::default()
        };
        let mut below = Vec::new();
        let _: ControlFlow<()> = pki.ledger().select(&signed, |record| {
            below.push(record.name);
            ControlFlow::Continue(())
        })?;
        if !below.is_empty() {
            all.push((authority.name.clone(), below));
        }
    }
    Ok(all)
}

/// Whether a CA of the same root lacks a CRL: servers use the root's bundle only where all are in it.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn needs_all_crls(pki: &Pki, issuer: &EntryName) -> Result<bool, StoreError> {
    let families = families(&pki.authorities()?).into_values();
    let mut others = families
        .filter(|family| family.iter().any(|name| name == issuer))
        .flatten()
        .filter(|name| name != issuer);
    // The revocation stands by now: what cannot be told is no failure of it.
    let holds = |name: EntryName| {
        let place = pki.layout().place(&Place::authority(name));
        pki.layout().holds(&place.join(file::CRL)).unwrap_or(false)
    };
    Ok(!others.all(holds))
}
