//! What is wrong, in the documents of all commands that check.

use serde::Serialize;

use crate::check::{Finding, Severity};

/// One thing that is wrong, in the documents of all commands that check.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FindingDocument {
    /// Stable name of the rule, of certctl-findings(7)
    #[cfg_attr(test, schemars(extend("pattern" = "^[a-z0-9-]+$")))]
    pub(crate) code: String,
    /// How bad it is
    pub(crate) severity: Severity,
    /// The file or directory, or the address
    pub(crate) path: String,
    /// `FILE:LINE`, where a configuration file says it or names the path
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// What is wrong
    pub(crate) message: String,
    /// What mends it
    pub(crate) hint: String,
    /// Whether `--fix` has mended it
    pub(crate) fixed: bool,
}

impl FindingDocument {
    pub(crate) fn new(finding: &Finding, fixed: bool) -> Self {
        Self {
            code: finding.code.to_string(),
            severity: finding.severity,
            path: finding.path.display().to_string(),
            place: finding.place.as_ref().map(ToString::to_string),
            message: finding.message.clone(),
            hint: finding.hint.clone(),
            fixed,
        }
    }
}
