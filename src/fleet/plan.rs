//! What has to change so that a PKI directory is what a fleet file says, and why exactly.

use std::{collections::HashSet, fmt};

use time::{Duration, OffsetDateTime};

use super::EntrySpec;
use crate::pki::{
    authorities::Fallen, entry_name::EntryName, key::KeyType, profile::Profile, validity::Validity,
};

/// An entry as it is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Name of the CA that signed it
    pub issuer: Option<String>,
    /// What it is for
    pub profile: String,
    /// Type of its key
    pub key_type: String,
    /// Whether its key is here; one that is elsewhere is for its owner to choose
    pub has_key: bool,
    /// Its names, typed
    pub names: Vec<String>,
    /// When it is valid
    pub validity: Validity,
}

/// What is wrong with an entry's files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Damage {
    /// The file is missing, or does not hold what was issued
    File(&'static str),
    /// The chain or the trust bundle is no longer the CA's
    ChainStale,
    /// It has other extensions than its extfile asks for
    Extensions,
    /// The CA that signed it is made anew, with another key
    Issuer,
}

/// What is done about one entry or CA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// It is made
    Create,
    /// It is what it should be
    None,
    /// It is made anew, with other contents
    Reissue,
    /// It is made anew, because its end is near
    Renew,
    /// It is not named any more
    Revoke,
}

impl Action {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::None => "none",
            Self::Reissue => "reissue",
            Self::Renew => "renew",
            Self::Revoke => "revoke",
        }
    }
}

/// Why something is done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reason {
    /// Files are not what was issued
    Damaged(Damage),
    /// Its end is near, or has passed
    Expires(Duration),
    /// Another CA is to sign it
    Issuer(Option<String>, String),
    /// It has another type of key
    KeyType(String, KeyType),
    /// It is not there
    Missing,
    /// It has other names: those to add, those to take out
    Names(Vec<String>, Vec<String>),
    /// It is for something else
    Profile(String, Profile),
    /// The CA of this name has fallen
    Fallen(Fallen),
    /// The file does not name it
    Unnamed,
    /// Nothing is wrong with it
    UpToDate,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(Damage::File(file)) => write!(f, "file damaged: {file}"),
            Self::Damaged(Damage::ChainStale) => f.write_str("chain stale"),
            Self::Damaged(Damage::Issuer) => f.write_str("its CA is made anew"),
            Self::Damaged(Damage::Extensions) => f.write_str("extensions differ from the extfile"),
            Self::Expires(left) if left.is_negative() => f.write_str("expired"),
            Self::Expires(left) if *left < Duration::days(2) => {
                write!(f, "expires in {} h", left.whole_hours())
            }
            Self::Expires(left) => write!(f, "expires in {} d", left.whole_days()),
            Self::Issuer(from, to) => {
                write!(f, "issuer {} → {to}", from.as_deref().unwrap_or("itself"))
            }
            Self::KeyType(from, to) => write!(f, "key type {from} → {to}"),
            Self::Missing => f.write_str("missing"),
            Self::Names(added, removed) => {
                f.write_str("SANs differ (")?;
                let signed = added.iter().map(|name| ("+", name));
                let signed = signed.chain(removed.iter().map(|name| ("-", name)));
                for (index, (sign, name)) in signed.enumerate() {
                    write!(f, "{}{sign}{name}", if index == 0 { "" } else { " " })?;
                }
                f.write_str(")")
            }
            Self::Profile(from, to) => write!(f, "profile {from} → {to}"),
            Self::Fallen(fallen) => fallen.fmt(f),
            Self::Unnamed => f.write_str("not in the file"),
            Self::UpToDate => f.write_str("up to date"),
        }
    }
}

/// One line of a plan.
#[derive(Clone, Debug)]
pub struct Change {
    /// What is done
    pub action: Action,
    /// About which entry or CA
    pub name: EntryName,
    /// Why
    pub reason: Reason,
}

/// An entry and the CA that signs it.
pub type Signed<'f> = (&'f EntrySpec, &'f EntryName);

/// Compares the file's entries with what is there; one change each, in the file's order.
///
/// `standing` is the entry as it is; `damage` looks at an entry's files.
pub fn entries<'f>(
    entries: &[Signed<'f>],
    standing: impl Fn(&EntrySpec) -> Option<&'f Standing>,
    now: OffsetDateTime,
    damage: impl Fn(&EntrySpec, &EntryName) -> Option<Damage>,
) -> Vec<(Signed<'f>, Change)> {
    let change = |(spec, issuer): Signed<'f>| {
        let (action, reason) = match standing(spec) {
            None => (Action::Create, Reason::Missing),
            Some(standing) => compare(spec, standing, issuer, now)
                .or_else(|| Some((Action::Reissue, Reason::Damaged(damage(spec, issuer)?))))
                .unwrap_or((Action::None, Reason::UpToDate)),
        };
        (
            (spec, issuer),
            Change {
                action,
                name: spec.name.clone(),
                reason,
            },
        )
    };
    entries.iter().copied().map(change).collect()
}

/// What differs between an entry and its specification; the first that matters most.
fn compare(
    spec: &EntrySpec,
    standing: &Standing,
    issuer: &EntryName,
    now: OffsetDateTime,
) -> Option<(Action, Reason)> {
    if standing.issuer.as_deref() != Some(issuer.as_str()) {
        let reason = Reason::Issuer(standing.issuer.clone(), issuer.to_string());
        return Some((Action::Reissue, reason));
    }
    if standing.profile != spec.profile.name() {
        let reason = Reason::Profile(standing.profile.clone(), spec.profile);
        return Some((Action::Reissue, reason));
    }
    if let Some(wanted) = other_key_type(spec, standing) {
        let reason = Reason::KeyType(standing.key_type.clone(), wanted);
        return Some((Action::Reissue, reason));
    }
    // An extfile's names are compared with its other extensions.
    if spec.extfile.is_none()
        && let Some(reason) = compare_names(spec, &standing.names)
    {
        return Some((Action::Reissue, reason));
    }
    let left = standing.validity.not_after - now;
    // What the file leaves open is due as it is for `renew`.
    let margin = spec.within.unwrap_or_default();
    (margin.due_from(standing.validity) <= now).then_some((Action::Renew, Reason::Expires(left)))
}

/// The type of key that an entry should have, where it has another.
#[must_use]
pub fn other_key_type(spec: &EntrySpec, standing: &Standing) -> Option<KeyType> {
    let wanted = match standing.has_key {
        true => spec.key_type.unwrap_or_default(),
        false => spec.key_type?,
    };
    (standing.key_type != wanted.name()).then_some(wanted)
}

fn compare_names(spec: &EntrySpec, standing: &[String]) -> Option<Reason> {
    let wanted: Vec<_> = spec.names.iter().map(ToString::to_string).collect();
    let without = |list: &[String], other: &[String]| {
        let other: HashSet<_> = other.iter().collect();
        let left = list.iter().filter(|name| !other.contains(name));
        left.cloned().collect::<Vec<_>>()
    };
    let added = without(&wanted, standing);
    let removed = without(standing, &wanted);
    let differs = !added.is_empty() || !removed.is_empty();
    differs.then_some(Reason::Names(added, removed))
}
