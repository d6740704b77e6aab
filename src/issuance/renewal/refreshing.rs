//! What changes in the files of entries that stay as they are.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    issuance::{IssueError, leaf::Shared},
    pki::{entry_name::EntryName, plan::SignError, renewal::Predecessor},
    store::{
        StoreError,
        authority::Authority,
        directory::Directory,
        entry,
        layout::{Area, Layout, Place, file},
        share::share,
        stage::{Stage, StagedFile},
    },
};

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
    let is_rechained = issuer.behind() != before.behind();
    let mut others = vec![StagedFile::public(
        file::TRUST_CHAIN,
        &shared.roots_and_chain,
    )];
    // A root that was replaced is in its bundle before the chains lead to it.
    if issuer.roots != before.roots || is_rechained || is_renewed {
        others.push(StagedFile::public(file::TRUST, &shared.roots));
    }
    let Some(area) = layout.find(&layout.area(Area::Entries))? else {
        return Ok(Vec::new());
    };
    let bound = Mutex::new(HashSet::new());
    let change = Change {
        stage,
        others: &others,
        chain: is_rechained.then_some(&*shared.chain),
        is_renewed,
    };
    share(entries, |name| {
        if change.carry_out(layout, &area, name)? {
            lock(&bound).insert(name);
        }
        Ok::<_, IssueError>(())
    })?;
    let bound = lock(&bound);
    Ok(entries.iter().filter(|name| bound.contains(name)).collect())
}

/// What becomes of each of them.
struct Change<'a> {
    stage: &'a Stage,
    /// Files that are the same for all
    others: &'a [StagedFile<'a>],
    /// What stands behind the certificates, where that has changed
    chain: Option<&'a str>,
    is_renewed: bool,
}

impl Change<'_> {
    /// Says whether the certificate names its CA by the serial number that it no longer has.
    fn carry_out(
        &self,
        layout: &Layout,
        area: &Directory,
        name: &EntryName,
    ) -> Result<bool, IssueError> {
        let place = Place::entry(name.clone());
        let found = area.find(name.as_str());
        let found =
            found.map_err(|error| StoreError::io("look at", &layout.place(&place), error))?;
        // Where somebody took the directory away, there is nothing to bring up to date.
        if !found.is_some_and(|found| found.is_directory()) {
            return Ok(false);
        }
        self.stage.change(&place, self.others)?;
        if !self.is_renewed && self.chain.is_none() {
            return Ok(false);
        }
        let certificates = entry::certificates(layout, name)?;
        let Some(leaf) = certificates.first() else {
            return Ok(false);
        };
        if let Some(chain) = self.chain {
            let own = leaf.to_pem() + chain;
            self.stage
                .change(&place, &[StagedFile::public(file::CERTIFICATE, &own)])?;
        }
        let tbs = leaf.parsed().tbs_certificate.as_ref().to_vec();
        let leaf = Predecessor::from_to_be_signed(&tbs).map_err(SignError::from)?;
        Ok(self.is_renewed && leaf.names_issuer_serial())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
