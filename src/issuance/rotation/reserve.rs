//! A root in reserve: made with the one that it waits behind, and in every bundle from the first day.

use time::{Duration, OffsetDateTime};

use super::{
    RotateError,
    announcement::Terms,
    successor::{self, Wanted},
};
use crate::{
    issuance::{
        authority::{self, AuthorityRequest},
        own_key::Keeping,
    },
    pki::{entry_name::EntryName, secret::Passphrase},
    store::{
        ledger::{
            Record,
            rotation::{Pair, Phase, Rotation, Step},
        },
        transaction::Transaction,
    },
};

/// The root that waits.
#[derive(Debug)]
pub struct Reserve<'a> {
    /// Its name
    pub name: EntryName,
    /// Encrypts its key file
    pub passphrase: Option<&'a Passphrase>,
    /// How far its beginning lies before now
    pub backdate: Duration,
}

/// Makes a root in `transaction`, and the one behind it: a rotation that is announced, and rests until it is needed.
///
/// # Errors
///
/// Where a plan is not allowed, or a key or file cannot be made.
pub fn create(
    transaction: &mut Transaction<'_>,
    request: &AuthorityRequest<'_>,
    next: &Reserve<'_>,
    now: OffsetDateTime,
) -> Result<Record, RotateError> {
    let mut root = authority::make(transaction, request, None, now)?;
    transaction.step(Step::of(&Rotation {
        began: transaction.number(),
        phase: Phase::Announced,
        since: now,
        switched: None,
        pairs: vec![Pair {
            old: request.name.clone(),
            new: next.name.clone(),
        }],
    }));
    let wanted = Wanted {
        old: &root.record,
        name: &next.name,
        terms: &Terms {
            backdate: next.backdate,
            ..Terms::as_before()
        },
        parent: None,
        keeping: Keeping::File(next.passphrase),
        crl_url: None,
    };
    let mut next = successor::make(transaction, &wanted, now)?;
    let roots = [&root, &next].map(|made| made.signing.authority.certificate.clone());
    for made in [&mut root, &mut next] {
        made.signing.authority.roots = roots.to_vec();
        made.stage(transaction)?;
    }
    Ok(root.record)
}
