//! The CAs of a PKI directory while some of them are renewed.
//!
//! A renewed CA keeps its key, its subject and its key identifier, so that all that it signed stays
//! valid. What changes for those below it are files: their chains and trust bundles.

use std::{collections::HashMap, slice};

use time::OffsetDateTime;

use super::{Terms, planning::plan};
use crate::{
    issuance::{IssueError, SigningAuthority, authorities::authorities},
    pki::{certificate::Certificate, entry_name::EntryName, issuer::Issuer, plan::signature_holds},
    store::{
        Pki, StoreError,
        authority::Authority,
        generations::Generations,
        layout::{Place, file},
        ledger::{Origin, Record, Status, rotation::Pair},
        stage::{Stage, StagedFile},
        transaction::Transaction,
    },
};

/// All CAs, parents before their children.
#[derive(Debug)]
pub(in crate::issuance) struct Hierarchy {
    members: Vec<Member>,
    signers: HashMap<EntryName, SigningAuthority>,
    generations: Generations,
}

#[derive(Debug)]
struct Member {
    authority: Authority,
    parent: Option<EntryName>,
    /// As it was, where it has changed
    before: Option<Authority>,
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
                return Ok(Self {
                    members,
                    signers,
                    generations,
                });
            }
            for record in ready {
                members.push(Member {
                    authority: match authorities.fallen(&record.name) {
                        None => pki.authority(&record.name)?,
                        Some(_) => pki.orphan(&record.name)?,
                    },
                    parent: record.issuer,
                    before: None,
                });
            }
            waiting = later;
        }
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
            origin: Origin::Issued,
            to_be_signed: planned.to_be_signed().into(),
            ..record.clone()
        };
        let recorded = planned.recorded(|| transaction.record(slice::from_ref(&successor)))?;
        let certificate = recorded.sign(&signer.key)?;
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
        for index in 0..self.members.len() {
            let (above, rest) = self.members.split_at_mut(index);
            let member = &mut rest[0];
            let parent = member.parent.as_ref();
            let parent = above
                .iter()
                .find(|above| Some(&above.authority.name) == parent);
            let parent = parent.filter(|parent| parent.before.is_some() || replaced == Some(index));
            if let Some(parent) = parent {
                member.follow(&parent.authority);
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

    /// Stages the files of all CAs that have changed; those of old certificates go to the archive.
    ///
    /// # Errors
    ///
    /// Where a file cannot be made.
    pub(in crate::issuance) fn stage(&self, stage: &Stage) -> Result<(), IssueError> {
        for (before, authority) in self.changed() {
            let place = Place::authority(authority.name.clone());
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

impl Member {
    fn chain(&self) -> (EntryName, Vec<Certificate>) {
        (self.authority.name.clone(), self.authority.chain.clone())
    }

    /// Lists its own chain, and that of the CA beside which it is trusted.
    fn stand_beside(
        &mut self,
        generations: &Generations,
        chains: &HashMap<EntryName, Vec<Certificate>>,
    ) {
        let own = &self.authority;
        let is_old = |pair: &&Pair| pair.old == own.name;
        let pair = generations.counterpart(&own.name);
        let other = pair.and_then(|pair| match is_old(&pair) {
            true => Some((chains.get(&pair.new)?, true)),
            false => Some((chains.get(&pair.old)?, false)),
        });
        if own.roots.is_empty() {
            // An orphan, whose files are for the archive.
            return;
        }
        let (other, is_older) = other.map_or((&[][..], true), |(it, is_older)| (it, is_older));
        let beside = own.clone().beside(other, is_older);
        if beside.intermediates != own.intermediates {
            let before = std::mem::replace(&mut self.authority, beside);
            self.before.get_or_insert(before);
        }
    }

    /// Takes over what its parent has; its own certificate stays.
    fn follow(&mut self, parent: &Authority) {
        let own = self.authority.certificate.clone();
        let authority = Authority {
            name: self.authority.name.clone(),
            chain: [slice::from_ref(&own), &parent.chain].concat(),
            intermediates: self.authority.intermediates.clone(),
            certificate: own,
            roots: parent.roots.clone(),
        };
        if authority.chain != self.authority.chain || authority.roots != self.authority.roots {
            let before = std::mem::replace(&mut self.authority, authority);
            self.before.get_or_insert(before);
        }
    }
}

/// Its certificate, and what lies beside it: the chain, or of a root the trust bundle.
fn texts(authority: &Authority) -> (String, String) {
    let others = match authority.chain.is_empty() {
        true => &authority.roots,
        false => &authority.chain,
    };
    let others = others.iter().map(Certificate::to_pem).collect();
    (authority.certificate.to_pem(), others)
}
