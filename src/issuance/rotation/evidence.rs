//! What is known of those that trust a CA that is rotated, and who would be refused were the next step taken.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;

use time::OffsetDateTime;

use super::RotateError;
use crate::{
    issuance::authorities::authorities,
    pki::{
        certificate::{Certificate, bundle_digest, chain_digest},
        entry_name::EntryName,
        serial::Serial,
    },
    store::{
        Pki, StoreError,
        layout::{Area, Place, file},
        ledger::{
            Listed, Selection, Status,
            rotation::{Phase, Rotation, SeenBy, Sighting},
        },
    },
};

/// Somebody who trusts a CA that is rotated.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// Name of the entry, or of somebody outside
    pub name: EntryName,
    /// What is in use under that name; `None` for somebody outside
    pub record: Option<Listed>,
    /// In which format somebody outside has the bundle
    pub format: Option<String>,
    /// What was seen of it last
    pub seen: Option<Sighting>,
    /// Which generation its leaf in use is of; `None` where it is of neither, or has none
    pub leaf: Option<Generation>,
    /// Which generation's leaf may be shown to others: that which was seen last, or the other where nothing was
    pub shows: Option<Generation>,
    /// Which generation's leaf was seen last
    pub was_seen: Option<Generation>,
}

/// One of the two CAs of a pair.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Generation {
    /// The CA that makes way
    Old,
    /// Its successor
    New,
}

impl Generation {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// Everybody who trusts the CA, and what is known of them, by name.
///
/// What has ended by `now` is left out: nobody would accept it anyway.
///
/// # Errors
///
/// Where the ledger or a CA's files cannot be read.
pub fn consumers(
    pki: &Pki,
    rotation: &Rotation,
    now: OffsetDateTime,
) -> Result<Vec<Consumer>, RotateError> {
    let trusting = trusting(pki, rotation)?;
    let mut sightings = pki.ledger().sightings(rotation.began)?;
    let born = pki.ledger().born_in(rotation.began)?;
    let known = known(pki, rotation)?;
    let mut consumers = Vec::new();
    let mut signed: HashMap<EntryName, Signed> = HashMap::new();
    let selection = Selection {
        area: Some(Area::Entries),
        ..Selection::default()
    };
    let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
        if record.validity.not_after < now {
            return ControlFlow::Continue(());
        }
        let Some(issuer) = record.issuer.clone() else {
            return ControlFlow::Continue(());
        };
        if let Some(generation) = known.get(&issuer).copied() {
            let signed = signed.entry(record.name.clone()).or_default();
            signed.0.push((generation, record.serial.clone()));
        }
        if record.status == Status::Current && trusting.contains(&issuer) {
            consumers.push(record);
        }
        ControlFlow::Continue(())
    })?;
    let consumer = |record: Listed| {
        let seen = sightings.remove(&record.name);
        let seen = seen.or_else(|| {
            born.contains(&record.name)
                .then(|| birth(rotation, &record.name))
        });
        let issuer = record.issuer.as_ref();
        let signed = signed.get(&record.name);
        let last = seen.as_ref().and_then(|seen| seen.serial.as_ref());
        Consumer {
            name: record.name.clone(),
            leaf: issuer.and_then(|issuer| known.get(issuer).copied()),
            shows: signed.and_then(|signed| signed.shown(last, rotation.phase)),
            was_seen: signed.and_then(|signed| signed.generation(last?)),
            record: Some(record),
            format: None,
            seen,
        }
    };
    let mut consumers: Vec<_> = consumers.into_iter().map(consumer).collect();
    consumers.extend(sightings.into_values().filter_map(outsider));
    Ok(consumers)
}

/// What is known of an entry that was made when bundles held both.
fn birth(rotation: &Rotation, name: &EntryName) -> Sighting {
    Sighting {
        began: rotation.began,
        name: name.clone(),
        format: None,
        trusts: true,
        bundle: None,
        serial: None,
        chain: None,
        seen_by: SeenBy::Birth,
        at: rotation.since,
    }
}

