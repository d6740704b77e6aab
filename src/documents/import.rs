//! What an import did, as `certctl/import/v1`.

use serde::Serialize;
use time::OffsetDateTime;

use super::entries::Entry;
use crate::{
    import::{
        gather::Found,
        plan::{Authority, Fate, Keyed, New, Plan},
    },
    pki::{entry_name::EntryName, validity::rfc3339 as time},
    store::{
        Pki,
        ledger::{Record, Status},
    },
};

/// `certctl/import/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    schema: &'static str,
    /// The tool that has made the source
    #[cfg_attr(test, schemars(extend("enum" = crate::documents::words::tools())))]
    tool: &'static str,
    /// Its CAs
    authorities: Vec<AuthorityDocument>,
    /// CAs that had made way for others before they came, and do so here
    superseded: Vec<SupersededDocument>,
    /// The certificates that are on record since then, or would be
    entries: Vec<ImportedEntry>,
    /// The certificates that were on record and are revoked now, or would be
    revoked: Vec<RevokedDocument>,
    /// The certificates that were on record and have their keys here since then, or would have
    keyed: Vec<KeyedDocument>,
    /// How many certificates were on record before
    known: usize,
    /// What was left out, and where the source contradicts itself
    warnings: Vec<String>,
}

/// A CA of the source.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AuthorityDocument {
    /// Its name here
    name: String,
    /// `root` or `intermediate`
    #[cfg_attr(test, schemars(extend("enum" = ["root", "intermediate"])))]
    kind: &'static str,
    /// Its serial number, upper-case hexadecimal
    serial: String,
    /// Last second
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    not_after: String,
    /// File in which it was found
    origin: String,
    /// Whether it was here before
    was_here: bool,
    /// Whether its key was brought
    key_taken: bool,
    /// Number of the next CRL; 0 where no CRL was seen
    next_crl_number: u64,
}

/// A CA that has made way for another.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SupersededDocument {
    /// Its name here
    name: String,
    /// Name of the CA that has its place
    by: String,
}

/// A certificate.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ImportedEntry {
    #[serde(flatten)]
    entry: Entry,
    /// File in which it was found
    origin: String,
    /// Whether it is known by its serial number alone
    serial_only: bool,
}

/// A certificate that was on record.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RevokedDocument {
    /// Name of the CA
    issuer: String,
    /// Serial number, upper-case hexadecimal
    serial: String,
    /// Since when
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    revoked_at: String,
    /// Why
    #[cfg_attr(test, schemars(extend("enum" = crate::documents::words::reasons())))]
    reason: &'static str,
}

/// A certificate whose key was elsewhere.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct KeyedDocument {
    /// Name of the entry
    name: String,
    /// Name of the CA
    issuer: String,
    /// Serial number, upper-case hexadecimal
    serial: String,
}

/// What was done, or would be.
pub(crate) struct Told<'a> {
    pub(crate) found: &'a Found,
    pub(crate) plan: &'a Plan,
    pub(crate) records: &'a [Record],
    pub(crate) source: &'a str,
    pub(crate) dry_run: bool,
}

impl Document {
    /// What is told of it to programs.
    pub(crate) fn new(pki: &Pki, told: &Told<'_>, now: OffsetDateTime) -> Self {
        let Told {
            found,
            plan,
            records,
            ..
        } = told;
        let leaves = &records[records.len() - plan.new.len().min(records.len())..];
        let entry = |(new, record): (&New, &Record)| {
            let record = Record {
                status: match new.fate {
                    Fate::InUse => Status::Current,
                    Fate::Kept => Status::Replaced,
                    Fate::Revoked(_) => Status::Revoked,
                },
                ..record.listed()
            };
            ImportedEntry {
                entry: Entry::new(&record, pki.layout(), now),
                origin: new.origin.clone(),
                serial_only: new.certificate.is_none(),
            }
        };
        Self {
            schema: "certctl/import/v1",
            tool: found.tool.name(),
            authorities: plan.authorities.iter().map(authority).collect(),
            superseded: plan.superseded.iter().map(superseded).collect(),
            entries: plan.new.iter().zip(leaves).map(entry).collect(),
            revoked: plan
                .revoked
                .iter()
                .map(|revoked| RevokedDocument {
                    issuer: revoked.issuer.to_string(),
                    serial: revoked.revocation.serial.to_string(),
                    revoked_at: time(revoked.revocation.at),
                    reason: revoked.revocation.reason.name(),
                })
                .collect(),
            keyed: plan.keyed.iter().map(keyed).collect(),
            known: plan.known,
            warnings: plan.warnings.clone(),
        }
    }
}

fn superseded((name, by): &(EntryName, EntryName)) -> SupersededDocument {
    SupersededDocument {
        name: name.to_string(),
        by: by.to_string(),
    }
}

fn keyed(keyed: &Keyed) -> KeyedDocument {
    KeyedDocument {
        name: keyed.name.to_string(),
        issuer: keyed.issuer.to_string(),
        serial: keyed.serial.to_string(),
    }
}

fn authority(authority: &Authority) -> AuthorityDocument {
    AuthorityDocument {
        name: authority.name.to_string(),
        kind: kind(authority),
        serial: authority.certificate.serial().to_string(),
        not_after: time(authority.certificate.validity().not_after),
        origin: authority.origin.clone(),
        was_here: authority.is_here,
        key_taken: authority.key.is_some(),
        next_crl_number: match authority.last_number {
            0 => 0,
            last => last + 1,
        },
    }
}

/// What it is, in a word.
pub(crate) fn kind(authority: &Authority) -> &'static str {
    match authority.certificate.is_self_signed() {
        true => "root",
        false => "intermediate",
    }
}
