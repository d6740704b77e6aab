//! `certctl/ledger/v1`: a shared ledger, made, given to, compared or written to a file.

use serde::Serialize;

/// `certctl/ledger/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// What was done: `init`, `copy`, `verify` or `backup`
    pub(crate) action: &'static str,
    /// Whether something was made or changed
    pub(crate) changed: bool,
    /// How many events were copied, or are there
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) events: Option<usize>,
    /// What does not hold; only of `verify`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) faults: Vec<String>,
    /// The SQL that lets roles issue; only of `init`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) grants: Vec<String>,
    /// The file that was written; only of `backup`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
}

impl Document {
    /// That this was done, or not.
    pub(crate) const fn new(action: &'static str, changed: bool) -> Self {
        Self {
            schema: "certctl/ledger/v1",
            action,
            changed,
            events: None,
            faults: Vec::new(),
            grants: Vec::new(),
            file: None,
        }
    }
}
