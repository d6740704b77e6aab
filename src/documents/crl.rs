//! `certctl/crl/v1`: CRLs that were made.

use serde::Serialize;

use crate::{
    issuance::crl::Signed,
    pki::validity::rfc3339,
    store::layout::{Layout, Place, file},
};

/// `certctl/crl/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// The CRLs that were made, or would be
    pub(crate) crls: Vec<ListDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ListDocument {
    /// Name of the CA
    pub(crate) issuer: String,
    /// Its number (RFC 5280 §5.2.3)
    pub(crate) number: u64,
    /// When it was made
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) this_update: String,
    /// When the next one is due
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) next_update: String,
    /// How many certificates it lists
    pub(crate) revoked: usize,
    /// Its file
    pub(crate) path: String,
    /// How many CRLs were made ahead, to follow it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ahead: Option<usize>,
    /// When the last of them ends
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) ahead_until: Option<String>,
}

impl ListDocument {
    pub(crate) fn new(list: &Signed, layout: &Layout) -> Self {
        let place = layout.place(&Place::authority(list.issuer.clone()));
        Self {
            issuer: list.issuer.to_string(),
            number: list.contents.number,
            this_update: rfc3339(list.contents.this_update),
            next_update: rfc3339(list.contents.next_update),
            revoked: list.contents.revoked.len(),
            path: place.join(file::CRL).display().to_string(),
            ahead: list.ahead.as_ref().map(|ahead| ahead.count),
            ahead_until: list.ahead.as_ref().map(|ahead| rfc3339(ahead.until)),
        }
    }
}
