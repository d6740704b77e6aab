//! The first step: the successor is made, and every bundle holds both. Leaves still come from the old CA.

use std::{collections::HashMap, iter, rc::Rc, slice};

use time::OffsetDateTime;

pub use super::successor::Terms;
use super::{
    RotateError,
    successor::{self, Made, Wanted},
};
use crate::{
    issuance::{
        SigningAuthority,
        crl::{self, Line},
        defaults,
        renewal::{
            choice::following,
            hierarchy::Hierarchy,
            work::{Followers, follow},
        },
    },
    pki::{certificate::Certificate, entry_name::EntryName, secret::Passphrase},
    store::{
        Pki, StoreError,
        authority::Authority,
        generations::{Generations, with_successor},
        layout::{Place, file},
        ledger::{
            Record,
            revocation::CrlState,
            rotation::{Pair, Phase, Rotation, SeenBy, Sighting, Step},
        },
        stage::{Stage, StagedFile},
        transaction::Transaction,
    },
};

/// Somebody outside of the PKI directory who trusts a CA.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outsider {
    /// What the fleet file calls them
    pub name: EntryName,
    /// In which format they have the bundle
    pub format: String,
}

/// The CAs that are rotated together, as they are, with the names of their successors.
#[derive(Debug)]
pub struct Lineup {
    /// The one that was named, then those below it, parents first
    pub members: Vec<(Record, EntryName)>,
}

/// How a rotation begins.
pub struct Announcement<'a> {
    /// Which CAs
    pub lineup: &'a Lineup,
    /// What the successors are like
    pub terms: &'a Terms,
    /// Who signs the successors of CAs whose issuer is not among them, by the name of that issuer
    pub parents: &'a HashMap<EntryName, SigningAuthority>,
    /// The rotation that they join, if it is begun already
    pub joins: Option<&'a Rotation>,
    /// What encrypts the keys of the successors, by their names
    pub passphrases: &'a HashMap<EntryName, Rc<Passphrase>>,
    /// Where the CRL of the CA of a name will be served
    pub crl_url: &'a dyn Fn(&EntryName) -> Option<String>,
    /// Who trusts the CA and is no entry
    pub outside: &'a [Outsider],
    /// The time of signing
    pub now: OffsetDateTime,
    /// Take all of it back in the end
    pub dry_run: bool,
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
        let members = Self::from(pki, &generations, |record| record.name == *name)?;
        match members.is_empty() {
            true => Err(StoreError::NoAuthority(name.clone()).into()),
            false => Ok(Self { members }),
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
        let members = Self::from(pki, &pki.generations()?, comes_late)?;
        Ok(Self { members })
    }

    /// These CAs, and all below them, parents first.
    fn from(
        pki: &Pki,
        generations: &Generations,
        is_first: impl Fn(&Record) -> bool,
    ) -> Result<Vec<(Record, EntryName)>, RotateError> {
        let mut waiting = pki.authorities()?;
        let mut members: Vec<(Record, EntryName)> = Vec::new();
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
                let place = pki.layout().place(&Place::authority(record.name.clone()));
                if !pki.layout().holds(&place.join(file::KEY))? {
                    return Err(RotateError::KeyElsewhere(record.name));
                }
                let next = pki.next_name(generations, &record.name)?;
                let next = next.ok_or_else(|| RotateError::Name(record.name.clone()))?;
                members.push((record, next));
            }
            waiting = later;
        }
        Ok(members)
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

    fn pairs(&self) -> Vec<Pair> {
        let pair = |(record, new): &(Record, EntryName)| Pair {
            old: record.name.clone(),
            new: new.clone(),
        };
        self.members.iter().map(pair).collect()
    }
}

/// What came of a step.
#[derive(Debug)]
pub struct Stepped {
    /// How far the rotation is
    pub rotation: Rotation,
    /// CAs that were made
    pub made: Vec<Record>,
    /// Entries that got another bundle or chain
    pub followers: Followers,
}

