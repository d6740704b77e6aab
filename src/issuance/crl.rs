//! The next CRL of a CA: what it says, and what it must not forget (RFC 5280 §5.2.3, §6.3.3).

use std::collections::HashSet;

use time::{Duration, OffsetDateTime};

pub mod ahead;
mod bundle;
mod received;

pub use bundle::{Line, families};
pub use received::{Received, ReceivedError, receive};

use super::{SigningAuthority, authorities::authorities};
use crate::{
    newer::{Knowledge, Newer},
    pki::{
        authorities::Fallen,
        entry_name::EntryName,
        pem,
        revocation::{self, Contents},
        revocation_list::{LABEL, RevocationList},
        validity::rfc3339,
    },
    store::{
        Pki, StoreError, authority::Authority, layout::Place, ledger::revocation::CrlState,
        stage::StagedFile, transaction::Transaction,
    },
};
use ahead::Ahead;

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
    /// What will follow it, where that was signed with it
    pub ahead: Option<Ahead>,
    /// Whether it was made ahead, and its time has come
    pub has_waited: bool,
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
    /// Nobody could verify the last of those that are made ahead.
    #[error("the CA ends on {}, before the last of these CRLs begins", rfc3339(*.0))]
    BeyondIssuer(OffsetDateTime),
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
    let list = contents.sign(&signer.issuer, &*signer.key)?;
    Ok(Signed {
        issuer,
        state: CrlState {
            number: contents.number,
            this_update: Some(terms.now),
            ..state
        },
        contents,
        text: pem::encode(LABEL, &list),
        ahead: None,
        has_waited: false,
        passed_over: newer,
    })
}

/// The first CRL of a CA that has signed nothing yet: where its predecessor has one, verifiers ask for its, too.
///
/// # Errors
///
/// Where it cannot be signed.
pub fn first(
    signer: &SigningAuthority,
    now: OffsetDateTime,
    life: Duration,
) -> Result<(String, CrlState), CrlError> {
    let now = now.truncate_to_second();
    let contents = Contents {
        number: 1,
        this_update: now,
        next_update: now + life,
        revoked: Vec::new(),
    };
    let list = contents.sign(&signer.issuer, &*signer.key)?;
    let state = CrlState {
        url: signer.crl_url.clone(),
        number: contents.number,
        this_update: Some(now),
    };
    Ok((pem::encode(LABEL, &list), state))
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
fn is_due(pki: &Pki, authority: &Authority, now: OffsetDateTime) -> Result<bool, StoreError> {
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

/// All CAs, those with a common root together; those that somebody believes, and those that get no CRL.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub fn issuers(pki: &Pki) -> Result<(Vec<EntryName>, Vec<Fallen>), StoreError> {
    let authorities = authorities(pki)?;
    let names = families(&pki.authorities()?).into_values().flatten();
    let (standing, fallen): (Vec<_>, Vec<_>) = names.partition(|name| authorities.stands(name));
    let fallen = fallen.iter().filter_map(|name| authorities.fallen(name));
    Ok((standing, fallen.collect()))
}

/// Those of these CAs whose CRL is due.
///
/// # Errors
///
/// Where the ledger or the files of a CA cannot be read.
pub fn due(
    pki: &Pki,
    names: Vec<EntryName>,
    now: OffsetDateTime,
) -> Result<Vec<EntryName>, StoreError> {
    let mut due = Vec::new();
    for name in names {
        if is_due(pki, &pki.authority(&name)?, now)? {
            due.push(name);
        }
    }
    Ok(due)
}

/// Whether a CA has a CRL that is not due.
///
/// # Errors
///
/// Where the ledger or the files of the CA cannot be read.
pub fn stands(pki: &Pki, name: &EntryName, now: OffsetDateTime) -> Result<bool, StoreError> {
    let is_made = pki.ledger().crl_state(name)?.number > 0;
    Ok(is_made && !is_due(pki, &pki.authority(name)?, now)?)
}

/// Puts CRLs and the bundles that they belong to into their places, all or none.
///
/// # Errors
///
/// Where the ledger or the directory cannot be written.
pub fn publish(pki: &mut Pki, lists: &[Signed]) -> Result<(), StoreError> {
    publication(pki, lists)?.commit()
}

/// The same, before it is made true.
fn publication<'p>(pki: &'p mut Pki, lists: &[Signed]) -> Result<Transaction<'p>, StoreError> {
    let files = bundle::files(pki, lists)?;
    let mut transaction = pki.begin()?;
    let stage = transaction.stage(lists.len())?;
    for (name, files) in &files {
        let staged: Vec<_> = files
            .iter()
            .map(|(file, text)| StagedFile::public(file, text))
            .collect();
        stage.change(&Place::authority(name.clone()), &staged)?;
    }
    for list in lists {
        transaction.note_crl(&list.issuer, list.state.clone());
    }
    Ok(transaction)
}

/// The CAs among these whose keys are here, and those whose keys are not.
///
/// # Errors
///
/// Where the directory cannot be read.
pub fn by_key(
    pki: &Pki,
    names: Vec<EntryName>,
) -> Result<(Vec<EntryName>, Vec<EntryName>), StoreError> {
    let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
    for name in names {
        match pki.has_authority_key(&name)? {
            true => here.push(name),
            false => elsewhere.push(name),
        }
    }
    Ok((here, elsewhere))
}

fn ends_soon(list: &RevocationList, now: OffsetDateTime) -> bool {
    let begin = list.this_update();
    list.next_update()
        .is_none_or(|end| end - now <= (end - begin) / 3)
}
