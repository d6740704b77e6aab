//! What is not changed while a CA is rotated: the two CAs, and which CAs stand below them. Another key under one of
//! these names, or a CA that is left without a successor, would be refused by somebody once the bundles change.

use x509_parser::{certificate::TbsCertificate, prelude::FromDer as _};

use super::{
    StoreError,
    layout::{Area, Place},
    ledger::{
        Ledger, Origin, Record,
        rotation::{Phase, Rotation, Step},
    },
};
use crate::pki::entry_name::EntryName;

/// The rotation that goes on, if one does.
#[derive(Debug)]
pub(super) struct Rotating(Option<Rotation>);

impl Rotating {
    pub(super) fn of(ledger: &Ledger) -> Result<Self, StoreError> {
        Ok(Self(ledger.rotation()?))
    }

    /// Refuses another key for a CA that takes part, and a new CA below one, unless it joins by one of these steps.
    pub(super) fn check_records(
        &self,
        ledger: &Ledger,
        records: &[Record],
        steps: &[Step],
    ) -> Result<(), StoreError> {
        if self.0.is_none() {
            return Ok(());
        }
        let joins = |record: &Record| {
            let mut pairs = steps.iter().flat_map(|step| &step.pairs);
            pairs.any(|pair| pair.new == record.name)
        };
        // A cross certificate is no CA that would need a successor.
        let is_authority = |record: &&Record| {
            record.kind.area() == Area::Authorities && record.origin != Origin::Crossed
        };
        for record in records.iter().filter(is_authority) {
            if self.takes_part(&record.name) {
                let in_use = ledger.current(Area::Authorities, &record.name)?;
                if in_use.is_none_or(|in_use| !has_same_key(&in_use, record)) {
                    return Err(StoreError::Rotating(record.name.clone()));
                }
            } else if let Some(issuer) = record.issuer.as_ref().filter(|it| self.is_closed(it))
                && !joins(record)
            {
                return Err(StoreError::Rotating(issuer.clone()));
            }
        }
        Ok(())
    }

    /// Refuses to take away a CA that takes part.
    pub(super) fn check_retired(&self, retired: &[Place]) -> Result<(), StoreError> {
        let takes_part =
            |place: &&Place| place.area == Area::Authorities && self.takes_part(&place.name);
        match retired.iter().find(takes_part) {
            Some(place) => Err(StoreError::Rotating(place.name.clone())),
            None => Ok(()),
        }
    }

    /// Whether no CA may come below this one: until the switch, which makes what is missing, one may below the old CA.
    fn is_closed(&self, name: &EntryName) -> bool {
        let announced = self.0.iter().filter(|it| it.phase == Phase::Announced);
        let mut old = announced.flat_map(|it| &it.pairs).map(|pair| &pair.old);
        self.takes_part(name) && !old.any(|old| old == name)
    }

    fn takes_part(&self, name: &EntryName) -> bool {
        let mut pairs = self.0.iter().flat_map(|rotation| &rotation.pairs);
        pairs.any(|pair| pair.old == *name || pair.new == *name)
    }
}

fn has_same_key(one: &Record, other: &Record) -> bool {
    let (Ok((_, one)), Ok((_, other))) = (
        TbsCertificate::from_der(&one.to_be_signed),
        TbsCertificate::from_der(&other.to_be_signed),
    ) else {
        return false;
    };
    one.public_key().raw == other.public_key().raw
}
