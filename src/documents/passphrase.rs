//! `certctl/passphrase/v1`: whose passphrase was set, changed or taken off.

use serde::Serialize;

/// `certctl/passphrase/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// Name of the CA or entry
    pub(crate) name: String,
    /// The key's file
    pub(crate) path: String,
    /// Whether it is encrypted from now on
    pub(crate) encrypted: bool,
}
