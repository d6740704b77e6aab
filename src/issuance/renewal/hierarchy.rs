//! The CAs of a PKI directory while some of them are renewed.
//!
//! A renewed CA keeps its key, its subject and its key identifier, so that all that it signed stays
//! valid. What changes for those below it are files: their chains and trust bundles.

use std::{collections::HashMap, slice};

mod member;

use time::OffsetDateTime;

use super::{Terms, planning::plan};
use crate::{
    issuance::{IssueError, SigningAuthority, authorities::authorities},
    pki::{certificate::Certificate, entry_name::EntryName, issuer::Issuer, plan::signature_holds},
    store::{
        Pki, StoreError,
        authority::Authority,
        crossing::Crossing,
        generations::Generations,
        layout::{Place, file},
        ledger::{Origin, Record, Status},
        stage::{Stage, StagedFile},
        transaction::Transaction,
    },
};
use member::{Member, texts};

/// All CAs, parents before their children.
#[derive(Debug)]
pub(in crate::issuance) struct Hierarchy {
    members: Vec<Member>,
    signers: HashMap<EntryName, SigningAuthority>,
    generations: Generations,
}

impl Hierarchy {
    /// Reads all CAs; `signers` are those whose keys are at hand.
    ///
    /// # Errors
    ///
    /// Where a CA's files cannot be read.
    pub(in crate::issuance) fn read(
        pki: &Pki,
        signers: HashMap<EntryName, SigningAuthority>,
    ) -> Result<Self, StoreError> {
        let authorities = authorities(pki)?;
        let generations = pki.generations()?;
        let mut members = Vec::new();
        let mut waiting = pki.authorities()?;
        // Each round takes those whose parent was taken; what is left hangs on nothing.
        loop {
            let is_ready = |record: &Record| match &record.issuer {
                None => true,
                Some(issuer) => members
                    .iter()
                    .any(|member: &Member| member.authority.name == *issuer),
            };
            let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
            if ready.is_empty() {
                break;
            }
            for record in ready {
                let fallen = authorities.fallen(&record.name);
                members.push(Member {
                    authority: match &fallen {
                        None => pki.authority(&record.name)?,
                        Some(_) => pki.orphan(&record.name)?,
                    },
                    parent: record.issuer,
                    is_orphaned: fallen.is_some_and(|it| it.with == record.name),
                    crosses: None,
                    before: None,
                });
            }
            waiting = later;
        }
        let mut hierarchy = Self {
            members,
            signers,
            generations,
        };
        for crossing in pki.crossings()? {
            if authorities.fallen(&crossing.by).is_none() {
                let authority = pki.crossing_authority(&crossing)?;
                hierarchy.cross(authority, &crossing);
            }
        }
        Ok(hierarchy)
    }

    /// A CA that can sign.
    #[must_use]
    pub(in crate::issuance) fn signer(&self, name: &EntryName) -> Option<&SigningAuthority> {
        self.signers.get(name)
    }

    /// CAs that have other certificates than before, or others around them: as they were, as they are.
    pub(in crate::issuance) fn changed(&self) -> impl Iterator<Item = (&Authority, &Authority)> {
        let members = self.members.iter();
        members.filter_map(|member| Some((member.before.as_ref()?, &member.authority)))
    }

    /// Renews a CA with the key of the one above it, or its own.
    ///
    /// # Errors
    ///
    /// Where that key is not at hand, or the plan is not allowed.
    pub(super) fn renew(
        &mut self,
        transaction: &mut Transaction<'_>,
        record: &Record,
        terms: &Terms,
        now: OffsetDateTime,
    ) -> Result<Record, IssueError> {
        let missing = || IssueError::NoIssuer(record.name.to_string());
        let is_meant = |member: &Member| member.authority.name == record.name;
        let index = self.members.iter().position(is_meant).ok_or_else(missing)?;
        let member = &self.members[index];
        let signer = member.parent.as_ref().unwrap_or(&member.authority.name);
        let signer = self.signers.get(signer).ok_or_else(missing)?;
        let is_root = member.parent.is_none();
        let planned = plan(record, signer, is_root, terms, now)?;
        let successor = Record {
            serial: planned.serial().clone(),
            validity: planned.validity(),
            status: Status::Current,
            origin: match record.origin {
                Origin::Crossed => Origin::Crossed,
                _ => Origin::Issued,
            },
            to_be_signed: planned.to_be_signed().into(),
            ..record.clone()
        };
        let recorded = planned.recorded(|| transaction.record(slice::from_ref(&successor)))?;
        let certificate = recorded.sign(&*signer.key)?;
        let issuer = match is_root {
            true => &certificate,
            false => &signer.authority.certificate,
        };
        if !signature_holds(&certificate, issuer) {
            return Err(IssueError::Signature(record.name.to_string()));
        }
        self.replace(index, certificate)?;
        Ok(successor)
    }