impl Announcement<'_> {
    /// Does it, in one transaction.
    ///
    /// # Errors
    ///
    /// The first that occurs; nothing is changed then.
    pub fn carry_out(&self, pki: &mut Pki) -> Result<Stepped, RotateError> {
        let following = following(pki, iter::empty())?;
        let mut hierarchy = Hierarchy::read(pki, HashMap::new())?;
        let generations = pki.generations()?;
        let line = Line::of(pki, &self.top().name)?;
        let layout = pki.layout().clone();
        let mut transaction = pki.begin()?;
        let rotation = match self.joins {
            Some(rotation) => Rotation {
                pairs: [&rotation.pairs[..], &self.lineup.pairs()].concat(),
                ..rotation.clone()
            },
            None => Rotation {
                began: transaction.number(),
                phase: Phase::Announced,
                since: self.now,
                switched: None,
                pairs: self.lineup.pairs(),
            },
        };
        self.note(&mut transaction, &rotation);
        let mut made = self.make(&mut transaction)?;
        hierarchy.set_generations(generations.with(rotation.clone()));
        self.introduce(&mut hierarchy, &mut made)?;
        self.stage(&mut transaction, &made, line)?;
        hierarchy.stage(&transaction.stage(made.len())?)?;
        let followers = follow(&transaction, &hierarchy, &following, &layout)?;
        transaction.finish(self.dry_run)?;
        Ok(Stepped {
            rotation,
            made: made.into_iter().map(|next| next.record).collect(),
            followers,
        })
    }

    /// The CA that was named.
    fn top(&self) -> &Record {
        &self.lineup.members[0].0
    }

    /// Signs the successors, parents first.
    fn make(&self, transaction: &mut Transaction<'_>) -> Result<Vec<Made>, RotateError> {
        let mut made: Vec<Made> = Vec::new();
        for (old, name) in &self.lineup.members {
            let above = old.issuer.as_ref().and_then(|issuer| {
                let mut members = self.lineup.members.iter().zip(&made);
                let above = members.find(|((above, _), _)| above.name == *issuer);
                above.map_or_else(|| self.parents.get(issuer), |(_, made)| Some(&made.signing))
            });
            let wanted = Wanted {
                old,
                name,
                terms: self.terms,
                parent: above,
                passphrase: self.passphrases.get(name).map(|it| &**it),
                crl_url: (self.crl_url)(name),
            };
            made.push(successor::make(transaction, &wanted, self.now)?);
        }
        Ok(made)
    }

    /// Has the CAs that stay trust the new root, and list the new chains; and the new ones theirs.
    fn introduce(&self, hierarchy: &mut Hierarchy, made: &mut [Made]) -> Result<(), RotateError> {
        let old = hierarchy.certificate(&self.top().name).cloned();
        if let (None, Some(old), Some(new)) = (&self.top().issuer, old, made.first()) {
            let new = &new.signing.authority.certificate;
            hierarchy.change_roots(|roots| with_successor(roots, &old, new));
        }
        let roots = hierarchy.roots(&self.top().name);
        for next in made.iter_mut() {
            next.signing.authority.roots.clone_from(&roots);
            hierarchy.join(next.signing.authority.clone(), next.record.issuer.clone());
        }
        hierarchy.settle(None)?;
        for next in made {
            if let Some(authority) = hierarchy.part(&next.record.name) {
                next.signing.authority = authority;
            }
        }
        Ok(())
    }

    /// Stages the directories of the successors. Where the old CAs have CRLs they have some from the first day.
    fn stage(
        &self,
        transaction: &mut Transaction<'_>,
        made: &[Made],
        mut line: Line,
    ) -> Result<(), RotateError> {
        let mut lists = Vec::new();
        for (next, (old, name)) in made.iter().zip(&self.lineup.members) {
            let url = next.signing.crl_url.clone();
            let (text, state) = match line.has(&old.name) {
                true => {
                    let (text, state) = crl::first(&next.signing, self.now, defaults::CRL_LIFE)?;
                    (Some(text), state)
                }
                false => (
                    None,
                    CrlState {
                        url,
                        ..CrlState::default()
                    },
                ),
            };
            if state != CrlState::default() {
                transaction.note_crl(name, state);
            }
            line.put(name, text.clone().unwrap_or_default());
            lists.push(text);
        }
        let bundle = line.text();
        let stage = transaction.stage(made.len())?;
        for (next, list) in made.iter().zip(&lists) {
            let bundle = bundle.as_deref().filter(|_| next.record.issuer.is_none());
            add(&stage, next, list.as_deref(), bundle)?;
        }
        if let Some(bundle) = bundle.filter(|_| lists.iter().any(Option::is_some)) {
            let files = [StagedFile::public(file::CRL_BUNDLE, &bundle)];
            for root in &line.roots {
                stage.change(&Place::authority(root.clone()), &files)?;
            }
        }
        Ok(())
    }

    fn note(&self, transaction: &mut Transaction<'_>, rotation: &Rotation) {
        transaction.step(Step::of(rotation));
        for outsider in self.outside {
            transaction.note_sighting(Sighting {
                began: rotation.began,
                name: outsider.name.clone(),
                format: Some(outsider.format.clone()),
                trusts: false,
                bundle: None,
                serial: None,
                seen_by: SeenBy::Fleet,
                at: self.now,
            });
        }
    }
}

/// Stages the directory of a successor.
fn add(
    stage: &Stage,
    next: &Made,
    list: Option<&str>,
    bundle: Option<&str>,
) -> Result<(), RotateError> {
    let Authority {
        name,
        certificate,
        chain,
        roots,
        ..
    } = &next.signing.authority;
    let (others_name, others) = match chain.is_empty() {
        true => (file::BUNDLE, roots),
        false => (file::CHAIN, chain),
    };
    let text = |all: &[Certificate]| -> String { all.iter().map(Certificate::to_pem).collect() };
    let (own, others) = (text(slice::from_ref(certificate)), text(others));
    let mut files = vec![
        StagedFile::public(file::CERTIFICATE, &own),
        StagedFile::public(others_name, &others),
        StagedFile::private(file::KEY, &next.key),
    ];
    files.extend(list.map(|text| StagedFile::public(file::CRL, text)));
    files.extend(bundle.map(|text| StagedFile::public(file::CRL_BUNDLE, text)));
    Ok(stage.add(&Place::authority(name.clone()), &files)?)
}
