//! What changes in the files of entries that stay as they are.

use crate::{
    issuance::{IssueError, leaf::Shared},
    pki::{entry_name::EntryName, plan::SignError, renewal::Predecessor},
    store::{
        authority::Authority,
        entry,
        layout::{Layout, Place, file},
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
