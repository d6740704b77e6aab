//! From what is known of each certificate to what is done with it: what is new, in use, kept or revoked, and how it is
//! called here.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use time::OffsetDateTime;

use super::{
    Authority, Fate, Mistake, New, Plan,
    authorities::{Authorities, own_name},
    certificates::{Item, Items},
    keys::Keys,
    lists::Lists,
    naming::called,
    succession::Successions,
};
use crate::{
    import::{
        gather::{Found, FoundCertificate},
        here::{Here, InUse, Purpose},
        layout::Standing,
        names::{Taken, safe},
        some_of,
    },
    pki::{
        certificate::Certificate, entry_name::EntryName, profile::Profile, revocation::Revocation,
    },
};

/// All that was found out.
pub(super) struct Draft<'f> {
    pub(super) items: Items<'f>,
    pub(super) chosen: Authorities,
    pub(super) lists: Lists,
    pub(super) successions: Successions,
    pub(super) keys: Keys,
    /// Of which CA each index is
    pub(super) owners: Vec<Option<usize>>,
    pub(super) found: &'f Found,
    pub(super) here: &'f Here,
    pub(super) now: OffsetDateTime,
    pub(super) is_in_place: bool,
    /// Names here that go on with what the source has
    pub(super) continued: HashSet<EntryName>,
}

/// The place of a CA, and what the source calls what it has signed.
type FamilyKey = (usize, Option<String>);

/// Certificates of one CA that the source calls by one name.
#[derive(Default)]
struct Family<'f> {
    /// What the source calls them
    called: Option<String>,
    items: Vec<Item<'f>>,
}

impl Family<'_> {
    /// Whose name it is where others are called so: what is in use comes before what is newer, and of one day what
    /// was not replaced.
    fn rank(&self) -> (bool, Option<(OffsetDateTime, Standing)>) {
        let found = self.items.iter().filter_map(|item| item.found);
        let is_in_use = (found.clone()).any(|found| found.standing == Standing::InUse);
        let newest = found.map(|it| (it.certificate.validity().not_before, it.standing));
        (is_in_use, newest.max())
    }
}

