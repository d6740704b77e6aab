//! What is renewed: everything or what was named, as far as it is due.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt,
    ops::ControlFlow,
};

use time::OffsetDateTime;

use crate::{
    issuance::authorities::authorities,
    pki::{
        authorities::{Authorities, Fallen, State},
        entry_name::EntryName,
        renewal::Margin,
    },
    store::{
        Pki, StoreError,
        generations::Generations,
        layout::Area,
        ledger::{Listed, Origin, Record, Selection, Status},
    },
};

/// What is to be renewed, and what is not.
#[derive(Debug, Default)]
pub struct Choice {
    /// What is due and can be renewed here
    pub due: Due,
    /// What was named and is not due yet, with the time from which it is
    pub early: Vec<(EntryName, OffsetDateTime)>,
    /// What is due and cannot be renewed here
    pub left: Vec<(Listed, Obstacle)>,
    /// Where everything was meant: what is due next, and when
    pub next: Option<(OffsetDateTime, EntryName)>,
}

/// What is due.
#[derive(Debug, Default)]
pub struct Due {
    /// Parents before their children
    pub authorities: Vec<Record>,
    /// Entries
    pub leaves: Vec<Record>,
}

/// What keeps a certificate from being renewed here, though it is due.
#[derive(Clone, Debug)]
pub enum Obstacle {
    /// No peer believes its CA any more
    Fallen(Fallen),
    /// Its key is on another machine that shares the ledger
    Elsewhere,
    /// A CA elsewhere has signed it
    Foreign,
    /// The key of this CA is not here
    KeyAbsent(EntryName),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fallen(fallen) => fallen.fmt(f),
            Self::Elsewhere => f.write_str("its key is on another machine that shares the ledger"),
            Self::Foreign => f.write_str("a CA elsewhere has signed it"),
            Self::KeyAbsent(ca) => write!(f, "the key of the CA `{ca}` is not here"),
        }
    }
}

/// Which of these would be refused like what they renew, because no peer believes their CA any more.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn fallen<'r>(
    pki: &Pki,
    records: &'r [Record],
) -> Result<Vec<(&'r Record, Fallen)>, StoreError> {
    let mut authorities = authorities(pki)?;
    let is_authority = |record: &&Record| record.kind.area() == Area::Authorities;
    let renewed: Vec<_> = records.iter().filter(is_authority).collect();
    // They come in any order, and those above carry those below.
    for record in renewed.iter().flat_map(|_| &renewed) {
        if fallen_issuer(&authorities, record).is_none() {
            carry(&mut authorities, record);
        }
    }
    let fallen = |record: &'r Record| Some((record, fallen_issuer(&authorities, record)?));
    Ok(records.iter().filter_map(fallen).collect())
}

/// Those of these that are due; with no `margin`, all of them.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn named(
    pki: &Pki,
    records: Vec<Record>,
    margin: Option<Margin>,
    now: OffsetDateTime,
) -> Result<Choice, StoreError> {
    let generations = pki.generations()?;
    let mut choice = Choice::default();
    for record in records {
        match due_from(margin, &record).filter(|from| *from > now) {
            Some(from) => choice.early.push((record.name, from)),
            None => choice.due.add(record, &generations),
        }
    }
    choice.due.sort(pki)?;
    Ok(choice)
}

/// Everything that is due and can be renewed here; with no `margin`, whether due or not.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn all(pki: &Pki, margin: Option<Margin>, now: OffsetDateTime) -> Result<Choice, StoreError> {
    let _snapshot = pki.ledger().snapshot()?;
    let selection = Selection {
        statuses: vec![Status::Current],
        ..Selection::default()
    };
    let generations = pki.generations()?;
    let mut choice = Choice::default();
    let mut chosen = Vec::new();
    let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
        // A CA that has made way ends in peace.
        if record.kind.area() == Area::Authorities && generations.is_retired(&record.name) {
            return ControlFlow::Continue(());
        }
        match due_from(margin, &record).filter(|from| *from > now) {
            Some(from) => choice.soonest(from, record.name),
            None => chosen.push(record),
        }
        ControlFlow::Continue(())
    })?;
    let mut authorities = authorities(pki)?;
    // Each CA comes after those above it.
    for mut record in chosen {
        if record.kind.area() == Area::Entries {
            let issuer = record.issuer.take();
            record.issuer = issuer.map(|issuer| generations.current(&issuer).clone());
        }
        if let Some(obstacle) = obstacle(pki, &authorities, &record) {
            choice.left.push((record, obstacle));
        } else if let Some(record) = pki.ledger().current(record.kind.area(), &record.name)? {
            carry(&mut authorities, &record);
            choice.due.add(record, &generations);
        }
    }
    choice.due.sort(pki)?;
    Ok(choice)
}

/// Counts on a CA that is renewed itself before what is below it.
fn carry(authorities: &mut Authorities, record: &Record) {
    if record.kind.area() == Area::Authorities {
        authorities.add(record.name.clone(), record.issuer.clone(), State::Used);
    }
}

impl Choice {
    fn soonest(&mut self, from: OffsetDateTime, name: EntryName) {
        if self
            .next
            .as_ref()
            .is_none_or(|(soonest, _)| from < *soonest)
        {
            self.next = Some((from, name));
        }
    }
}

