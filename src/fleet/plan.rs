//! What has to change so that a PKI directory is what a fleet file says, and why exactly.

use std::{collections::HashSet, fmt};

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::EntrySpec;
use crate::pki::{
    authorities::Fallen,
    entry_name::EntryName,
    key::KeyType,
    octets::Name,
    profile::Profile,
    subject::{self, shown},
    validity::{Validity, rfc3339},
};

/// An entry as it is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The CA that signed it; none of one that signed itself, or that a CA elsewhere has signed
    pub issuer: Option<EntryName>,
    /// What it is for
    pub profile: Profile,
    /// Type of its key
    pub key_type: String,
    /// Whether its key is here; one that is elsewhere is for its owner to choose
    pub has_key: bool,
    /// Exact DER of its subject
    pub subject: Name,
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
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
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
    Issuer(Option<EntryName>, EntryName),
    /// It has another type of key
    KeyType(String, KeyType),
    /// It is not there
    Missing,
    /// It has other names: those to add, those to take out
    Names(Vec<String>, Vec<String>),
    /// It is for something else
    Profile(Profile, Profile),
    /// The CA of this name has fallen
    Fallen(Fallen),
    /// It has another subject
    Subject(String, String),
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
                let from = from.as_ref().map_or("itself", EntryName::as_str);
                write!(f, "issuer {from} → {to}")
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
            Self::Subject(from, to) => write!(f, "subject {from} → {to}"),
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
    /// What it is or is to be
    pub kind: Kind,
    /// The CA that signs it, or signed what is revoked; none of a root
    pub issuer: Option<EntryName>,
    /// Why; where there are several reasons, the one that matters most
    pub reason: Reason,
    /// All that is not as it should be
    pub differences: Vec<Difference>,
}

/// What a line of a plan is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A root CA
    Root,
    /// A CA below another
    Intermediate,
    /// An entry
    Entry(Profile),
}

impl Kind {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Intermediate => "intermediate",
            Self::Entry(profile) => profile.name(),
        }
    }

    /// Whether it is a CA.
    #[must_use]
    pub const fn is_authority(self) -> bool {
        !matches!(self, Self::Entry(_))
    }
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// `ca`, `profile`, `key_type`, `subject`, `san`, `not_after`, `extensions`, `chain`, or the name of a file
    pub what: &'static str,
    /// As it is; none where it is not there
    pub from: Option<String>,
    /// As it is to be; none where it is to go, or is known only once it is made
    pub to: Option<String>,
}

/// Compares the file's entries with what is there; one change each, in the file's order.
///
/// `standing` is the entry as it is; `damage` looks at an entry's files.
pub fn entries<'f, 's>(
    entries: &'f [EntrySpec],
    standing: impl Fn(&EntrySpec) -> Option<&'s Standing>,
    now: OffsetDateTime,
    damage: impl Fn(&EntrySpec) -> Option<Damage>,
) -> Vec<(&'f EntrySpec, Change)> {
    let change = |spec: &'f EntrySpec| {
        let (action, reason, differences) = match standing(spec) {
            None => (Action::Create, Reason::Missing, Vec::new()),
            Some(standing) => {
                let differences = differences(spec, standing, now);
                match compare(spec, standing, now) {
                    Some((action, reason)) => (action, reason, differences),
                    None => match damage(spec) {
                        Some(damage) => (
                            Action::Reissue,
                            Reason::Damaged(damage),
                            vec![damage.difference(spec)],
                        ),
                        None => (Action::None, Reason::UpToDate, Vec::new()),
                    },
                }
            }
        };
        let change = Change {
            action,
            name: spec.name.clone(),
            kind: Kind::Entry(spec.profile),
            issuer: Some(spec.ca.clone()),
            reason,
            differences,
        };
        (spec, change)
    };
    entries.iter().map(change).collect()
}

