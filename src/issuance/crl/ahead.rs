//! CRLs made ahead: signed in one sitting with a key that is seldom at hand, and published one after the other when the
//! time of each has come.
//!
//! They know nothing of what is revoked after the sitting. The number of the next one that is signed with the key is
//! higher than theirs, so that from then on they are published no more.

use std::{collections::HashSet, io};

use time::{Duration, OffsetDateTime};

use super::{CrlError, Signed, SigningAuthority, Terms, next_number, sign};
use crate::{
    pki::{
        entry_name::EntryName,
        pem,
        revocation::Contents,
        revocation_list::{LABEL, RevocationList},
        serial::Serial,
    },
    store::{
        Pki, StoreError,
        authority::Authority,
        layout::{Place, file},
        ledger::revocation::CrlState,
    },
};

/// What lies beside a CRL and will follow it.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// How many
    pub count: usize,
    /// When the last of them ends
    pub until: OffsetDateTime,
    /// The CRL and those that follow it, as PEM
    pub text: String,
}

/// A CRL that was made ahead, and whose time has come.
#[derive(Debug)]
pub struct Come {
    /// It
    pub signed: Signed,
    /// What was revoked after it was signed
    pub lacking: Vec<Serial>,
}

/// How long after one CRL the next begins: when a third of its life is left, as it would be made then.
fn step(life: Duration) -> Duration {
    Duration::seconds(life.whole_seconds() * 2 / 3)
}

/// Signs the next CRL of a CA and those that follow it, `count` in all.
///
/// # Errors
///
/// As [`sign`] does, or where no certificate of the CA would be there to verify the last with.
pub fn sign_ahead(
    pki: &Pki,
    signer: &SigningAuthority,
    terms: &Terms,
    count: u16,
) -> Result<Signed, CrlError> {
    let mut first = sign(pki, signer, terms)?;
    let mut text = first.text.clone();
    let mut last = first.contents.clone();
    for _ in 1..count {
        let this_update = last.this_update + step(terms.life);
        last = Contents {
            number: next_number(last.number)?,
            this_update,
            next_update: this_update + terms.life,
            ..last
        };
        let der = last.sign(&signer.issuer, &*signer.key)?;
        text.push_str(&pem::encode(LABEL, &der));
    }
    let end = signer.issuer.validity.not_after;
    if last.this_update > end {
        return Err(CrlError::BeyondIssuer(end));
    }
    // The number of the next one is higher than all of them.
    first.state.number = last.number;
    first.ahead = Some(Ahead {
        count: usize::from(count) - 1,
        until: last.next_update,
        text,
    });
    Ok(first)
}

/// The CRL of a CA that was made ahead, is good now, and follows the one that is published; `None` where there is none.
///
/// # Errors
///
/// Where the ledger or the directory cannot be read.
pub fn come(pki: &Pki, name: &EntryName, now: OffsetDateTime) -> Result<Option<Come>, StoreError> {
    let authority = pki.authority(name)?;
    let good = |list: &RevocationList| {
        list.this_update() <= now && list.next_update().is_some_and(|end| end > now)
    };
    let mut waiting = waiting(pki, &authority)?;
    waiting.retain(good);
    let Some(list) = waiting.into_iter().max_by_key(RevocationList::number) else {
        return Ok(None);
    };
    let (Some(number), Some(next_update)) = (list.number(), list.next_update()) else {
        return Ok(None);
    };
    let contents = Contents {
        number,
        this_update: list.this_update(),
        next_update,
        revoked: list.revocations(),
    };
    let listed: HashSet<_> = contents.revoked.iter().map(|it| &it.serial).collect();
    let revoked = pki.ledger().revocations(name, Some(contents.this_update))?;
    let lacking = revoked.into_iter().map(|it| it.serial);
    let lacking = lacking.filter(|it| !listed.contains(it)).collect();
    let state = pki.ledger().crl_state(name)?;
    Ok(Some(Come {
        lacking,
        signed: Signed {
            issuer: name.clone(),
            state: CrlState {
                number: state.number.max(number),
                this_update: Some(contents.this_update),
                ..state
            },
            contents,
            text: pem::encode(LABEL, list.der()),
            passed_over: Vec::new(),
            ahead: None,
            has_waited: true,
        },
    }))
}

/// When the last of the CRLs that were made ahead ends, and still will follow the one that is published; `None` where
/// there is none.
///
/// # Errors
///
/// Where the directory cannot be read.
pub fn until(pki: &Pki, name: &EntryName) -> Result<Option<OffsetDateTime>, StoreError> {
    let waiting = waiting(pki, &pki.authority(name)?)?;
    Ok(waiting.iter().filter_map(RevocationList::next_update).max())
}

/// Those that the CA has signed, and that follow the one that is published.
fn waiting(pki: &Pki, authority: &Authority) -> Result<Vec<RevocationList>, StoreError> {
    let place = Place::authority(authority.name.clone());
    let path = pki.layout().place(&place).join(file::CRL_AHEAD);
    let octets = match pki.layout().directory().read(&path) {
        Ok(octets) => octets,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::io("read", &path, error)),
    };
    let mut lists = RevocationList::read(&octets).map_err(|error| StoreError::Content {
        path,
        reason: error.to_string(),
    })?;
    let published = pki.standing_crls(authority);
    let published = published.iter().filter_map(RevocationList::number).max();
    lists.retain(|list| {
        list.number() > published
            && list.is_complete()
            && !list.is_beyond_counting()
            && list.is_signed_by(&authority.certificate)
    });
    Ok(lists)
}