    /// Takes the certificate that was signed elsewhere: by the CA above, or a root's own key.
    ///
    /// # Errors
    ///
    /// Where that key has not signed it, or it is none that can issue.
    pub(super) fn take(
        &mut self,
        transaction: &mut Transaction<'_>,
        record: &Record,
        certificate: Certificate,
    ) -> Result<Record, IssueError> {
        let missing = || IssueError::NoIssuer(record.name.to_string());
        let find = |name: &EntryName| {
            let is_meant = |member: &Member| member.authority.name == *name;
            self.members.iter().position(is_meant)
        };
        let index = find(&record.name).ok_or_else(missing)?;
        let parent = match &self.members[index].parent {
            Some(parent) => {
                let index = find(parent).ok_or_else(missing)?;
                &self.members[index].authority.certificate
            }
            None => &certificate,
        };
        let issuer = Issuer::from_certificate(&certificate)?;
        if !signature_holds(&certificate, parent) {
            return Err(IssueError::Signature(record.name.to_string()));
        }
        let successor = Record {
            serial: certificate.serial(),
            validity: issuer.validity,
            status: Status::Current,
            origin: Origin::Issued,
            to_be_signed: certificate.parsed().tbs_certificate.as_ref().into(),
            ..record.clone()
        };
        transaction.record(slice::from_ref(&successor))?;
        self.replace(index, certificate)?;
        Ok(successor)
    }

    /// Puts a CA's new certificate into its own files and those of all CAs below it.
    fn replace(&mut self, index: usize, certificate: Certificate) -> Result<(), IssueError> {
        let member = &mut self.members[index];
        member
            .before
            .get_or_insert_with(|| member.authority.clone());
        // Whatever it was before, the one above has signed it now.
        member.is_orphaned = false;
        let old = std::mem::replace(&mut member.authority.certificate, certificate);
        if member.parent.is_none() {
            let new = member.authority.certificate.clone();
            self.change_roots(|roots| {
                let as_new = |root: &Certificate| match *root == old {
                    true => new.clone(),
                    false => root.clone(),
                };
                roots.iter().map(as_new).collect()
            });
        }
        self.settle(Some(index))
    }

    /// Changes the trust bundle of every root; [`Self::settle`] brings it to the CAs below.
    pub(in crate::issuance) fn change_roots(
        &mut self,
        change: impl Fn(&[Certificate]) -> Vec<Certificate>,
    ) {
        for member in self.members.iter_mut().filter(|it| it.parent.is_none()) {
            let roots = change(&member.authority.roots);
            if roots != member.authority.roots {
                member
                    .before
                    .get_or_insert_with(|| member.authority.clone());
                member.authority.roots = roots;
            }
        }
    }

    /// The certificate of a CA.
    pub(in crate::issuance) fn certificate(&self, name: &EntryName) -> Option<&Certificate> {
        Some(&self.find(name)?.authority.certificate)
    }

    /// The trust bundle of a CA.
    pub(in crate::issuance) fn roots(&self, name: &EntryName) -> Vec<Certificate> {
        let found = self.find(name);
        found.map_or_else(Vec::new, |member| member.authority.roots.clone())
    }

    fn find(&self, name: &EntryName) -> Option<&Member> {
        let mut members = self.members.iter();
        members.find(|member| member.authority.name == *name)
    }

    /// Takes in a CA that was made just now, behind those above it.
    pub(in crate::issuance) fn join(&mut self, authority: Authority, parent: Option<EntryName>) {
        self.members.push(Member {
            authority,
            parent,
            is_orphaned: false,
            crosses: None,
            before: None,
        });
    }

