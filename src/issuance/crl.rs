//! The next CRL of a CA: what it says, and what it must not forget (RFC 5280 §5.2.3, §6.3.3).

use std::collections::HashSet;

use time::{Duration, OffsetDateTime};

use super::SigningAuthority;
use crate::{
    newer::{Knowledge, Newer},
    pki::{
        entry_name::EntryName,
        pem,
        revocation::{self, Contents},
        revocation_list::{LABEL, RevocationList},
    },
    store::{Pki, StoreError, authority::Authority, ledger::revocation::CrlState},
};

/// What a CRL is to be like.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// When it is made
    pub now: OffsetDateTime,
    /// How long until the next one
    pub life: Duration,
    /// Whether it may say less than what stands there
    pub force: bool,
}

/// A CRL that was signed.
#[derive(Debug)]
pub struct Signed {
    /// By which CA
    pub issuer: EntryName,
    /// What it says
    pub contents: Contents,
    /// What the ledger is to know of it
    pub state: CrlState,
    /// PEM
    pub text: String,
    /// What knew more than the ledger, and was passed over because that was asked for
    pub passed_over: Vec<Newer>,
}

/// Why no CRL was made.
#[derive(Debug, thiserror::Error)]
pub enum CrlError {
    /// It would say less than the one that it replaces, or be made from a ledger that is not the newest.
    #[error("the ledger is older than what lies beside it")]
    OlderLedger {
        /// What knows more
        newer: Vec<Newer>,
    },
    /// No number comes after the last one.
    #[error("no CRL can have a number after {0}")]
    Number(u64),
    /// It cannot be written or signed.
    #[error(transparent)]
    Sign(#[from] revocation::CrlError),
    /// The ledger or the directory cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs the next CRL of a CA.
///
/// # Errors
///
/// Where it would say less than what stands there (unless `terms` allow that), or cannot be signed.
pub fn sign(pki: &Pki, signer: &SigningAuthority, terms: &Terms) -> Result<Signed, CrlError> {
    let issuer = signer.authority.name.clone();
    let newer = pki.newer_than_ledger(&signer.authority)?;
    if !newer.is_empty() && !terms.force {
        return Err(CrlError::OlderLedger { newer });
    }
    let state = pki.ledger().crl_state(&issuer)?;
    // The number grows, whatever is forgotten.
    let standing = newer.iter().filter_map(|newer| match newer.what {
        Knowledge::Number(number, _) => Some(number),
        _ => None,
    });
    let contents = Contents {
        number: next_number(standing.fold(state.number, u64::max))?,
        this_update: terms.now,
        next_update: terms.now + terms.life,
        revoked: pki.ledger().revocations(&issuer, state.this_update)?,
    };
    let list = contents.sign(&signer.issuer, &signer.key)?;
    Ok(Signed {
        issuer,
        state: CrlState {
            number: contents.number,
            this_update: Some(terms.now),
            ..state
        },
        contents,
        text: pem::encode(LABEL, &list),
        passed_over: newer,
    })
}

/// The number after the last, as far as the ledger can count.
fn next_number(last: u64) -> Result<u64, CrlError> {
    let next = last
        .checked_add(1)
        .filter(|next| i64::try_from(*next).is_ok());
    next.ok_or(CrlError::Number(last))
}

/// Whether a CA whose CRL others may be using needs its next one: when a third of the last one's life is
/// left, when the last one is gone, or when it lacks a revocation.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn is_due(pki: &Pki, authority: &Authority, now: OffsetDateTime) -> Result<bool, StoreError> {
    let state = pki.ledger().crl_state(&authority.name)?;
    if state.number == 0 {
        return Ok(false);
    }
    let standing = pki.standing_crls(authority);
    let Some(last) = standing.iter().max_by_key(|list| list.number()) else {
        return Ok(true);
    };
    let listed: HashSet<_> = last.revocations().into_iter().map(|it| it.serial).collect();
    let mut revoked = pki
        .ledger()
        .revocations(&authority.name, state.this_update)?
        .into_iter();
    Ok(ends_soon(last, now) || !revoked.all(|revoked| listed.contains(&revoked.serial)))
}

fn ends_soon(list: &RevocationList, now: OffsetDateTime) -> bool {
    let begin = list.this_update();
    list.next_update()
        .is_none_or(|end| end - now <= (end - begin) / 3)
}
