//! `certctl/show/v1`: everything about one entry or CA.

use serde::Serialize;

use super::entries::Entry;
use crate::pki::inspect::CertificateInfo;

/// `certctl/show/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    #[serde(flatten)]
    pub(crate) entry: Entry,
    /// The CAs above it, its issuer first
    pub(crate) issuers: Vec<String>,
    /// Null where its file cannot be read
    pub(crate) certificate: Option<CertificateInfo>,
    /// Whether a request of it waits for a CA elsewhere
    pub(crate) waiting: bool,
    /// The files of its directory
    pub(crate) files: Vec<FileEntry>,
    /// What had its name before, the last one first
    pub(crate) history: Vec<Entry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FileEntry {
    /// Name of the file
    pub(crate) name: String,
    /// As chmod takes it
    pub(crate) mode: String,
}
