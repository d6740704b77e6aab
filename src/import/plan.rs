//! What is to become of what a source holds: each signature verified, what its parts say compared, each name made safe.

use std::collections::HashSet;

use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{
    gather::{Found, FoundCertificate},
    here::Here,
    layout::Standing,
};
use crate::pki::{
    certificate::Certificate, entry_name::EntryName, revocation::Revocation,
    revocation_list::RevocationList, serial::Serial,
};

mod authorities;
mod certificates;
mod differences;
mod finish;
mod keys;
mod known;
mod lists;
mod naming;
mod succession;

use authorities::Authorities;
use certificates::Items;
use keys::Keys;
use lists::Lists;
use succession::Successions;

/// What somebody wants of an import.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The name of the CA whose source it is
    pub ca: Option<&'a EntryName>,
    /// When it is made
    pub now: OffsetDateTime,
    /// Whether the source is the PKI directory itself, in which everything keeps its name and its place
    pub is_in_place: bool,
}

/// A CA of the source.
#[derive(Debug)]
pub struct Authority {
    /// Its name here
    pub name: EntryName,
    /// Its certificate
    pub certificate: Certificate,
    /// The CA here or there that has signed it; `None` of a root
    pub parent: Option<EntryName>,
    /// Whether it is here already
    pub is_here: bool,
    /// Since when and why it is revoked, if it is
    pub revocation: Option<Revocation>,
    /// Whether its key is here, or comes
    pub has_key: bool,
    /// Its key, where that is to come
    pub key: Option<Key>,
    /// Its last CRL
    pub list: Option<RevocationList>,
    /// The number that its last CRL had; 0 where nobody knows of one
    pub last_number: u64,
    /// What it had revoked, of which nothing else is known
    pub adopted: Vec<Revocation>,
    /// Where it was found
    pub origin: String,
}

/// PEM of a private key, as it is to lie here.
#[derive(Debug)]
pub struct Key {
    /// The text
    pub pem: Zeroizing<String>,
    /// Whether it is encrypted, so that nobody has compared it with the certificate
    pub is_encrypted: bool,
}

/// What becomes of a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It is in use
    InUse,
    /// It is not in use, and could be revoked
    Kept,
    /// It is revoked
    Revoked(Revocation),
}

/// A certificate that is not on record yet.
#[derive(Debug)]
pub struct New {
    /// The CA that has signed it
    pub issuer: EntryName,
    /// Its serial number
    pub serial: Serial,
    /// Its name here
    pub name: EntryName,
    /// The certificate; `None` where its serial number alone is known
    pub certificate: Option<Certificate>,
    /// Whether it is one that a CA had before
    pub is_authority: bool,
    /// Whether it is a cross certificate for the key of a root, and in use
    pub is_crossing: bool,
    /// Whether its key lies beside it, or comes
    pub has_key: bool,
    /// Its last second
    pub not_after: OffsetDateTime,
    /// What becomes of it
    pub fate: Fate,
    /// Its key, where that is to come
    pub key: Option<Key>,
    /// What the source calls it, where its name is another here
    pub called: Option<String>,
    /// Where it was found
    pub origin: String,
}

/// A certificate on record that is revoked.
#[derive(Debug)]
pub struct Revoked {
    /// The CA that has signed it
    pub issuer: EntryName,
    /// Since when and why
    pub revocation: Revocation,
    /// Of what the files are to go to the archive: its name, and whether it is a CA
    pub in_use: Option<(EntryName, bool)>,
}

/// A certificate on record whose key was elsewhere until now.
#[derive(Debug)]
pub struct Keyed {
    /// The CA that has signed it
    pub issuer: EntryName,
    /// Its serial number
    pub serial: Serial,
    /// Its entry's name here
    pub name: EntryName,
    /// Its key
    pub key: Key,
}

/// All that is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// The CAs of the source, each after the one that has signed it
    pub authorities: Vec<Authority>,
    /// What is recorded
    pub new: Vec<New>,
    /// What is on record, and revoked now
    pub revoked: Vec<Revoked>,
    /// What is on record and in use, and gets its key now
    pub keyed: Vec<Keyed>,
    /// What is on record as in use, and lies in the archive: by its CA and its serial number
    pub replaced: Vec<(EntryName, Serial)>,
    /// Entries of the PKI directory itself that none of its CAs has signed, which stay as they are
    pub strangers: Vec<EntryName>,
    /// CAs here of which the source has a later certificate for the same key: each with where that was found
    pub later: Vec<(EntryName, String)>,
    /// CAs that have made way, each with the one that has its place
    pub superseded: Vec<(EntryName, EntryName)>,
    /// Of how many certificates in the archive the source has the key, which stays there
    pub keys_left: usize,
    /// How many certificates were on record
    pub known: usize,
    /// What is told: what is left out, and what the source contradicts itself in
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether it changes anything.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        let changes = |authority: &Authority| {
            !authority.is_here
                || authority.key.is_some()
                || authority.last_number > 0
                || !authority.adopted.is_empty()
        };
        let has_old =
            !self.revoked.is_empty() || !self.keyed.is_empty() || !self.replaced.is_empty();
        has_old || !self.new.is_empty() || self.authorities.iter().any(changes)
    }
}

