//! JSON documents and their text forms that several commands share (the contract's "JSON documents").

use serde::Serialize;
use time::{OffsetDateTime, UtcOffset};

use super::duration;
pub(crate) use crate::pki::validity::rfc3339 as time;
use crate::store::{
    layout::Layout,
    ledger::{Record, Status},
};

/// `certctl/<what>/v1` with entries.
#[derive(Debug, Serialize)]
pub(crate) struct Entries {
    pub(crate) schema: &'static str,
    pub(crate) entries: Vec<Entry>,
}

/// One certificate.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) issuer: Option<String>,
    /// Empty where it would be another one if the certificate were made
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) serial: String,
    pub(crate) not_before: String,
    pub(crate) not_after: String,
    pub(crate) status: &'static str,
    pub(crate) sans: Vec<String>,
    pub(crate) key_type: String,
    pub(crate) path: String,
}

impl Entry {
    /// Describes a record at the time `now`.
    pub(crate) fn new(record: &Record, layout: &Layout, now: OffsetDateTime) -> Self {
        let path = match record.status {
            Status::Current => layout.place(&record.place()),
            Status::Replaced | Status::Revoked => layout.archived(&record.name, &record.serial),
        };
        Self {
            name: record.name.to_string(),
            kind: record.kind.name(),
            issuer: record.issuer.as_ref().map(ToString::to_string),
            serial: record.serial.to_string(),
            not_before: time(record.validity.not_before),
            not_after: time(record.validity.not_after),
            status: status(record, now),
            sans: record.names.clone(),
            key_type: record.key_type.clone(),
            path: path.display().to_string(),
        }
    }
}

fn status(record: &Record, now: OffsetDateTime) -> &'static str {
    match record.status {
        Status::Revoked => "revoked",
        Status::Replaced => "replaced",
        Status::Current if record.validity.not_after < now => "expired",
        Status::Current => "valid",
    }
}

/// The day of a time (RFC 3339 full-date), for tables.
pub(crate) fn date(time: OffsetDateTime) -> String {
    time.to_offset(UtcOffset::UTC).date().to_string()
}

/// How long something is still valid, in words.
pub(crate) fn remaining(not_after: OffsetDateTime, now: OffsetDateTime) -> String {
    match not_after - now {
        left if left.is_negative() => String::from("expired"),
        left => format!("{} left", duration::display(left)),
    }
}