impl Damage {
    fn difference(self, spec: &EntrySpec) -> Difference {
        let (what, from, to) = match self {
            Self::File(file) => (file, Some("damaged"), Some("as issued")),
            Self::ChainStale => ("chain", Some("stale"), Some("that of its CA")),
            Self::Extensions => ("extensions", None, spec.extfile.as_deref()),
            Self::Issuer => ("ca", Some("replaced"), Some("made anew")),
        };
        Difference {
            what,
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        }
    }
}

/// All that differs between an entry and its specification, its files left out.
fn differences(spec: &EntrySpec, standing: &Standing, now: OffsetDateTime) -> Vec<Difference> {
    let changed = |what, from: Option<&str>, to: &str| Difference {
        what,
        from: from.map(str::to_owned),
        to: Some(to.to_owned()),
    };
    let mut all = Vec::new();
    if standing.issuer.as_ref() != Some(&spec.ca) {
        let from = standing.issuer.as_ref().map(EntryName::as_str);
        all.push(changed("ca", from, spec.ca.as_str()));
    }
    if standing.profile != spec.profile {
        let from = Some(standing.profile.name());
        all.push(changed("profile", from, spec.profile.name()));
    }
    if let Some(wanted) = other_key_type(spec, standing) {
        let from = Some(standing.key_type.as_str());
        all.push(changed("key_type", from, wanted.name()));
    }
    if let Some((from, to)) = other_subject(spec, standing) {
        all.push(changed("subject", Some(&from), &to));
    }
    if let Some(Reason::Names(added, removed)) = compare_names(spec, &standing.names)
        && spec.extfile.is_none()
    {
        let san = |from, to| Difference {
            what: "san",
            from,
            to,
        };
        all.extend(added.into_iter().map(|name| san(None, Some(name))));
        all.extend(removed.into_iter().map(|name| san(Some(name), None)));
    }
    if is_due(spec, standing, now) {
        all.push(Difference {
            what: "not_after",
            from: Some(rfc3339(standing.validity.not_after)),
            to: None,
        });
    }
    all
}

/// What the file leaves open is due as it is for `renew`.
fn is_due(spec: &EntrySpec, standing: &Standing, now: OffsetDateTime) -> bool {
    spec.within.unwrap_or_default().due_from(standing.validity) <= now
}

/// What differs between an entry and its specification; the first that matters most.
fn compare(spec: &EntrySpec, standing: &Standing, now: OffsetDateTime) -> Option<(Action, Reason)> {
    if standing.issuer.as_ref() != Some(&spec.ca) {
        let reason = Reason::Issuer(standing.issuer.clone(), spec.ca.clone());
        return Some((Action::Reissue, reason));
    }
    if standing.profile != spec.profile {
        let reason = Reason::Profile(standing.profile, spec.profile);
        return Some((Action::Reissue, reason));
    }
    if let Some(wanted) = other_key_type(spec, standing) {
        let reason = Reason::KeyType(standing.key_type.clone(), wanted);
        return Some((Action::Reissue, reason));
    }
    if let Some((from, to)) = other_subject(spec, standing) {
        return Some((Action::Reissue, Reason::Subject(from, to)));
    }
    // An extfile's names are compared with its other extensions.
    if spec.extfile.is_none()
        && let Some(reason) = compare_names(spec, &standing.names)
    {
        return Some((Action::Reissue, reason));
    }
    let left = standing.validity.not_after - now;
    is_due(spec, standing, now).then_some((Action::Renew, Reason::Expires(left)))
}

/// The subject that an entry has and the one that it should have, where they differ. Where none is asked for, it may
/// lack the usual one: a CA may not have allowed that.
fn other_subject(spec: &EntrySpec, standing: &Standing) -> Option<(String, String)> {
    let usual = || subject::usual(&spec.name);
    let wanted = spec.subject.clone().unwrap_or_else(usual);
    let is_left_out = spec.subject.is_none() && *standing.subject == *subject::EMPTY;
    (standing.subject != wanted && !is_left_out).then(|| (shown(&standing.subject), shown(&wanted)))
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
