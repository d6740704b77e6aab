//! `certctl/report/v1`: the PKI at a glance, as it was written.

use serde::Serialize;

/// `certctl/report/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// The file that was written; null where the page stands in `html`
    pub(crate) path: Option<String>,
    /// The page, where no file was named
    pub(crate) html: Option<&'a str>,
    /// Its length in octets
    pub(crate) octets: usize,
    /// CAs in use
    pub(crate) authorities: usize,
    /// Entries in use
    pub(crate) entries: usize,
    /// How many of all these have ended
    pub(crate) ended: usize,
    /// How many of all these are due for renewal
    pub(crate) due: usize,
    /// How much `check` finds
    pub(crate) findings: usize,
}
