//! `certctl/export/v1`: what was exported, for programs to read.

use serde::Serialize;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Document<'a> {
    pub(super) schema: &'static str,
    /// Name of the entry or CA
    pub(super) name: &'a str,
    /// The format
    #[cfg_attr(test, schemars(extend("enum" = crate::export::FORMATS.map(|format| format.name))))]
    pub(super) format: &'static str,
    /// The file that was written; empty where it went to standard output
    pub(super) path: String,
    /// Whether the private key is in it
    pub(super) has_key: bool,
}
