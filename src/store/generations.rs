//! Which CAs take the place of which, and so who signs where nobody says.

use std::fmt;

use time::OffsetDateTime;

use super::{
    Pki, StoreError,
    authority::Authority,
    crossing::Crossing,
    layout::{Area, Place, file},
    ledger::rotation::{Pair, Phase, Rotation},
};
use crate::pki::{certificate::Certificate, entry_name::EntryName};

/// The rotations of a PKI directory, and which CAs vouch for others.
#[derive(Clone, Debug, Default)]
pub struct Generations {
    rotations: Vec<Rotation>,
    crossings: Vec<Crossing>,
}

impl Generations {
    /// Whether no CA was ever rotated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rotations.is_empty()
    }

    /// The rotation that is going on.
    #[must_use]
    pub fn open(&self) -> Option<&Rotation> {
        self.rotations
            .iter()
            .rfind(|rotation| rotation.phase.is_open())
    }

    /// The CA that signs in the place of this one: itself, unless leaves come from a successor.
    #[must_use]
    pub fn current<'a>(&'a self, name: &'a EntryName) -> &'a EntryName {
        let signing = self.rotations.iter().filter(|it| it.phase.is_past_switch());
        signing.fold(name, |name, rotation| {
            rotation.successor(name).unwrap_or(name)
        })
    }

    /// The name under which the first CA of its line was made: what a fleet file calls it.
    #[must_use]
    pub fn first<'a>(&'a self, name: &'a EntryName) -> &'a EntryName {
        let taken = self.rotations.iter().rev();
        let taken = taken.filter(|it| it.phase != Phase::Aborted);
        taken.fold(name, |name, rotation| {
            rotation.predecessor(name).unwrap_or(name)
        })
    }

    /// Whether a CA signs only where it is named: a successor whose time has not come, or one that has a successor.
    #[must_use]
    pub fn is_resting(&self, name: &EntryName) -> bool {
        let waits = |it: &Rotation| {
            !it.phase.is_past_switch() && it.phase.is_open() && it.predecessor(name).is_some()
        };
        self.current(name) != name || self.rotations.iter().any(waits)
    }

    /// The CA of a pair that signs where nobody says: for a successor whose time has not come, the old one.
    #[must_use]
    pub fn signing<'a>(&'a self, name: &'a EntryName) -> &'a EntryName {
        let current = self.current(name);
        let open = self.open().filter(|it| !it.phase.is_past_switch());
        open.and_then(|rotation| rotation.predecessor(current))
            .unwrap_or(current)
    }

    /// Whether no bundle holds a CA, or its root, any more.
    #[must_use]
    pub fn is_retired(&self, name: &EntryName) -> bool {
        let mut finished = self
            .rotations
            .iter()
            .filter(|it| it.phase == Phase::Finished);
        finished.any(|rotation| rotation.successor(name).is_some())
    }

    /// The CA beside which this one is trusted, and which of the two is older; while a rotation is going on.
    #[must_use]
    pub fn counterpart(&self, name: &EntryName) -> Option<&Pair> {
        let mut pairs = self.open()?.pairs.iter();
        pairs.find(|pair| pair.old == *name || pair.new == *name)
    }
}

/// Where a CA stands that does not sign where nobody names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Succession {
    /// Another has taken its place
    Superseded {
        /// Its successor
        by: EntryName,
        /// Since when
        since: OffsetDateTime,
    },
    /// It waits for its time
    Waits {
        /// Whose place it will take
        behind: EntryName,
    },
    /// It is a cross certificate
    Vouches {
        /// The CA for whose key it is
        of: EntryName,
    },
}

impl fmt::Display for Succession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded { by, since } => {
                write!(f, "superseded by {by} since {}", since.date())
            }
            Self::Waits { behind } => write!(f, "waits to supersede {behind}"),
            Self::Vouches { of } => write!(f, "vouches for {of}"),
        }
    }
}

impl Generations {
    /// Where a CA stands; `None` for one that signs.
    #[must_use]
    pub fn succession(&self, name: &EntryName) -> Option<Succession> {
        if let Some(crossing) = self.crossings.iter().find(|it| it.name == *name) {
            let of = crossing.of.clone();
            return Some(Succession::Vouches { of });
        }
        let mut past = self.rotations.iter().filter(|it| it.phase.is_past_switch());
        let left = past.find_map(|it| Some((it, it.successor(name)?)));
        if let Some((rotation, by)) = left {
            return Some(Succession::Superseded {
                by: by.clone(),
                since: rotation.switched.unwrap_or(rotation.since),
            });
        }
        let open = self.open().filter(|it| !it.phase.is_past_switch())?;
        let behind = open.predecessor(name)?.clone();
        Some(Succession::Waits { behind })
    }

