//! A renewal from beginning to end: CAs, entries, and the new chain for what stays below a renewed CA.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::{
    Terms,
    choice::{Due, Following},
    hierarchy::Hierarchy,
    refreshing::refresh,
    request,
};
use crate::{
    issuance::{
        IssueError, SigningAuthority,
        leaf::{Batch, issue},
    },
    pki::entry_name::EntryName,
    store::{Pki, layout::Layout, ledger::Record, transaction::Transaction},
};

/// How what is due is renewed.
pub struct Renewal<'a> {
    /// What successors do not take over
    pub terms: Terms,
    /// The time of signing
    pub now: OffsetDateTime,
    /// Take all of it back in the end
    pub dry_run: bool,
    /// Called with how many entries have been written since the last call
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Gets each record
    pub note: &'a mut dyn FnMut(&Record),
}

/// What a renewed CA means for the entries that stay below it.
#[derive(Debug, Default)]
pub struct Followers {
    /// So many got the new chain
    pub count: usize,
    /// These name their CA by its old serial number, so that verifiers will refuse them
    pub bound: Vec<EntryName>,
}

impl Renewal<'_> {
    /// Renews what is due, in one transaction; `signers` are the CAs that sign.
    ///
    /// # Errors
    ///
    /// The first that occurs; nothing is changed then.
    pub fn carry_out(
        mut self,
        pki: &mut Pki,
        due: &Due,
        signers: HashMap<EntryName, SigningAuthority>,
    ) -> Result<Followers, IssueError> {
        let following = due.followers(pki)?;
        let mut hierarchy = Hierarchy::read(pki, signers)?;
        let layout = pki.layout().clone();
        let mut transaction = pki.begin()?;
        self.authorities(&mut transaction, &mut hierarchy, due)?;
        self.leaves(&mut transaction, &hierarchy, due, &layout)?;
        let followers = follow(&transaction, &hierarchy, &following, &layout)?;
        transaction.finish(self.dry_run)?;
        Ok(followers)
    }

    fn authorities(
        &mut self,
        transaction: &mut Transaction<'_>,
        hierarchy: &mut Hierarchy,
        due: &Due,
    ) -> Result<(), IssueError> {
        for record in &due.authorities {
            let successor = hierarchy.renew(transaction, record, &self.terms, self.now)?;
            (self.note)(&successor);
        }
        hierarchy.stage(&transaction.stage(due.authorities.len())?)
    }

    fn leaves(
        &mut self,
        transaction: &mut Transaction<'_>,
        hierarchy: &Hierarchy,
        due: &Due,
        layout: &Layout,
    ) -> Result<(), IssueError> {
        for (issuer, records) in due.leaves_by_issuer() {
            let batch = Batch {
                issuer: issuer.as_ref().and_then(|name| hierarchy.signer(name)),
                extensions: None,
                now: self.now,
                progress: self.progress,
            };
            let requests = records
                .iter()
                .map(|record| request(record, layout, &self.terms));
            issue(transaction, requests, &batch, self.note)?;
        }
        Ok(())
    }
}

/// Gives what stays below a renewed CA its new chain.
pub(in crate::issuance) fn follow(
    transaction: &Transaction<'_>,
    hierarchy: &Hierarchy,
    following: &Following,
    layout: &Layout,
) -> Result<Followers, IssueError> {
    let stage = transaction.stage(following.len())?;
    let mut followers = Followers::default();
    for changed in hierarchy.changed() {
        if let Some(names) = following.get(&changed.1.name) {
            followers.count += names.len();
            let bound = refresh(&stage, layout, changed, names)?;
            followers.bound.extend(bound.into_iter().cloned());
        }
    }
    Ok(followers)
}