fn outsider(seen: Sighting) -> Option<Consumer> {
    Some(Consumer {
        name: seen.name.clone(),
        record: None,
        format: Some(seen.format.clone()?),
        leaf: None,
        shows: None,
        was_seen: None,
        seen: Some(seen),
    })
}

/// Serial numbers under one name, in the order of signing, with the generation that signed each.
#[derive(Debug, Default)]
struct Signed(Vec<(Generation, Serial)>);

impl Signed {
    fn generation(&self, serial: &Serial) -> Option<Generation> {
        let mut signed = self.0.iter();
        signed.find_map(|(generation, it)| (it == serial).then_some(*generation))
    }

    /// Which generation may be shown to others: that which is in the way of the next step, unless a later certificate
    /// was seen than all that it has signed.
    fn shown(&self, seen: Option<&Serial>, phase: Phase) -> Option<Generation> {
        let leaving = match phase {
            // Back in the first phase, what was switched may still show it.
            Phase::Announced | Phase::Aborted => Generation::New,
            Phase::Switching | Phase::Switched | Phase::Finished => Generation::Old,
        };
        let (last, _) = self.0.last()?;
        let Some(left) = self.0.iter().rposition(|(it, _)| *it == leaving) else {
            return Some(*last);
        };
        let seen = self.0.iter().rposition(|(_, it)| Some(it) == seen);
        match seen.filter(|seen| *seen > left) {
            Some(seen) => Some(self.0[seen].0),
            None => Some(leaving),
        }
    }
}

/// Which of its CAs a name is.
fn generation(rotation: &Rotation, name: &EntryName) -> Option<Generation> {
    if rotation.successor(name).is_some() {
        return Some(Generation::Old);
    }
    rotation.predecessor(name).map(|_| Generation::New)
}

/// Which generation each CA is of: its own, or for one that came later that of the CA above it. What nobody believes any
/// more is of none.
fn known(pki: &Pki, rotation: &Rotation) -> Result<HashMap<EntryName, Generation>, StoreError> {
    let mut known = HashMap::new();
    let standing = authorities(pki)?;
    let mut authorities = pki.authorities()?;
    authorities.retain(|it| standing.fallen(&it.name).is_none());
    // Each turn comes one level further down.
    for _ in &authorities {
        let before = known.len();
        for record in &authorities {
            let above = record.issuer.as_ref().and_then(|it| known.get(it).copied());
            if let Some(generation) = generation(rotation, &record.name).or(above) {
                known.insert(record.name.clone(), generation);
            }
        }
        if known.len() == before {
            break;
        }
    }
    Ok(known)
}

/// The CAs whose entries have a part in it: they trust what is rotated, or are below it.
fn trusting(pki: &Pki, rotation: &Rotation) -> Result<HashSet<EntryName>, StoreError> {
    let (generations, standing) = (pki.generations()?, authorities(pki)?);
    let mut trusting = HashSet::new();
    let top = pki.authority(&rotation.top().old)?;
    for record in pki.authorities()? {
        if generations.is_retired(&record.name) || standing.fallen(&record.name).is_some() {
            continue;
        }
        // Whom a CA that cannot be read stands for is not known, and nobody is left out for that.
        let shares = |root: &Certificate| top.roots.contains(root);
        if generation(rotation, &record.name).is_some()
            || pki.authority(&record.name)?.roots.iter().any(shares)
        {
            trusting.insert(record.name);
        }
    }
    Ok(trusting)
}

/// What somebody has who copied everything.
#[derive(Clone, Debug)]
pub struct Copied {
    /// SHA-256 of the bundle
    pub bundle: Vec<u8>,
    /// Serial number of the certificate in use; `None` of somebody outside
    pub serial: Option<Serial>,
    /// SHA-256 of what is sent behind that
    pub chain: Option<Vec<u8>>,
}

