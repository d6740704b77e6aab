//! What the PKI directory knows already, as an import asks for it.

use std::collections::HashMap;

use crate::{
    import::here::{self, Here, InUse, Purpose, Row},
    pki::{entry_name::EntryName, profile::Profile},
    store::{
        Pki, StoreError,
        layout::{Area, Place, file},
        ledger::{Record, Status},
    },
};

type Owners = HashMap<EntryName, Option<EntryName>>;

/// Reads all that is on record.
///
/// # Errors
///
/// Where the ledger or the certificate of a CA cannot be read.
pub fn knowledge(pki: &Pki) -> Result<Here, StoreError> {
    let mut here = Here::default();
    let _snapshot = pki.ledger().snapshot()?;
    for record in pki.authorities()? {
        let directory = pki.layout().place(&Place::authority(record.name.clone()));
        let certificate = pki
            .certificates(&directory.join(file::CERTIFICATE))?
            .swap_remove(0);
        let adopted = pki.ledger().adopted_revocations(&record.name)?.into_iter();
        here.adopted
            .extend(adopted.map(|it| (record.name.clone(), it.serial)));
        here.authorities.push(here::Authority {
            is_recorded: pki.ledger().record_of(&certificate)?.is_some(),
            certificate,
            has_key: pki.has_authority_key(&record.name)?,
            last_number: pki.ledger().crl_state(&record.name)?.number,
            issuer: record.issuer,
            name: record.name,
        });
    }
    let generations = pki.generations()?;
    let names = here.authorities.iter().map(|it| &it.name);
    let superseded = names.filter(|name| generations.current(name) != *name);
    here.superseded = superseded.cloned().collect();
    here.owners = waiting(pki)?;
    pki.ledger().for_each(|record| note(&mut here, record))?;
    Ok(here)
}

/// The names below `certs/`: one may wait for its first certificate, and be on record nowhere.
fn waiting(pki: &Pki) -> Result<Owners, StoreError> {
    let area = pki.layout().area(Area::Entries);
    if !pki.layout().holds(&area)? {
        return Ok(HashMap::new());
    }
    let names = pki
        .layout()
        .directory()
        .directory(&area)
        .and_then(|area| area.names());
    let names = names.map_err(|error| StoreError::io("list", &area, error))?;
    let names = names.iter().filter_map(|name| name.parse().ok());
    Ok(names.map(|name| (name, None)).collect())
}

fn note(here: &mut Here, record: Record) {
    let is_authority = record.kind.area() == Area::Authorities;
    if !is_authority {
        here.owners
            .insert(record.name.clone(), record.issuer.clone());
        if record.status == Status::Current {
            let in_use = InUse {
                purpose: Purpose {
                    profile: record.kind.profile().unwrap_or(Profile::Node),
                    names: record.names,
                },
                not_before: record.validity.not_before,
            };
            here.in_use.insert(record.name.clone(), in_use);
        }
    }
    let Some(issuer) = record.issuer else { return };
    let row = Row {
        name: record.name,
        is_authority,
        status: match record.status {
            Status::Current => here::Status::InUse,
            Status::Replaced => here::Status::Replaced,
            Status::Revoked => here::Status::Revoked,
        },
        has_key: record.origin.has_key(),
        to_be_signed: record.to_be_signed,
    };
    here.rows.insert((issuer, record.serial), row);
}
