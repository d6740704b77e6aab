//! What is known of each certificate: the certificate itself, its line in an index, its entry on a CRL.

use std::{cmp::Reverse, collections::HashMap};

use time::OffsetDateTime;

use super::{Mistake, Terms, authorities::Authorities, lists::Lists};
use crate::{
    import::{
        gather::{Found, FoundCertificate},
        here::Here,
        index::Row,
        layout::Standing,
        some_of,
    },
    pki::{
        name::{display, visible},
        revocation::{Reason, Revocation},
        serial::Serial,
    },
};

/// One certificate of a CA.
#[derive(Debug)]
pub(super) struct Item<'f> {
    /// The CA that has signed it, by its place
    pub(super) issuer: usize,
    pub(super) serial: Serial,
    pub(super) found: Option<&'f FoundCertificate>,
    /// The CA whose certificate it is, by its place
    pub(super) of_authority: Option<usize>,
    /// Its line, and in which index
    pub(super) row: Option<(&'f Row, usize)>,
    /// On the last CRL of its CA
    pub(super) listed: Option<Revocation>,
}

impl Item<'_> {
    /// Since when and why it is revoked: the index knows best, for CRLs are made of it; what was put aside as
    /// revoked, and nobody else knows of, is revoked from now on.
    pub(super) fn revocation(&self, now: OffsetDateTime) -> Option<Revocation> {
        let row = self.row.and_then(|(row, _)| row.revocation.clone());
        let put_aside = || {
            let is_revoked = self
                .found
                .is_some_and(|found| found.standing == Standing::Revoked);
            is_revoked.then(|| Revocation {
                serial: self.serial.clone(),
                at: now,
                reason: Reason::Unspecified,
            })
        };
        row.or_else(|| self.listed.clone()).or_else(put_aside)
    }
}

/// All certificates of a source.
#[derive(Debug, Default)]
pub(super) struct Items<'f> {
    pub(super) all: Vec<Item<'f>>,
    by_serial: HashMap<(usize, Serial), usize>,
}

impl<'f> Items<'f> {
    /// Takes the certificates whose CA is known; the others are named and left out, unless they are on record.
    pub(super) fn of(
        found: &'f Found,
        chosen: &Authorities,
        is_known: impl Fn(&FoundCertificate) -> bool,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut items = Self::default();
        let (mut foreign, mut weak, mut mistakes) = (Vec::new(), Vec::new(), Vec::new());
        let mut lone = Vec::new();
        for (place, it) in found.certificates.iter().enumerate() {
            let of_authority = chosen.certificates.get(&place).copied();
            let is_root = of_authority.is_some() && it.certificate.is_self_signed();
            if is_root || of_authority == Some(None) {
                continue;
            }
            let Some(issuer) = chosen.signer(&it.certificate) else {
                let issuer = display(&it.certificate.issuer());
                match chosen.names_issuer(&it.certificate) {
                    false if is_known(it) => {}
                    true if chosen.names_issuer_key(&it.certificate) => {
                        weak.push(it.origin.clone());
                    }
                    true => foreign.push(format!("{} (of another {issuer})", it.origin)),
                    false if it.certificate.is_self_signed() => lone.push(it.origin.clone()),
                    false => foreign.push(format!("{} (of {issuer})", it.origin)),
                }
                continue;
            };
            let item = items.at(issuer, it.certificate.serial());
            item.of_authority = of_authority.flatten();
            match item.found.replace(it) {
                None => {}
                Some(other) => mistakes.push(Mistake::Clash {
                    ca: chosen.all[issuer].name.clone(),
                    serial: it.certificate.serial(),
                    one: other.origin.clone(),
                    other: it.origin.clone(),
                }),
            }
        }
        if !foreign.is_empty() {
            warnings.push(format!(
                "left out, for another CA has signed it: {}",
                some_of(&foreign)
            ));
        }
        if !lone.is_empty() {
            warnings.push(format!(
                "left out, for no CA has signed it but it itself: {}",
                some_of(&lone)
            ));
        }
        if !weak.is_empty() {
            warnings.push(format!(
                "left out, for the signature is broken, or made with what is weak, such as SHA-1: {}",
                some_of(&weak)
            ));
        }
        match mistakes.is_empty() {
            true => Ok(items),
            false => Err(mistakes),
        }
    }