impl<'f> Draft<'f> {
    pub(super) fn finish(mut self, warnings: Vec<String>) -> Result<Plan, Vec<Mistake>> {
        let mut plan = Plan {
            warnings,
            ..Plan::default()
        };
        let mut mistakes = Vec::new();
        let (mut families, mut order) = (HashMap::new(), Vec::new());
        let mut adopted: HashMap<usize, Vec<Revocation>> = HashMap::new();
        let mut fallen: HashMap<usize, Revocation> = HashMap::new();
        for item in std::mem::take(&mut self.items.all) {
            let issuer = &self.chosen.all[item.issuer];
            if let Some(row) = self.here.row(&issuer.name, &item.serial) {
                mistakes.extend(self.go_on(&item, row, &mut plan).err());
                continue;
            }
            if self.is_root_itself(&item) {
                continue;
            }
            let revocation = item.revocation(self.now);
            if let (Some(place), true) = (item.of_authority, self.is_newest(&item)) {
                fallen.extend(revocation.map(|revocation| (place, revocation)));
                continue;
            }
            match (item.found, item.row, revocation) {
                (None, None, None) => {}
                // When it ends nobody knows: it stays on the CRLs.
                (None, None, Some(revocation)) => {
                    if !self.here.is_revoked(&issuer.name, &item.serial) {
                        adopted.entry(item.issuer).or_default().push(revocation);
                    }
                }
                _ => {
                    let called = called(&item);
                    let key = (item.issuer, called.clone());
                    let family: &mut Family<'f> =
                        families.entry(key.clone()).or_insert_with(|| {
                            order.push(key);
                            Family {
                                called,
                                items: Vec::new(),
                            }
                        });
                    family.items.push(item);
                }
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let standing = self
            .chosen
            .standing(&fallen.keys().copied().collect::<HashSet<_>>());
        self.add_authorities(&mut plan, &standing, adopted, &fallen);
        let mut taken = Taken::default();
        taken.add(self.here.owners.keys().cloned());
        let mut below_fallen = Vec::new();
        self.join_lines(&mut families, &mut order, &standing);
        // A name is that of what is in use, and not of what another CA had signed for it before.
        order.sort_by_key(|key| (Reverse(families[key].rank()), key.0));
        for key in order {
            let Some(family) = families.remove(&key) else {
                continue;
            };
            match standing.contains(&key.0) {
                true => self.add_family(&mut plan, key.0, family, &mut taken),
                false => below_fallen.extend(family.called),
            }
        }
        if !below_fallen.is_empty() {
            plan.warnings.push(format!(
                "left out, for the CA that has signed it is revoked: {}",
                some_of(&below_fallen)
            ));
        }
        Ok(plan)
    }

    /// Certificates of a name go on with those that the CA's successor has signed.
    fn join_lines(
        &self,
        families: &mut HashMap<FamilyKey, Family<'f>>,
        order: &mut Vec<FamilyKey>,
        standing: &HashSet<usize>,
    ) {
        order.retain(|key| {
            let last = (self.successions.last(key.0), key.1.clone());
            let goes_on = last.0 != key.0 && standing.contains(&key.0);
            if !goes_on || !families.contains_key(&last) {
                return true;
            }
            let items = families.remove(key).map(|it| it.items);
            let joined = families.entry(last).or_default();
            joined.items.extend(items.into_iter().flatten());
            false
        });
    }

    /// Whether it is the line of a root in its own index: `openssl ca -selfsign` writes one.
    fn is_root_itself(&self, item: &Item<'_>) -> bool {
        let issuer = &self.chosen.all[item.issuer].certificate;
        item.found.is_none() && issuer.is_self_signed() && issuer.serial() == item.serial
    }

    /// Its own name in the PKI directory, where it is a cross certificate for the key of a root.
    fn crosses(&self, item: &Item<'_>) -> Option<EntryName> {
        let found = item.found.filter(|it| self.is_in_place && it.is_own)?;
        let root = &self.chosen.all[item.of_authority?].certificate;
        let is_crossing = root.is_self_signed() && !found.certificate.is_self_signed();
        own_name(found).filter(|_| is_crossing)
    }

    /// Whether it is the certificate that a CA of the source has now.
    fn is_newest(&self, item: &Item<'_>) -> bool {
        let authority = item
            .of_authority
            .map(|place| &self.chosen.all[place].certificate);
        item.found
            .is_some_and(|found| Some(&found.certificate) == authority)
    }

    /// The CAs of the source, and those here whose index or CRL it holds.
    fn add_authorities(
        &mut self,
        plan: &mut Plan,
        standing: &HashSet<usize>,
        mut adopted: HashMap<usize, Vec<Revocation>>,
        fallen: &HashMap<usize, Revocation>,
    ) {
        for (place, candidate) in self.chosen.all.iter().enumerate() {
            let is_concerned = candidate.found.is_some()
                || self.owners.contains(&Some(place))
                || self.lists.last.contains_key(&place);
            if !is_concerned {
                continue;
            }
            let found = candidate.found.map(|found| &self.found.certificates[found]);
            let here = candidate.here.map(|here| &self.here.authorities[here]);
            let here = here.filter(|here| here.is_recorded);
            let is_wanted = here.is_none_or(|here| !here.has_key);
            let key = found.filter(|_| is_wanted && standing.contains(&place));
            let last_number = self.lists.numbers.get(&place).copied().unwrap_or(0);
            let known = here.map_or(0, |here| here.last_number);
            let parent = candidate
                .parent
                .map(|parent| self.chosen.all[parent].name.clone())
                .or_else(|| here.and_then(|here| here.issuer.clone()));
            let key = key.and_then(|found| self.keys.take(found));
            plan.authorities.push(Authority {
                name: candidate.name.clone(),
                certificate: candidate.certificate.clone(),
                parent,
                is_here: here.is_some(),
                revocation: fallen.get(&place).cloned(),
                has_key: key.is_some() || here.is_some_and(|here| here.has_key),
                key,
                list: self
                    .lists
                    .last
                    .remove(&place)
                    .filter(|_| last_number > known || here.is_none()),
                last_number: if last_number > known { last_number } else { 0 },
                adopted: adopted.remove(&place).unwrap_or_default(),
                origin: found
                    .map_or_else(|| candidate.name.to_string(), |found| found.origin.clone()),
            });
        }
    }

    /// Gives the certificates of one name their fates: the newest is in use, and those for other purposes beside it.
    fn add_family(
        &mut self,
        plan: &mut Plan,
        issuer: usize,
        mut family: Family<'f>,
        taken: &mut Taken,
    ) {
        let ca = self.chosen.all[issuer].name.clone();
        let wanted = family.called.as_deref().and_then(safe);
        let wanted = wanted.or_else(|| safe(&format!("{ca}-certificate")));
        let wanted = wanted.unwrap_or_else(|| ca.clone());
        let is_its_own = self.here.owners.get(&wanted) == Some(&Some(ca.clone()));
        // Two of the source's names may have become one.
        let is_its_own = is_its_own && self.continued.insert(wanted.clone());
        let name = match is_its_own || self.is_in_place {
            true => wanted,
            false => taken.take(wanted),
        };
        // What is in use comes first, and of that the newest.
        let rank = |item: &Item<'_>| {
            let found = item
                .found
                .map(|found| (found.standing, found.certificate.validity().not_before));
            Reverse(found)
        };
        family.items.sort_by_key(rank);
        let mut in_use: Vec<(EntryName, Purpose)> = Vec::new();
        for item in family.items {
            let mut called_here = name.clone();
            let fate = match (item.revocation(self.now), item.found) {
                (Some(revocation), _) => Fate::Revoked(revocation),
                (None, Some(found)) if self.is_in_place => match found.standing {
                    Standing::InUse if item.of_authority.is_none() => Fate::InUse,
                    Standing::InUse if self.crosses(&item).is_some() => Fate::InUse,
                    _ => Fate::Kept,
                },
                (None, Some(found)) if item.of_authority.is_none() && self.is_of_use(found) => {
                    let purpose = purpose(&found.certificate);
                    let is_renewed = in_use.iter().any(|(_, other)| *other == purpose);
                    let standing = self.here.in_use.get(&name).filter(|_| is_its_own);
                    match comes_after(found, &purpose, standing) {
                        _ if is_renewed => Fate::Kept,
                        Some(false) => Fate::Kept,
                        Some(true) if in_use.is_empty() => {
                            in_use.push((name.clone(), purpose));
                            Fate::InUse
                        }
                        _ => {
                            called_here = taken.take(name.clone());
                            in_use.push((called_here.clone(), purpose));
                            Fate::InUse
                        }
                    }
                }
                _ => Fate::Kept,
            };
            let new = self.new_of(item, called_here, fate, family.called.as_deref());
            plan.new.push(new);
        }
    }

    /// Whether somebody may be using it: what is only kept is no use once it has ended.
    fn is_of_use(&self, found: &FoundCertificate) -> bool {
        match found.standing {
            Standing::InUse => true,
            Standing::Kept => found.certificate.validity().not_after >= self.now,
            Standing::PutAway | Standing::Revoked => false,
        }
    }

    fn new_of(&mut self, item: Item<'f>, name: EntryName, fate: Fate, called: Option<&str>) -> New {
        let ends = item.row.map(|(row, _)| row.ends);
        let found = item.found.map(|found| &found.certificate);
        let not_after = found.map(|found| found.validity().not_after).or(ends);
        let index = item
            .row
            .map(|(_, index)| self.found.indexes[index].origin.clone());
        let origin = item.found.map(|found| found.origin.clone()).or(index);
        let key = item.found.and_then(|found| self.keys.take(found));
        let crosses = self.crosses(&item);
        New {
            issuer: self.chosen.all[item.issuer].name.clone(),
            serial: item.serial,
            called: called
                .filter(|called| *called != name.as_str())
                .map(str::to_owned),
            is_crossing: crosses.is_some() && fate == Fate::InUse,
            name: match (crosses, item.of_authority) {
                (Some(own), _) => own,
                (None, Some(place)) => self.chosen.all[place].name.clone(),
                (None, None) => name,
            },
            certificate: found.cloned(),
            is_authority: item.of_authority.is_some(),
            not_after: not_after.unwrap_or(self.now),
            fate,
            has_key: key.is_some()
                || item
                    .found
                    .is_some_and(|found| found.has_key && self.is_in_place),
            key,
            origin: origin.unwrap_or_default(),
        }
    }
}

/// Whether it takes the place of what is in use here under its name; `None` where that is for another purpose.
fn comes_after(
    found: &FoundCertificate,
    purpose: &Purpose,
    standing: Option<&InUse>,
) -> Option<bool> {
    match standing {
        None => Some(true),
        Some(standing) if standing.purpose != *purpose => None,
        Some(standing) => Some(found.certificate.validity().not_before > standing.not_before),
    }
}

fn purpose(certificate: &Certificate) -> Purpose {
    Purpose {
        profile: Profile::nearest(certificate),
        names: certificate
            .names()
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}
