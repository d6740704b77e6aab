//! The CAs of a PKI directory while some of them are renewed.
//!
//! A renewed CA keeps its key, its subject and its key identifier, so that all that it signed stays
//! valid. What changes for those below it are files: their chains and trust bundles.

use std::{collections::HashMap, slice};

use time::OffsetDateTime;

use super::{Terms, predecessor};
use crate::{
    issuance::{
        IssueError, SigningAuthority, authorities::authorities, check_plan, constraining,
        leaf::Shared,
    },
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        issuer::Issuer,
        plan::{Contents, Extensions, Planned, SignError, signature_holds},
        renewal::Predecessor,
        rules::Role,
        serial::Serial,
        validity::{Validity, ValidityError},
    },
    store::{
        Pki, StoreError,
        authority::Authority,
        entry,
        layout::{Layout, Place, file},
        ledger::{Origin, Record, Status},
        stage::{Stage, StagedFile},
        transaction::Transaction,
    },
};

/// All CAs, parents before their children.
#[derive(Debug)]
pub(super) struct Hierarchy {
    members: Vec<Member>,
    signers: HashMap<EntryName, SigningAuthority>,
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
    pub(super) fn read(
        pki: &Pki,
        signers: HashMap<EntryName, SigningAuthority>,
    ) -> Result<Self, StoreError> {
        let authorities = authorities(pki)?;
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
                return Ok(Self { members, signers });
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
    pub(super) fn signer(&self, name: &EntryName) -> Option<&SigningAuthority> {
        self.signers.get(name)
    }

    /// CAs that have other certificates than before, or others around them: as they were, as they are.
    pub(super) fn changed(&self) -> impl Iterator<Item = (&Authority, &Authority)> {
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
            let new = &member.authority.certificate;
            let roots = member.authority.roots.iter_mut();
            for root in roots.filter(|root| **root == old) {
                root.clone_from(new);
            }
        }
        for index in index..self.members.len() {
            let (above, rest) = self.members.split_at_mut(index);
            let member = &mut rest[0];
            let parent = member.parent.as_ref();
            let parent = above
                .iter()
                .find(|above| Some(&above.authority.name) == parent);
            if let Some(parent) = parent.map(|parent| &parent.authority) {
                member.follow(parent);
            }
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
    pub(super) fn stage(&self, stage: &Stage) -> Result<(), IssueError> {
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
    /// Takes over what its parent has; its own certificate stays.
    fn follow(&mut self, parent: &Authority) {
        let own = self.authority.certificate.clone();
        let authority = Authority {
            name: self.authority.name.clone(),
            chain: [slice::from_ref(&own), &parent.chain].concat(),
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

fn plan(
    record: &Record,
    signer: &SigningAuthority,
    is_root: bool,
    terms: &Terms,
    now: OffsetDateTime,
) -> Result<Planned, IssueError> {
    let predecessor = predecessor(record)?;
    let above = (!is_root).then_some(&signer.issuer);
    let lifetime = terms.lifetime_after(&predecessor);
    let validity = above.map(|issuer| issuer.validity);
    let invalid = |source| IssueError::Validity {
        name: record.name.to_string(),
        source,
    };
    let validity = Validity::plan(lifetime, terms.backdate, validity, now).map_err(invalid)?;
    if validity.not_after < record.validity.not_after {
        return Err(invalid(ValidityError::EndsEarlier {
            not_after: validity.not_after,
            predecessor: record.validity.not_after,
        }));
    }
    let serial = Serial::generate()?;
    let own = Issuer {
        serial: serial.clone(),
        ..signer.issuer.clone()
    };
    let issuer = above.unwrap_or(&own);
    let contents = Contents {
        serial,
        validity,
        extensions: Extensions::Exact(predecessor.extensions(predecessor.key_identifier(), issuer)),
        subject: predecessor.subject,
        public_key_info: predecessor.public_key_info,
    };
    let planned = Planned::new(contents, issuer)?;
    let constraining = match is_root {
        true => Vec::new(),
        false => constraining(&signer.authority),
    };
    check_plan(
        record.name.as_str(),
        &planned,
        Role::Authority,
        &constraining,
        now,
    )?;
    Ok(planned)
}

/// Gives entries what has changed of the chain and the trust bundle of their CA; keys and leaves stay.
///
/// Returns those whose certificates name their CA by the serial number that it no longer has.
///
/// # Errors
///
/// Where an entry's certificate cannot be read, or a file cannot be made.
pub(super) fn refresh<'e>(
    stage: &Stage,
    layout: &Layout,
    (before, issuer): (&Authority, &Authority),
    entries: &'e [EntryName],
) -> Result<Vec<&'e EntryName>, IssueError> {
    let shared = Shared::of(issuer);
    let is_renewed = issuer.certificate != before.certificate;
    let is_rechained = issuer.chain != before.chain;
    let mut others = vec![StagedFile::public(
        file::TRUST_CHAIN,
        &shared.roots_and_chain,
    )];
    // A root that was replaced is in its bundle before the chains lead to it.
    if issuer.roots != before.roots || is_rechained || is_renewed {
        others.push(StagedFile::public(file::TRUST, &shared.roots));
    }
    let mut bound = Vec::new();
    // Where somebody took the directory away, there is nothing to bring up to date.
    for name in entries {
        if !entry::exists(layout, name)? {
            continue;
        }
        let place = Place::entry(name.clone());
        stage.change(&place, &others)?;
        if !is_renewed && !is_rechained {
            continue;
        }
        let certificates = entry::certificates(layout, name)?;
        let Some(leaf) = certificates.first() else {
            continue;
        };
        if is_rechained {
            let own = leaf.to_pem() + &shared.chain;
            stage.change(&place, &[StagedFile::public(file::CERTIFICATE, &own)])?;
        }
        let tbs = leaf.parsed().tbs_certificate.as_ref().to_vec();
        let leaf = Predecessor::from_to_be_signed(&tbs).map_err(SignError::from)?;
        if is_renewed && leaf.names_issuer_serial() {
            bound.push(name);
        }
    }
    Ok(bound)
}
