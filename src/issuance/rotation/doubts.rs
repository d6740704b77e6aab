//! Who would be refused, or refuse others, were the next step taken.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use super::evidence::{Consumer, Generation};
use crate::{
    pki::{certificate::bundle_digest, entry_name::EntryName},
    store::{
        Pki, StoreError,
        crossing::Crossing,
        layout::Area,
        ledger::rotation::{Pair, Rotation, SeenBy},
    },
};

/// Why a step would have somebody refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Doubt {
    /// Who
    pub name: EntryName,
    /// What is not known, or known and in the way
    pub reason: Reason,
}

/// What is in the way of a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// It was seen with a bundle in which the successor is missing
    Distrusts,
    /// It has refused a certificate of the successor
    Refuses,
    /// Its certificate in use is below the CA that is to leave
    InUse,
    /// It was seen with a certificate below the CA that is to leave
    Shows,
    /// Nobody has seen that it shows another certificate by now
    Unseen,
    /// Nobody has said that its chain no longer has the cross certificate
    Crossed,
    /// Nobody has seen that it trusts the successor
    Unknown,
}

impl Reason {
    /// In words, behind a name.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Distrusts => "was seen with a bundle that lacks the new CA",
            Self::Refuses => "has refused a certificate of the new CA",
            Self::InUse => "has a certificate in use that the leaving CA has signed",
            Self::Shows => "was seen with a certificate that the leaving CA has signed",
            Self::Unseen => "is not known to show its new certificate",
            Self::Crossed => "is not known to have the chain without the cross certificate",
            Self::Unknown => "is not known to trust the new CA",
        }
    }

    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Distrusts => "distrusts",
            Self::Refuses => "refuses",
            Self::InUse => "in-use",
            Self::Shows => "shows-old",
            Self::Unseen => "unseen",
            Self::Crossed => "crossed",
            Self::Unknown => "unknown",
        }
    }
}

/// Who is not known to trust the successor.
#[must_use]
pub fn distrusting(consumers: &[Consumer]) -> Vec<Doubt> {
    let doubt = |consumer: &Consumer| {
        let reason = match &consumer.seen {
            Some(seen) if seen.trust() == Some(true) => return None,
            Some(seen) if seen.seen_by == SeenBy::Probe => Reason::Refuses,
            Some(seen) if seen.trust().is_some() => Reason::Distrusts,
            _ => Reason::Unknown,
        };
        let name = consumer.name.clone();
        Some(Doubt { name, reason })
    };
    consumers.iter().filter_map(doubt).collect()
}

/// Who has, or may show, a certificate of the generation that is to leave.
#[must_use]
pub fn showing(consumers: &[Consumer], leaving: Generation) -> Vec<Doubt> {
    let doubt = |consumer: &Consumer| {
        let reason = match consumer {
            it if it.leaf == Some(leaving) => Reason::InUse,
            it if it.shows != Some(leaving) => return None,
            it if it.was_seen == Some(leaving) => Reason::Shows,
            _ => Reason::Unseen,
        };
        let name = consumer.name.clone();
        Some(Doubt { name, reason })
    };
    consumers.iter().filter_map(doubt).collect()
}

/// The cross certificate with which who trusts the old CA alone takes leaves of the successor; `None` where none is.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn crossing(pki: &Pki, rotation: &Rotation) -> Result<Option<Crossing>, StoreError> {
    let Pair { old, new } = rotation.top();
    let mut crossings = pki.crossings()?.into_iter();
    Ok(crossings.find(|it| it.of == *new && it.by == *old))
}

/// Who is in the way of taking the cross certificate out of the chains, and then the old CA out of the bundles: who
/// shows what it has signed and, where a cross certificate spared them the new bundle so far, who is not known to have
/// that; once it is out of the chains, who is not known to have those. There are verifiers (Erlang's) that do not always
/// find the shorter way: who trusts the new CA alone would be led past it.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn unfinished(
    pki: &Pki,
    rotation: &Rotation,
    consumers: &[Consumer],
) -> Result<Vec<Doubt>, StoreError> {
    let mut doubts = showing(consumers, Generation::Old);
    let others = match crossing(pki, rotation)? {
        Some(_) => distrusting(consumers),
        None => crossed(pki, rotation, consumers)?,
    };
    let known: HashSet<_> = doubts.iter().map(|it| it.name.clone()).collect();
    let others = others.into_iter();
    doubts.extend(others.filter(|it| !known.contains(&it.name)));
    Ok(doubts)
}

/// Who may still show the cross certificate that the chains had: who was not seen with the chain as it is now.
///
/// # Errors
///
/// Where the ledger or a CA's files cannot be read.
pub fn crossed(
    pki: &Pki,
    rotation: &Rotation,
    consumers: &[Consumer],
) -> Result<Vec<Doubt>, StoreError> {
    let Some(ended) = pki
        .ledger()
        .uncrossed(rotation.began, &rotation.top().old)?
    else {
        return Ok(Vec::new());
    };
    let born = pki.ledger().born_in(ended)?;
    let mut chains = HashMap::new();
    let mut doubts = Vec::new();
    for it in consumers
        .iter()
        .filter(|it| it.leaf == Some(Generation::New))
    {
        let issuer = it.record.as_ref().and_then(|it| it.issuer.as_ref());
        let Some(issuer) = issuer.filter(|_| !born.contains(&it.name)) else {
            continue;
        };
        let chain = match chains.entry(issuer) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(bundle_digest(&pki.authority(issuer)?.behind())),
        };
        let seen = it.seen.as_ref().and_then(|seen| seen.chain.as_ref());
        if seen != Some(chain) {
            doubts.push(Doubt {
                name: it.name.clone(),
                reason: Reason::Crossed,
            });
        }
    }
    Ok(doubts)
}

/// Whether leaves of the successor are refused where its bundle, or its CRL, is missing. A verifier that has the root
/// gets a new intermediate with each handshake.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn needs_trust(pki: &Pki, rotation: &Rotation) -> Result<bool, StoreError> {
    let top = pki
        .ledger()
        .current(Area::Authorities, &rotation.top().old)?;
    if top.is_none_or(|top| top.issuer.is_none()) && crossing(pki, rotation)?.is_none() {
        return Ok(true);
    }
    for pair in &rotation.pairs {
        if pki.ledger().crl_state(&pair.new)?.number > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