    fn at(&mut self, issuer: usize, serial: Serial) -> &mut Item<'f> {
        let key = (issuer, serial.clone());
        let place = *self.by_serial.entry(key).or_insert_with(|| {
            self.all.push(Item {
                issuer,
                serial,
                found: None,
                of_authority: None,
                row: None,
                listed: None,
            });
            self.all.len() - 1
        });
        &mut self.all[place]
    }

    pub(super) fn get(&self, issuer: usize, serial: &Serial) -> Option<&Item<'f>> {
        let place = self.by_serial.get(&(issuer, serial.clone()))?;
        Some(&self.all[*place])
    }

    /// Takes the lines of the indexes; hands back of which CA each of them is.
    pub(super) fn add_indexes(
        &mut self,
        found: &'f Found,
        chosen: &Authorities,
        here: &Here,
        terms: &Terms<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Option<usize>>, Vec<Mistake>> {
        let (mut owners, mut mistakes) = (Vec::new(), Vec::new());
        for (number, index) in found.indexes.iter().enumerate() {
            let owner = match &index.ca {
                Some(ca) => self.owner_called(ca, &index.rows, (found, chosen)),
                None => self.owner(&index.rows, chosen, here, terms),
            };
            owners.push(owner);
            if index.rows.is_empty() && index.last_number == 0 {
                continue;
            }
            let Some(owner) = owner else {
                match &index.ca {
                    Some(ca) => warnings.push(format!(
                        "{}: left out, what it has of the CA `{}`, of which no certificate is taken over",
                        index.origin, visible(ca)
                    )),
                    None => mistakes.push(Mistake::WhoseIndex(index.origin.clone())),
                }
                continue;
            };
            for revocation in &index.adopted {
                let item = self.at(owner, revocation.serial.clone());
                item.listed.get_or_insert_with(|| revocation.clone());
            }
            for row in &index.rows {
                let item = self.at(owner, row.serial.clone());
                if item
                    .row
                    .replace((row, number))
                    .is_some_and(|(_, other)| other == number)
                {
                    mistakes.push(Mistake::Twice {
                        origin: index.origin.clone(),
                        serial: row.serial.clone(),
                    });
                }
            }
        }
        match mistakes.is_empty() {
            true => Ok(owners),
            false => Err(mistakes),
        }
    }

    /// The CA whose certificates a ledger has: the one that has signed most of those that are there, or that lies
    /// there by this name.
    fn owner_called(
        &self,
        ca: &str,
        rows: &[Row],
        (found, chosen): (&Found, &Authorities),
    ) -> Option<usize> {
        most(chosen, rows, |place, row| self.has_signed(place, row))
            .or_else(|| chosen.called(found, ca))
    }

    /// Whether a CA has signed what is there with the number of a line.
    fn has_signed(&self, place: usize, row: &Row) -> bool {
        self.get(place, &row.serial)
            .is_some_and(|item| item.found.is_some())
    }

    /// The CA whose certificates stand in an index: the one that has signed most of those that are there; else the
    /// one that is meant, the only one, or the one here that has issued most of those numbers.
    fn owner(
        &self,
        rows: &[Row],
        chosen: &Authorities,
        here: &Here,
        terms: &Terms<'_>,
    ) -> Option<usize> {
        let asked = terms
            .ca
            .and_then(|ca| chosen.all.iter().position(|it| it.name == *ca));
        let own: Vec<_> = chosen.of_source().collect();
        let is_on_record = |place: usize, row: &Row| {
            let is_meant = own.is_empty() || own.contains(&place);
            is_meant && here.row(&chosen.all[place].name, &row.serial).is_some()
        };
        let only = || match own[..] {
            [only] => Some(only),
            _ => None,
        };
        most(chosen, rows, |place, row| self.has_signed(place, row))
            .or(asked)
            .or_else(only)
            .or_else(|| most(chosen, rows, is_on_record))
    }

    /// The CA that a source is of: whose index it holds, or which has signed most of what is in it.
    pub(super) fn main(&self, chosen: &Authorities, owners: &[Option<usize>]) -> Option<usize> {
        let mut own: Vec<_> = chosen.of_source().collect();
        if let [Some(owner)] = owners {
            return Some(*owner);
        }
        let mut signed = vec![0_usize; chosen.all.len()];
        for item in &self.all {
            signed[item.issuer] += usize::from(item.of_authority.is_none());
        }
        own.sort_by_key(|place| Reverse(signed[*place]));
        own.first().copied()
    }

    /// Takes what the CRLs say.
    pub(super) fn add_lists(&mut self, lists: &Lists) {
        for (issuer, list) in &lists.last {
            for revocation in list.revocations() {
                let item = self.at(*issuer, revocation.serial.clone());
                item.listed = Some(revocation);
            }
        }
    }
}

/// The CA for which this holds of most lines, if it holds of any.
fn most(chosen: &Authorities, rows: &[Row], holds: impl Fn(usize, &Row) -> bool) -> Option<usize> {
    let count = |place: usize| rows.iter().filter(|row| holds(place, row)).count();
    let counted = (0..chosen.all.len()).map(|place| (count(place), place));
    let (count, place) = counted.max_by_key(|(count, place)| (*count, Reverse(*place)))?;
    (count > 0).then_some(place)
}
