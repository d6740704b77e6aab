//! `certctl/revoke/v1`: what was revoked, or taken off hold.

use serde::Serialize;

use super::entries::Entry;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// The certificates that were revoked, or taken off hold, or would be
    pub(crate) entries: Vec<Entry>,
}
