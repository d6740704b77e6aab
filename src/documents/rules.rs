//! `certctl/rules/v1`: what `check` can find.

use serde::Serialize;

use super::explain::RuleDocument;

/// `certctl/rules/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// Every rule of check, sorted by code
    pub(crate) rules: Vec<RuleDocument<'a>>,
}
