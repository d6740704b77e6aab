//! Certificates, in the documents of all commands that make or show some.

use std::path::{Path, PathBuf};

use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    pki::{name::visible, validity::rfc3339},
    store::{
        Pki, StoreError,
        generations::{Generations, Succession},
        layout::Layout,
        ledger::{Record, Status},
    },
};

/// `certctl/<what>/v1` with entries.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Entries {
    pub(crate) schema: &'static str,
    /// The certificates, in the order of the command
    pub(crate) entries: Vec<Entry>,
}

/// One certificate.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Entry {
    /// Name of the entry or CA
    pub(crate) name: String,
    /// What it is
    #[cfg_attr(test, schemars(extend("enum" = super::words::kinds())))]
    pub(crate) kind: &'static str,
    /// Name of the CA that signed it; null where it signed itself, or no CA here did
    pub(crate) issuer: Option<String>,
    /// Serial number, upper-case hexadecimal; left out where the certificate would have another when it is made
    #[serde(skip_serializing_if = "String::is_empty")]
    #[cfg_attr(test, schemars(extend("pattern" = "^[0-9A-F]*$")))]
    pub(crate) serial: String,
    /// First second
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) not_before: String,
    /// Last second
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) not_after: String,
    /// Whether it is in use
    #[cfg_attr(test, schemars(extend("enum" = ["valid", "expired", "replaced", "revoked"])))]
    pub(crate) status: &'static str,
    /// Subject alternative names, typed as `--san` takes them
    pub(crate) sans: Vec<String>,
    /// Type of its key: `p256`, `rsa2048` …, or the number of an algorithm that certctl does not know
    pub(crate) key_type: String,
    /// Directory that holds it; empty where there is none, or none on this machine
    pub(crate) path: String,
    /// Name of the machine that made it, where that shares the ledger and has its directory; left out where it is here
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) machine: Option<String>,
    /// Name of the CA that has taken its place; left out where none has
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) superseded_by: Option<String>,
    /// Name of the CA whose place it waits to take; left out where it waits for none
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waits_behind: Option<String>,
    /// Name of the CA for whose key it is a cross certificate; left out where it is none
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vouches_for: Option<String>,
}

impl Entry {
    /// Describes a record at the time `now`.
    pub(crate) fn new<S>(record: &Record<S>, layout: &Layout, now: OffsetDateTime) -> Self {
        let path = match (record.origin, record.status) {
            (origin, _) if !origin.has_files() => PathBuf::new(),
            (_, Status::Current) => layout.place(&record.place()),
            (_, Status::Replaced | Status::Revoked) => {
                layout.archived(&record.name, &record.serial)
            }
        };
        Self {
            name: record.name.to_string(),
            kind: record.kind.name(),
            issuer: record.issuer.as_ref().map(ToString::to_string),
            serial: record.serial.to_string(),
            not_before: rfc3339(record.validity.not_before),
            not_after: rfc3339(record.validity.not_after),
            status: status(record, now),
            sans: record.names.clone(),
            key_type: record.key_type.clone(),
            path: path.display().to_string(),
            machine: None,
            superseded_by: None,
            waits_behind: None,
            vouches_for: None,
        }
    }

    /// The same with the machine in place of a path that is not here. Where machines share the ledger, each has the
    /// directories of what it issued or fetched, and no others.
    pub(crate) fn kept<S>(self, record: &Record<S>, pki: &Pki) -> Result<Self, StoreError> {
        let path = Path::new(&self.path);
        if self.path.is_empty() || !pki.ledger().is_copy()? || pki.layout().holds(path)? {
            return Ok(self);
        }
        let machine = pki.ledger().machine(record)?;
        Ok(Self {
            path: String::new(),
            machine: machine.map(|it| visible(&it).into_owned()),
            ..self
        })
    }

    /// The same with what is known of those that take the place of others.
    pub(crate) fn among(self, generations: &Generations) -> Self {
        let is_authority = ["root", "intermediate"].contains(&self.kind);
        let name = self.name.parse().ok().filter(|_| is_authority);
        match name.and_then(|name| generations.succession(&name)) {
            Some(Succession::Superseded { by, .. }) => Self {
                superseded_by: Some(by.to_string()),
                ..self
            },
            Some(Succession::Waits { behind }) => Self {
                waits_behind: Some(behind.to_string()),
                ..self
            },
            Some(Succession::Vouches { of }) => Self {
                vouches_for: Some(of.to_string()),
                ..self
            },
            None => self,
        }
    }
}

pub(crate) fn status<S>(record: &Record<S>, now: OffsetDateTime) -> &'static str {
    match record.status {
        Status::Revoked => "revoked",
        Status::Replaced => "replaced",
        Status::Current if record.validity.not_after < now => "expired",
        Status::Current => "valid",
    }
}