/// What becomes of one certificate of a CA here, of which nothing is on record: it is revoked.
#[must_use]
pub fn revoked(
    certificate: Certificate,
    issuer: EntryName,
    revocation: Revocation,
    here: &Here,
) -> Plan {
    let name = naming::name_of(&certificate, &issuer, here);
    let new = New {
        issuer,
        serial: certificate.serial(),
        name,
        not_after: certificate.validity().not_after,
        is_authority: authorities::is_authority(&certificate),
        is_crossing: false,
        has_key: false,
        certificate: Some(certificate),
        fate: Fate::Revoked(revocation),
        key: None,
        called: None,
        origin: String::new(),
    };
    Plan {
        new: vec![new],
        ..Plan::default()
    }
}

/// Why a source cannot be taken over.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Mistake {
    /// There is no CA in it, and it is not said which one here it belongs to.
    #[error("there is no CA certificate in it")]
    NoAuthority,
    /// Two certificates have the same serial number.
    #[error(
        "{one} and {other} are different certificates of the CA `{ca}` with the serial {serial}"
    )]
    Clash {
        /// Of which CA
        ca: EntryName,
        /// The number
        serial: Serial,
        /// Where the one was found
        one: String,
        /// Where the other was found
        other: String,
    },
    /// The issuer of a CA is neither in the source nor here.
    #[error("{origin}: the issuer of this CA, {issuer}, is neither there nor here")]
    NoParent {
        /// Where the CA was found
        origin: String,
        /// The name of its issuer
        issuer: String,
    },
    /// A CA cannot be used.
    #[error("{origin}: {reason}")]
    Unfit {
        /// Where the CA was found
        origin: String,
        /// Why
        reason: String,
    },
    /// Another CA has the name that was asked for.
    #[error("the CA `{0}` is here, and is another")]
    Taken(EntryName),
    /// The CA has another name here than the one that was asked for.
    #[error("the CA is here under the name `{0}`")]
    Otherwise(EntryName),
    /// Nobody can tell of which CA an index is.
    #[error("{0}: nobody can tell which CA has issued what is in it")]
    WhoseIndex(String),
    /// An index has the same serial number twice.
    #[error("{origin}: the serial {serial} stands there twice")]
    Twice {
        /// Which index
        origin: String,
        /// The number
        serial: Serial,
    },
    /// One CA is about to make way for another, and certificates of both are in use.
    #[error("the CA `{old}` is being rotated there: `{new}` takes its place")]
    Rotating {
        /// The CA that makes way
        old: EntryName,
        /// Its successor
        new: EntryName,
    },
    /// A CRL that counts nothing, or for some reasons only.
    #[error("{0}: it is a delta CRL, an indirect one, or one for some reasons only")]
    Partial(String),
    /// More CAs than anybody has.
    #[error("there are certificates of more than {0} CAs in it")]
    ManyAuthorities(usize),
}

/// Plans what becomes of a source.
///
/// # Errors
///
/// All that is in the way.
pub fn plan(found: &Found, here: &Here, terms: &Terms<'_>) -> Result<Plan, Vec<Mistake>> {
    let mut warnings = found.remarks.clone();
    let mut chosen = authorities::choose(found, here, terms, &mut warnings)?;
    let is_known = |it: &FoundCertificate| {
        let name = it.name.as_deref().and_then(|name| name.parse().ok());
        terms.is_in_place && name.is_some_and(|name: EntryName| here.in_use.contains_key(&name))
    };
    let mut items = Items::of(found, &chosen, is_known, &mut warnings)?;
    let owners = items.add_indexes(found, &chosen, here, terms, &mut warnings)?;
    if chosen.of_source().next().is_none() && owners.iter().all(Option::is_none) {
        return Err(vec![Mistake::NoAuthority]);
    }
    let main = items.main(&chosen, &owners);
    chosen.name_as_asked(terms.ca, main)?;
    let mut lists = Lists::of(found, &chosen, &mut warnings)?;
    for (index, owner) in found.indexes.iter().zip(&owners) {
        if let Some(owner) = owner {
            lists.note(*owner, index.last_number);
        }
    }
    items.add_lists(&lists);
    differences::tell(&items, &lists, &owners, &mut warnings);
    let successions = Successions::of(found, &chosen, here, &mut warnings)?;
    let keys = Keys::read(found, &mut warnings);
    let strangers = match terms.is_in_place {
        true => strangers(found, &chosen, is_known),
        false => Vec::new(),
    };
    let draft = finish::Draft {
        items,
        chosen,
        lists,
        successions,
        keys,
        owners,
        found,
        here,
        now: terms.now,
        is_in_place: terms.is_in_place,
        continued: HashSet::new(),
    };
    let later = draft.chosen.later(found, here);
    let superseded = draft.successions.superseded(&draft.chosen);
    Ok(Plan {
        strangers,
        later,
        superseded,
        ..draft.finish(warnings)?
    })
}

fn strangers(
    found: &Found,
    chosen: &Authorities,
    is_known: impl Fn(&FoundCertificate) -> bool,
) -> Vec<EntryName> {
    let is_stranger = |it: &&FoundCertificate| {
        !it.is_own
            && !is_known(it)
            && it.standing == Standing::InUse
            && !chosen.names_issuer(&it.certificate)
    };
    let strangers = found.certificates.iter().filter(is_stranger);
    strangers
        .filter_map(|it| it.name.as_deref()?.parse().ok())
        .collect()
}
