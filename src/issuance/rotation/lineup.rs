//! Which CAs are rotated together.

use time::OffsetDateTime;

use super::RotateError;
use crate::{
    issuance::authorities::authorities,
    pki::{authorities::Fallen, entry_name::EntryName},
    store::{
        Pki, StoreError,
        generations::Generations,
        layout::{Place, file},
        ledger::{
            Record,
            rotation::{Pair, Phase, Rotation},
        },
    },
};

/// The CAs that are rotated together, as they are, with the names of their successors.
#[derive(Debug)]
pub struct Lineup {
    /// The one that was named, then those below it, parents first
    pub members: Vec<(Record, EntryName)>,
    /// Those below it that get no successor, for nobody believes them any more
    pub fallen: Vec<Fallen>,
}

impl Lineup {
    /// The CA and all below it.
    ///
    /// # Errors
    ///
    /// Where one is being rotated, has made way, or has its key elsewhere.
    pub fn of(pki: &Pki, name: &EntryName) -> Result<Self, RotateError> {
        let generations = pki.generations()?;
        if let Some(rotation) = generations.open() {
            return Err(RotateError::Open(Box::new(rotation.clone())));
        }
        let current = generations.current(name);
        if current != name {
            return Err(RotateError::Gone(name.clone(), current.clone()));
        }
        let lineup = Self::from(pki, &generations, |record| record.name == *name)?;
        match (lineup.members.is_empty(), lineup.fallen.first()) {
            (false, _) => Ok(lineup),
            (true, Some(fallen)) => Err(RotateError::Fallen(fallen.clone())),
            (true, None) => Err(StoreError::NoAuthority(name.clone()).into()),
        }
    }

    /// CAs that came below those of a rotation when it was announced already.
    ///
    /// # Errors
    ///
    /// Where one has its key elsewhere.
    pub fn latecomers(pki: &Pki, rotation: &Rotation) -> Result<Self, RotateError> {
        let is_in = |name: &EntryName| {
            let mut pairs = rotation.pairs.iter();
            pairs.any(|pair| pair.old == *name || pair.new == *name)
        };
        let comes_late = |record: &Record| {
            let issuer = record.issuer.as_ref();
            let has_successor = issuer.is_some_and(|it| rotation.successor(it).is_some());
            has_successor && !is_in(&record.name)
        };
        Self::from(pki, &pki.generations()?, comes_late)
    }

    /// These CAs, and all below them, parents first.
    fn from(
        pki: &Pki,
        generations: &Generations,
        is_first: impl Fn(&Record) -> bool,
    ) -> Result<Self, RotateError> {
        let authorities = authorities(pki)?;
        let mut waiting = pki.authorities()?;
        let mut members: Vec<(Record, EntryName)> = Vec::new();
        let mut fallen = Vec::new();
        loop {
            let is_taken = |record: &Record| match &record.issuer {
                _ if is_first(record) => true,
                Some(above) => members.iter().any(|(it, _)| it.name == *above),
                None => false,
            };
            let (taken, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_taken);
            if taken.is_empty() {
                break;
            }
            for record in taken {
                // What made way below it is not made anew.
                if generations.is_retired(&record.name) {
                    continue;
                }
                if let Some(it) = authorities.fallen(&record.name) {
                    fallen.push(it);
                    continue;
                }
                let place = pki.layout().place(&Place::authority(record.name.clone()));
                let is_held = pki.authority_key_uri(&record.name)?.is_some();
                if !is_held && !pki.layout().holds(&place.join(file::KEY))? {
                    return Err(RotateError::KeyElsewhere(record.name));
                }
                let next = pki.next_name(generations, &record.name)?;
                let next = next.ok_or_else(|| RotateError::Name(record.name.clone()))?;
                members.push((record, next));
            }
            waiting = later;
        }
        Ok(Self { members, fallen })
    }

    /// The rotation as it will be at first.
    #[must_use]
    pub fn to_come(&self, now: OffsetDateTime) -> Rotation {
        Rotation {
            began: i64::MAX,
            phase: Phase::Announced,
            since: now,
            switched: None,
            pairs: self.pairs(),
        }
    }

    /// A rotation with these in it, too.
    #[must_use]
    pub fn joined(&self, rotation: &Rotation) -> Rotation {
        Rotation {
            pairs: [&rotation.pairs[..], &self.pairs()].concat(),
            ..rotation.clone()
        }
    }

    /// So many of them stand one below the other, the first left out.
    pub(super) fn depth(&self) -> u32 {
        let mut depths: Vec<u32> = Vec::new();
        for (record, _) in &self.members {
            let mut above = self.members.iter().zip(&depths);
            let above = above.find(|((above, _), _)| Some(&above.name) == record.issuer.as_ref());
            let depth = above.map_or(0, |(_, depth)| depth + 1);
            depths.push(depth);
        }
        depths.into_iter().max().unwrap_or(0)
    }

    pub(super) fn pairs(&self) -> Vec<Pair> {
        let pair = |(record, new): &(Record, EntryName)| Pair {
            old: record.name.clone(),
            new: new.clone(),
        };
        self.members.iter().map(pair).collect()
    }
}