    /// With a rotation as it will be.
    #[must_use]
    pub fn with(mut self, rotation: Rotation) -> Self {
        self.rotations.retain(|it| it.began != rotation.began);
        self.rotations.push(rotation);
        self
    }
}

impl Pki {
    /// Which CAs take the place of which.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn generations(&self) -> Result<Generations, StoreError> {
        Ok(Generations {
            rotations: self.ledger().rotations()?,
            crossings: self.crossings()?,
        })
    }

    /// The first name after `name` that no CA has, or had: `root-2`, or `root-3` after that.
    ///
    /// # Errors
    ///
    /// Where the ledger or the directory cannot be read.
    pub fn next_name(
        &self,
        generations: &Generations,
        name: &EntryName,
    ) -> Result<Option<EntryName>, StoreError> {
        /// More than anybody rotates.
        const MOST: u32 = 100_000;
        let first = generations.first(name);
        for number in 2..MOST {
            let Ok(next) = format!("{first}-{number}").parse::<EntryName>() else {
                return Ok(None);
            };
            let place = self.layout().place(&Place::authority(next.clone()));
            let named = self.ledger().named(&next)?;
            let is_taken = named.iter().any(|it| it.kind.area() == Area::Authorities);
            if !is_taken && !self.layout().holds(&place)? {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    /// The CAs between roots and leaves that peers may have to know: those of its chain, and while it or one above is
    /// rotated those of the other's.
    pub(super) fn intermediates(
        &self,
        name: &EntryName,
        chain: &[Certificate],
    ) -> Result<Vec<Certificate>, StoreError> {
        let generations = self.generations()?;
        let Some(pair) = generations.counterpart(name) else {
            return Ok(chain.to_vec());
        };
        let is_old = pair.old == *name;
        let other = self.behind(if is_old { &pair.new } else { &pair.old })?;
        Ok(match is_old {
            true => union(chain, &other),
            false => union(&other, chain),
        })
    }

    /// What stands behind the certificates of a CA, as its files have it.
    fn behind(&self, name: &EntryName) -> Result<Vec<Certificate>, StoreError> {
        let record = self.ledger().current(Area::Authorities, name)?;
        if record.is_none_or(|it| it.issuer.is_none()) {
            return self.crossed(name);
        }
        let path = self.authority_directory(name).join(file::CHAIN);
        let chain = self.certificates(&path)?;
        self.check_recorded(&chain, &path)?;
        Ok(chain)
    }
}

impl Authority {
    /// What it lists, where another CA is trusted beside it.
    #[must_use]
    pub fn beside(mut self, other: &[Certificate], is_older: bool) -> Self {
        self.intermediates = match is_older {
            true => union(&self.behind(), other),
            false => union(other, &self.behind()),
        };
        self
    }
}

/// All of these, each once. The older generation comes first, so that a bundle stays as it is when leaves change.
#[must_use]
pub fn union(first: &[Certificate], second: &[Certificate]) -> Vec<Certificate> {
    let new = second.iter().filter(|it| !first.contains(it));
    first.iter().chain(new).cloned().collect()
}

/// A trust bundle into which the successor of a root has come, behind what is known of that root.
#[must_use]
pub fn with_successor(
    roots: &[Certificate],
    old: &Certificate,
    new: &Certificate,
) -> Vec<Certificate> {
    let is_old = |it: &Certificate| it.public_key() == old.public_key();
    let Some(last) = roots.iter().rposition(is_old) else {
        return roots.to_vec();
    };
    let (before, after) = roots.split_at(last + 1);
    union(&union(before, std::slice::from_ref(new)), after)
}

/// A trust bundle from which a root has gone, however often it was renewed.
#[must_use]
pub fn without(roots: &[Certificate], gone: &Certificate) -> Vec<Certificate> {
    let stays = |it: &&Certificate| it.public_key() != gone.public_key();
    roots.iter().filter(stays).cloned().collect()
}