/// When a certificate is due; none where all are.
fn due_from<S>(margin: Option<Margin>, record: &Record<S>) -> Option<OffsetDateTime> {
    margin.map(|margin| margin.due_from(record.validity))
}

fn obstacle(pki: &Pki, authorities: &Authorities, record: &Listed) -> Option<Obstacle> {
    if let Some(fallen) = fallen_issuer(authorities, record) {
        return Some(Obstacle::Fallen(fallen));
    }
    if record.origin == Origin::Installed {
        return Some(Obstacle::Foreign);
    }
    if record.origin.has_key() && pki.is_kept_elsewhere(&record.place()) {
        return Some(Obstacle::Elsewhere);
    }
    let signer = match record.kind.area() {
        Area::Authorities => record.issuer.as_ref().unwrap_or(&record.name),
        // What signs itself has its key with it.
        Area::Entries => record.issuer.as_ref()?,
    };
    let is_here = pki.has_authority_key(signer).unwrap_or(true);
    (!is_here).then(|| Obstacle::KeyAbsent(signer.clone()))
}

/// The CA that signed it, where no peer believes that any more.
fn fallen_issuer<S>(authorities: &Authorities, record: &Record<S>) -> Option<Fallen> {
    authorities.fallen(record.issuer.as_ref()?)
}

impl Due {
    /// Whether there is nothing to renew.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.leaves.is_empty()
    }

    /// All of it, CAs first.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.authorities.iter().chain(&self.leaves)
    }

    /// A leaf's next certificate comes from the CA that took the place of the one that signed it.
    fn add(&mut self, mut record: Record, generations: &Generations) {
        match record.kind.area() {
            Area::Authorities => self.authorities.push(record),
            Area::Entries => {
                let issuer = record.issuer.as_ref();
                record.issuer = issuer.map(|issuer| generations.current(issuer).clone());
                self.leaves.push(record);
            }
        }
    }

    /// Puts parents before their children.
    fn sort(&mut self, pki: &Pki) -> Result<(), StoreError> {
        if self.authorities.len() < 2 {
            return Ok(());
        }
        let parents = parents(pki)?;
        let depth = |record: &Record| {
            let above = |name: &EntryName| parents.get(name).cloned().flatten();
            // A loop would need a CA that signed its own issuer; the number of CAs bounds it all the same.
            let above = std::iter::successors(record.issuer.clone(), above);
            above.take(parents.len()).count()
        };
        self.authorities.sort_by_key(depth);
        Ok(())
    }

    /// The CAs that sign what is renewed.
    #[must_use]
    pub fn signers(&self) -> BTreeSet<EntryName> {
        let of_authorities = self
            .authorities
            .iter()
            .map(|record| record.issuer.as_ref().unwrap_or(&record.name));
        let of_leaves = self
            .leaves
            .iter()
            .filter_map(|record| record.issuer.as_ref());
        of_authorities.chain(of_leaves).cloned().collect()
    }

    /// Whether this CA is renewed itself.
    #[must_use]
    pub fn renews(&self, name: &EntryName) -> bool {
        self.authorities.iter().any(|record| record.name == *name)
    }

    /// Takes out what this CA would sign, and tells what that is.
    pub fn leave(&mut self, signer: &EntryName) -> Vec<Record> {
        let own = |record: &mut Record| record.issuer.as_ref().unwrap_or(&record.name) == signer;
        let mut left: Vec<_> = self.authorities.extract_if(.., own).collect();
        let below = |record: &mut Record| record.issuer.as_ref() == Some(signer);
        left.extend(self.leaves.extract_if(.., below));
        left
    }

    pub(super) fn leaves_by_issuer(&self) -> BTreeMap<Option<EntryName>, Vec<&Record>> {
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in &self.leaves {
            groups
                .entry(record.issuer.clone())
                .or_default()
                .push(record);
        }
        groups
    }

    /// Entries that stay as they are where a CA is renewed, by the CA that signed them.
    pub(super) fn followers(&self, pki: &Pki) -> Result<Following, StoreError> {
        match self.authorities.is_empty() {
            true => Ok(Following::new()),
            false => following(pki, self.leaves.iter().map(|record| &record.name)),
        }
    }
}

/// Entries by the CA that signed them.
pub(in crate::issuance) type Following = HashMap<EntryName, Vec<EntryName>>;

/// Every entry in use but for these: which of them get other chains or bundles, the CAs tell.
pub(in crate::issuance) fn following<'n>(
    pki: &Pki,
    without: impl Iterator<Item = &'n EntryName>,
) -> Result<Following, StoreError> {
    let without: HashSet<_> = without.collect();
    let mut following = Following::new();
    let selection = Selection {
        area: Some(Area::Entries),
        statuses: vec![Status::Current],
        ..Selection::default()
    };
    let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
        if let Some(issuer) = record.issuer.filter(|_| !without.contains(&record.name)) {
            following.entry(issuer).or_default().push(record.name);
        }
        ControlFlow::Continue(())
    })?;
    Ok(following)
}

/// All CAs that are in use, each with the one above it.
fn parents(pki: &Pki) -> Result<HashMap<EntryName, Option<EntryName>>, StoreError> {
    let records = pki.authorities()?.into_iter();
    Ok(records.map(|record| (record.name, record.issuer)).collect())
}
