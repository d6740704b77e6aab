//! A CRL that a CA has signed where its key is: what may follow the one here, and what becomes of what it lists.

use std::{collections::HashSet, slice};

use time::OffsetDateTime;

use super::{
    Signed,
    ahead::{Ahead, until},
    publication,
};
use crate::{
    issuance::revocation::{RevokeError, Wish, is_hold, plan, put},
    pki::{
        entry_name::EntryName,
        pem,
        revocation::{Contents, Revocation},
        revocation_list::{LABEL, RevocationList},
        serial::Serial,
        validity::rfc3339,
    },
    store::{
        Pki, StoreError,
        ledger::{
            Record, Status,
            revocation::{Change, CrlState, Fate},
        },
    },
};

/// Why a CRL is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceivedError {
    /// Who has it refuses everybody.
    #[error("it ended on {}; who has it refuses everybody", rfc3339(*.0))]
    Ended(OffsetDateTime),
    /// The CA has not signed it.
    #[error("the CA `{0}` has not signed it")]
    Foreign(EntryName),
    /// It begins later.
    #[error("it is good only from {}", rfc3339(*.0))]
    NotYet(OffsetDateTime),
    /// A later one is here.
    #[error("it has the number {number}, and the CRL here has {known}")]
    Older {
        /// Of the one that was given
        number: u64,
        /// Of the last one here
        known: u64,
    },
    /// Verifiers make nothing of it, or of its successors.
    #[error("{0}")]
    Unusable(&'static str),
    /// The ledger or the directory cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A CRL that can be put into its place.
#[derive(Debug)]
pub struct Received {
    /// The list
    pub signed: Signed,
    /// Whether it is here already
    pub is_here: bool,
    /// What was revoked here and is not on it, though it has not ended
    pub lacking: Vec<Serial>,
    /// Certificates on record that it lists, and what becomes of them
    pub changes: Vec<(Record, Change)>,
    /// What it lists besides
    adopted: Vec<Revocation>,
}

/// Looks whether the newest of these lists can follow the CRL of a CA that is here.
///
/// # Errors
///
/// Where it cannot, or the ledger or the directory cannot be read.
pub fn receive(
    pki: &Pki,
    name: &EntryName,
    lists: &[RevocationList],
    now: OffsetDateTime,
) -> Result<Received, ReceivedError> {
    let authority = pki.authority(name)?;
    let own = lists
        .iter()
        .filter(|list| list.is_signed_by(&authority.certificate));
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|list| list.number());
    let begun = own.iter().rposition(|list| list.this_update() <= now);
    // Where none has begun, the last says when it does.
    let (list, later) = match (begun, &own[..]) {
        (Some(place), own) => (own[place], &own[place + 1..]),
        (None, [.., last]) => (*last, &[][..]),
        (None, []) => return Err(ReceivedError::Foreign(name.clone())),
    };
    let contents = contents(list, now)?;
    let ahead = following(list, later)?;
    let state = pki.ledger().crl_state(name)?;
    let is_last = contents.number == state.number || until(pki, name)?.is_some();
    let stands = pki.standing_crls(&authority).contains(list) && is_last;
    let is_here = stands && ahead.is_none();
    if contents.number <= state.number && !stands {
        return Err(ReceivedError::Older {
            number: contents.number,
            known: state.number,
        });
    }
    let Consequences {
        changes,
        adopted,
        lacking,
    } = Consequences::of(pki, name, &contents)?;
    Ok(Received {
        is_here,
        lacking,
        changes,
        adopted,
        signed: Signed {
            issuer: name.clone(),
            state: CrlState {
                number: later
                    .iter()
                    .filter_map(|list| list.number())
                    .max()
                    .unwrap_or(contents.number)
                    .max(state.number),
                this_update: Some(contents.this_update),
                ..state
            },
            contents,
            text: pem::encode(LABEL, list.der()),
            ahead,
            has_waited: false,
            passed_over: Vec::new(),
        },
    })
}

/// What was signed in the same sitting, and will follow a list when its time has come.
fn following(
    first: &RevocationList,
    later: &[&RevocationList],
) -> Result<Option<Ahead>, ReceivedError> {
    let mut until = None;
    for list in later {
        until = until.max(Some(contents(list, list.this_update())?.next_update));
    }
    let all = [first].into_iter().chain(later.iter().copied());
    let text = all.map(|list| pem::encode(LABEL, list.der())).collect();
    Ok(until.map(|until| Ahead {
        count: later.len(),
        until,
        text,
    }))
}

