//! The first step: the successor is made, and every bundle holds both. Leaves still come from the old CA.

use std::{collections::HashMap, iter, slice};

use time::OffsetDateTime;

use super::{
    RotateError,
    successor::{self, Wanted},
};
pub use super::{lineup::Lineup, successor::Terms};
use crate::{
    issuance::{
        SigningAuthority,
        authority::Made,
        crl::{self, Line},
        crossing::{self, Crossed},
        defaults,
        own_key::Keeping,
        renewal::{
            choice::{Following, following},
            hierarchy::Hierarchy,
            work::{Followers, follow},
        },
    },
    pki::{certificate::Certificate, entry_name::EntryName},
    store::{
        Pki,
        authority::Authority,
        generations::{Generations, with_successor},
        layout::{Layout, Place, file},
        ledger::{
            Record,
            revocation::CrlState,
            rotation::{Rotation, SeenBy, Sighting, Step},
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

impl Outsider {
    /// What is known of somebody whom a fleet file names, in the rotation that began with this transaction.
    #[must_use]
    pub fn named(&self, began: i64, at: OffsetDateTime) -> Sighting {
        Sighting {
            began,
            name: self.name.clone(),
            format: Some(self.format.clone()),
            trusts: false,
            bundle: None,
            serial: None,
            chain: None,
            seen_by: SeenBy::Fleet,
            at,
        }
    }
}

/// How a rotation begins.
pub struct Announcement<'a> {
    /// Which CAs
    pub lineup: &'a Lineup,
    /// What the successors are like
    pub terms: &'a Terms,
    /// Who signs the successors of CAs whose issuer is not among them, by the name of that issuer
    pub parents: &'a HashMap<EntryName, SigningAuthority>,
    /// Who signs a cross certificate for the first of them, and what that is called
    pub cross: Option<(&'a SigningAuthority, EntryName)>,
    /// The rotation that they join, if it is begun already
    pub joins: Option<&'a Rotation>,
    /// Where the keys of the successors are kept, by their names; in files where nothing is said
    pub keeping: HashMap<EntryName, Keeping<'a>>,
    /// Where the CRL of the CA of a name will be served
    pub crl_url: &'a dyn Fn(&EntryName) -> Option<String>,
    /// Who trusts the CA and is no entry
    pub outside: &'a [Outsider],
    /// The time of signing
    pub now: OffsetDateTime,
    /// Take all of it back in the end
    pub dry_run: bool,
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

/// What is read before anything is made.
pub(super) struct Before {
    following: Following,
    hierarchy: Hierarchy,
    generations: Generations,
    line: Line,
    layout: Layout,
}

/// What was made within a transaction.
pub(super) struct Announced {
    pub(super) rotation: Rotation,
    pub(super) made: Vec<Made>,
    followers: Followers,
}

impl Announcement<'_> {
    /// Does it, in one transaction.
    ///
    /// # Errors
    ///
    /// The first that occurs; nothing is changed then.
    pub fn carry_out(&self, pki: &mut Pki) -> Result<Stepped, RotateError> {
        let before = self.read(pki, iter::empty())?;
        let mut transaction = pki.begin()?;
        let announced = self.announce(&mut transaction, before)?;
        transaction.finish(self.dry_run)?;
        Ok(Stepped {
            rotation: announced.rotation,
            made: announced.made.into_iter().map(|it| it.record).collect(),
            followers: announced.followers,
        })
    }

    /// Reads what stands; entries in `without` get their files in another way.
    pub(super) fn read<'n>(
        &self,
        pki: &Pki,
        without: impl Iterator<Item = &'n EntryName>,
    ) -> Result<Before, RotateError> {
        Ok(Before {
            following: following(pki, without)?,
            hierarchy: Hierarchy::read(pki, HashMap::new())?,
            generations: pki.generations()?,
            line: Line::of(pki, &self.top().name)?,
            layout: pki.layout().clone(),
        })
    }

    /// Does it as part of a transaction.
    pub(super) fn announce(
        &self,
        transaction: &mut Transaction<'_>,
        before: Before,
    ) -> Result<Announced, RotateError> {
        let Before {
            following,
            mut hierarchy,
            generations,
            line,
            layout,
        } = before;
        let rotation = match self.joins {
            Some(rotation) => self.lineup.joined(rotation),
            None => Rotation {
                began: transaction.number(),
                ..self.lineup.to_come(self.now)
            },
        };
        self.note(transaction, &rotation);
        let (mut made, mut crossed) = self.make(transaction)?;
        hierarchy.set_generations(generations.with(rotation.clone()));
        self.introduce(&mut hierarchy, &mut made, crossed.as_mut())?;
        self.stage(transaction, &made, line)?;
        if let Some(crossed) = crossed {
            crossed.stage(&transaction.stage(made.len())?)?;
        }
        hierarchy.stage(&transaction.stage(made.len())?)?;
        let followers = follow(transaction, &hierarchy, &following, &layout)?;
        Ok(Announced {
            rotation,
            made,
            followers,
        })
    }

    /// The CA that was named.
    fn top(&self) -> &Record {
        &self.lineup.members[0].0
    }

    /// Signs the successors, parents first, and a cross certificate behind that of the first.
    fn make(
        &self,
        transaction: &mut Transaction<'_>,
    ) -> Result<(Vec<Made>, Option<Crossed>), RotateError> {
        let mut made: Vec<Made> = Vec::new();
        let mut crossed = None;
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
                keeping: self.keeping.get(name).copied().unwrap_or_default(),
                crl_url: (self.crl_url)(name),
            };
            let mut next = successor::make(transaction, &wanted, self.now)?;
            if let (true, Some((by, name))) = (made.is_empty(), &self.cross) {
                let cross = self.cross(&next, by, name).sign(transaction)?;
                next.signing
                    .authority
                    .cross
                    .clone_from(&cross.authority.chain);
                crossed = Some(cross);
            }
            made.push(next);
        }
        Ok((made, crossed))
    }

    fn cross<'c>(
        &self,
        next: &'c Made,
        by: &'c SigningAuthority,
        name: &'c EntryName,
    ) -> crossing::Wanted<'c> {
        crossing::Wanted {
            name,
            of: &next.record,
            by,
            lifetime: None,
            backdate: self.terms.backdate,
            depth: self.lineup.depth(),
            now: self.now,
        }
    }

    /// Has the CAs that stay trust the new root, and list the new chains; and the new ones theirs.
    fn introduce(
        &self,
        hierarchy: &mut Hierarchy,
        made: &mut [Made],
        crossed: Option<&mut Crossed>,
    ) -> Result<(), RotateError> {
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
        if let Some(crossed) = &crossed {
            hierarchy.cross(crossed.authority.clone(), &crossed.crossing);
        }
        hierarchy.settle(None)?;
        if let Some(crossed) = crossed
            && let Some(authority) = hierarchy.part(&crossed.crossing.name)
        {
            crossed.authority = authority;
        }
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
            transaction.note_sighting(outsider.named(rotation.began, self.now));
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
        next.key.staged(),
    ];
    files.extend(list.map(|text| StagedFile::public(file::CRL, text)));
    files.extend(bundle.map(|text| StagedFile::public(file::CRL_BUNDLE, text)));
    Ok(stage.add(&Place::authority(name.clone()), &files)?)
}
