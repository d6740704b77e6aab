//! `certctl/cross-sign/v1`: a certificate by which one CA vouches for another.

use serde::Serialize;

use super::entries::Entry;

/// `certctl/cross-sign/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// Name of the CA whose key it certifies
    pub(crate) ca: String,
    /// Name of the CA that has signed it
    pub(crate) by: String,
    /// The cross certificate
    pub(crate) entry: Entry,
    /// How many entries got another chain, which has to be copied
    pub(crate) followers: usize,
}