/// What a list says that is complete, numbered, and good now (RFC 5280 §5.1.2.5, §5.2.3).
fn contents(list: &RevocationList, now: OffsetDateTime) -> Result<Contents, ReceivedError> {
    use ReceivedError::{Ended, NotYet, Unusable};
    if !list.is_complete() {
        return Err(Unusable("it lists only a part of what the CA has revoked"));
    }
    let number = list.number().ok_or(Unusable(
        "it has no number that can be counted, so that nobody can tell whether it is newer",
    ))?;
    let next_update = list.next_update().ok_or(Unusable(
        "it does not say when the next one is due, so that verifiers refuse it",
    ))?;
    if next_update < now {
        return Err(Ended(next_update));
    }
    if list.this_update() > now {
        return Err(NotYet(list.this_update()));
    }
    Ok(Contents {
        number,
        this_update: list.this_update(),
        next_update,
        revoked: list.revocations(),
    })
}

/// What becomes of certificates by a list.
#[derive(Default)]
struct Consequences {
    /// Of those on record
    changes: Vec<(Record, Change)>,
    /// Listed, and not on record
    adopted: Vec<Revocation>,
    /// Revoked here and not listed
    lacking: Vec<Serial>,
}

impl Consequences {
    fn of(pki: &Pki, issuer: &EntryName, contents: &Contents) -> Result<Self, ReceivedError> {
        let mut found = Self::default();
        let adopted = pki.ledger().adopted_revocations(issuer)?;
        let adopted: HashSet<_> = adopted.into_iter().map(|it| it.serial).collect();
        for revocation in &contents.revoked {
            match on_record(pki, issuer, &revocation.serial)? {
                Some(record) if record.status != Status::Revoked => {
                    let change = Change {
                        issuer: record.issuer.clone(),
                        serial: record.serial.clone(),
                        fate: Fate::Revoked(revocation.at, revocation.reason),
                    };
                    found.changes.push((record, change));
                }
                None if !adopted.contains(&revocation.serial) => {
                    found.adopted.push(revocation.clone());
                }
                _ => {}
            }
        }
        // What had ended by then need not be listed; when those that came with their CA end nobody here knows.
        let since = Some(contents.this_update);
        let listed: HashSet<_> = contents.revoked.iter().map(|it| &it.serial).collect();
        let revoked = pki.ledger().revocations(issuer, since)?.into_iter();
        for revocation in
            revoked.filter(|it| !listed.contains(&it.serial) && !adopted.contains(&it.serial))
        {
            match on_record(pki, issuer, &revocation.serial)? {
                // Its hold is over (RFC 5280 §5.3.1).
                Some(record) if is_hold(&revocation) => found.release(pki, record, contents)?,
                _ => found.lacking.push(revocation.serial),
            }
        }
        Ok(found)
    }

    fn release(
        &mut self,
        pki: &Pki,
        record: Record,
        contents: &Contents,
    ) -> Result<(), ReceivedError> {
        let released = plan(
            pki,
            slice::from_ref(&record),
            Wish::Release,
            contents.this_update,
        );
        match released {
            Ok(changes) => self
                .changes
                .extend(changes.into_iter().map(|it| (record.clone(), it))),
            Err(RevokeError::Store(error)) => return Err(error.into()),
            Err(_) => self.lacking.push(record.serial),
        }
        Ok(())
    }
}

fn on_record(pki: &Pki, issuer: &EntryName, serial: &Serial) -> Result<Option<Record>, StoreError> {
    let records = pki.ledger().with_serial(serial)?;
    let mut own = records.into_iter();
    Ok(own.find(|it| it.issuer.as_ref() == Some(issuer)))
}

impl Received {
    /// Puts it and the bundles that it belongs to into their places; what it lists is revoked from then on.
    ///
    /// # Errors
    ///
    /// Where the ledger or the directory cannot be written.
    pub fn publish(self, pki: &mut Pki, dry_run: bool) -> Result<Signed, StoreError> {
        let lists = [self.signed];
        let layout = pki.layout().clone();
        let mut transaction = publication(pki, &lists)?;
        for (record, change) in self.changes {
            put(&mut transaction, &layout, &record, change)?;
        }
        let [signed] = lists;
        if !self.adopted.is_empty() {
            transaction.adopt_revocations(&signed.issuer, self.adopted);
        }
        transaction.finish(dry_run)?;
        Ok(signed)
    }
}