/// What somebody has who copied everything as it lies here.
///
/// # Errors
///
/// Where the files cannot be read.
pub fn as_copied(
    pki: &Pki,
    rotation: &Rotation,
    consumer: &Consumer,
) -> Result<Copied, RotateError> {
    let Some(record) = &consumer.record else {
        return as_copied_outside(pki, rotation);
    };
    let path = pki.layout().place(&record.place());
    let roots = pki.certificates(&path.join(file::TRUST))?;
    let sent = pki.certificates(&path.join(file::CERTIFICATE))?;
    Ok(Copied {
        bundle: bundle_digest(&roots),
        serial: Some(record.serial.clone()),
        chain: sent.first().map(|leaf| chain_digest(leaf, &sent)),
    })
}

/// Who is outside has the bundle of the CA; an intermediate has none of its own.
fn as_copied_outside(pki: &Pki, rotation: &Rotation) -> Result<Copied, RotateError> {
    let top = &rotation.top().old;
    let path = pki.layout().place(&Place::authority(top.clone()));
    let roots = match pki.certificates(&path.join(file::BUNDLE)) {
        Ok(roots) => roots,
        Err(_) => pki.authority(top)?.roots,
    };
    Ok(Copied {
        bundle: bundle_digest(&roots),
        serial: None,
        chain: None,
    })
}

/// The roots whose trust takes leaves of the successor.
///
/// # Errors
///
/// Where its files cannot be read.
pub fn anchors(pki: &Pki, rotation: &Rotation) -> Result<Vec<Certificate>, RotateError> {
    let new = pki.authority(&rotation.top().new)?;
    if new.chain.is_empty() {
        return Ok(vec![new.certificate]);
    }
    let last = new.chain.last().unwrap_or(&new.certificate).issuer();
    let is_above = |root: &Certificate| root.subject() == last;
    Ok(new.roots.into_iter().filter(is_above).collect())
}

/// Notes what was seen.
///
/// # Errors
///
/// Where the ledger cannot be written.
pub fn note(pki: &mut Pki, sightings: Vec<Sighting>, dry_run: bool) -> Result<(), RotateError> {
    let mut transaction = pki.begin()?;
    let last: BTreeMap<_, _> = sightings
        .into_iter()
        .map(|seen| (seen.name.clone(), seen))
        .collect();
    for seen in last.into_values() {
        transaction.note_sighting(seen);
    }
    Ok(transaction.finish(dry_run)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `o` and `n` are certificates of the old CA and of its successor, in the order of signing; a capital was seen last.
    #[test]
    fn what_was_seen_before_a_change_proves_nothing_after_it() {
        use Generation::{New, Old};
        use Phase::{Announced, Switched, Switching};
        for (phase, signed, expected) in [
            (Announced, "o", Some(Old)),
            (Announced, "O", Some(Old)),
            (Switching, "o", Some(Old)),
            (Switched, "on", Some(Old)),
            (Switched, "On", Some(Old)),
            (Switched, "oN", Some(New)),
            (Switched, "oNn", Some(New)),
            (Switched, "n", Some(New)),
            // Switched back: that it was seen with an old one before says nothing.
            (Announced, "Ono", Some(New)),
            (Announced, "oNo", Some(New)),
            (Announced, "onO", Some(Old)),
            (Announced, "onOo", Some(Old)),
            // And forth again.
            (Switched, "oNon", Some(Old)),
            (Switched, "onoN", Some(New)),
            (Switched, "", None),
        ] {
            let of = |(index, letter): (usize, char)| {
                let generation = match letter.to_ascii_lowercase() {
                    'o' => Old,
                    _ => New,
                };
                let number = u8::try_from(index).expect("few") + 1;
                (generation, Serial::from_integer(&[number]))
            };
            let all = Signed(signed.chars().enumerate().map(of).collect());
            let seen = signed.chars().position(char::is_uppercase);
            let seen = seen.map(|index| all.0[index].1.clone());
            let found = all.shown(seen.as_ref(), phase);
            assert_eq!(found, expected, "{phase:?} {signed}");
        }
    }
}