    /// Takes in a cross certificate.
    pub(in crate::issuance) fn cross(&mut self, authority: Authority, crossing: &Crossing) {
        self.members.push(Member {
            authority,
            parent: Some(crossing.by.clone()),
            is_orphaned: false,
            crosses: Some(crossing.of.clone()),
            before: None,
        });
    }

    /// Takes a CA out, as it is by now.
    pub(in crate::issuance) fn part(&mut self, name: &EntryName) -> Option<Authority> {
        let is_meant = |member: &Member| member.authority.name == *name;
        let index = self.members.iter().position(is_meant)?;
        Some(self.members.remove(index).authority)
    }

    /// Has each CA know which are trusted beside each other from now on.
    pub(in crate::issuance) fn set_generations(&mut self, generations: Generations) {
        self.generations = generations;
    }

    /// Brings what has changed above to the CAs below, and to those beside which they are trusted; `replaced` is one
    /// that has another certificate.
    pub(in crate::issuance) fn settle(
        &mut self,
        replaced: Option<usize>,
    ) -> Result<(), IssueError> {
        // A cross certificate follows one family and leads another: each turn brings it one further.
        for _ in 0..=self.members.len() {
            if !self.lead_on() & !self.follow(replaced) {
                break;
            }
        }
        let chains: HashMap<_, _> = self.members.iter().map(Member::chain).collect();
        for member in &mut self.members {
            member.stand_beside(&self.generations, &chains);
            if let Some(signer) = self.signers.get_mut(&member.authority.name) {
                signer.issuer = Issuer::from_certificate(&member.authority.certificate)?;
                signer.authority = member.authority.clone();
            }
        }
        Ok(())
    }

    /// Has each root lead on where a cross certificate does; says whether anything changed.
    fn lead_on(&mut self) -> bool {
        let chain = |it: &Member| Some((it.crosses.clone()?, it.authority.chain.clone()));
        let mut chains: HashMap<_, _> = self.members.iter().filter_map(chain).collect();
        let mut has_changed = false;
        for member in self.members.iter_mut().filter(|it| it.parent.is_none()) {
            let cross = chains.remove(&member.authority.name).unwrap_or_default();
            if cross != member.authority.cross {
                member
                    .before
                    .get_or_insert_with(|| member.authority.clone());
                member.authority.cross = cross;
                has_changed = true;
            }
        }
        has_changed
    }

    /// Has each CA follow the one above it, where that has changed; says whether anything did. What an earlier CA of that
    /// name has signed keeps what leads to it.
    fn follow(&mut self, replaced: Option<usize>) -> bool {
        let mut has_changed = false;
        for index in 0..self.members.len() {
            let member = &self.members[index];
            let parent = member.parent.as_ref().filter(|_| !member.is_orphaned);
            let parent = parent.and_then(|name| self.find(name));
            let parent = parent.filter(|it| it.before.is_some() || replaced == Some(index));
            if let Some(parent) = parent.map(|parent| parent.authority.clone()) {
                has_changed |= self.members[index].follow(&parent);
            }
        }
        has_changed
    }

    /// Stages the files of all CAs that have changed; those of old certificates go to the archive.
    ///
    /// # Errors
    ///
    /// Where a file cannot be made.
    pub(in crate::issuance) fn stage(&self, stage: &Stage) -> Result<(), IssueError> {
        for (before, authority) in self.changed() {
            let place = Place::authority(authority.name.clone());
            // Of a root that only leads on by another way nothing changes where it lies.
            if texts(authority) == texts(before) {
                continue;
            }
            let (own, others) = texts(authority);
            let others_name = match authority.chain.is_empty() {
                true => file::BUNDLE,
                false => file::CHAIN,
            };
            let mut files = vec![StagedFile::public(others_name, &others)];
            if authority.certificate != before.certificate {
                files.push(StagedFile::public(file::CERTIFICATE, &own));
                let (own, others) = texts(before);
                let archived = [
                    StagedFile::public(file::CERTIFICATE, &own),
                    StagedFile::public(others_name, &others),
                ];
                let serial = before.certificate.serial().to_string();
                stage.archive(&authority.name, &serial, &archived)?;
            }
            stage.change(&place, &files)?;
        }
        Ok(())
    }
}
