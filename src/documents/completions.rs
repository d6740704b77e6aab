//! Scripts and candidates for completion.

use serde::Serialize;

/// `certctl/completions/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// Name of the shell
    pub(crate) shell: String,
    /// What the shell reads
    pub(crate) script: &'static str,
    /// Where it was written to, if not here
    pub(crate) path: Option<String>,
}

/// `certctl/candidates/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CandidatesDocument {
    pub(crate) schema: &'static str,
    /// What the last word may become
    pub(crate) candidates: Vec<Candidate>,
}

/// What the last word may become.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Candidate {
    /// The word
    pub(crate) value: String,
    /// What it stands for, where that is known
    pub(crate) help: Option<String>,
}
