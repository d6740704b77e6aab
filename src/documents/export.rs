//! `certctl/export/v1`: what was exported, for programs to read.

use serde::Serialize;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// Name of the entry or CA
    pub(crate) name: &'a str,
    /// The format
    #[cfg_attr(test, schemars(extend("enum" = crate::export::FORMATS.map(|format| format.name))))]
    pub(crate) format: &'static str,
    /// The file that was written; empty where it went to standard output
    pub(crate) path: String,
    /// Whether the private key is in it
    pub(crate) has_key: bool,
}
