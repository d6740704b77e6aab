//! The next certificate of a CA in use that a CA elsewhere has signed: the key stays, and all below gets the new chain.

use std::collections::HashMap;

use super::{
    choice::Due,
    hierarchy::Hierarchy,
    work::{Followers, follow},
};
use crate::{
    issuance::IssueError,
    pki::certificate::Certificate,
    store::{Pki, ledger::Record},
};

/// Puts the certificate in the place of the one in use.
///
/// # Errors
///
/// Where the CA above has not signed it, or a file cannot be read or made; nothing is changed then.
pub fn install(
    pki: &mut Pki,
    record: &Record,
    certificate: Certificate,
    dry_run: bool,
) -> Result<(Record, Followers), IssueError> {
    let due = Due {
        authorities: vec![record.clone()],
        leaves: Vec::new(),
    };
    let following = due.followers(pki)?;
    let mut hierarchy = Hierarchy::read(pki, HashMap::new())?;
    let layout = pki.layout().clone();
    let mut transaction = pki.begin()?;
    let successor = hierarchy.take(&mut transaction, record, certificate)?;
    hierarchy.stage(&transaction.stage(1)?)?;
    let followers = follow(&transaction, &hierarchy, &following, &layout)?;
    transaction.finish(dry_run)?;
    Ok((successor, followers))
}
