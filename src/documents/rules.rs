//! `certctl/rules/v1`: what `check` can find.

use serde::Serialize;

use super::explain::RuleDocument;
use crate::terminal::table::wrapped;

/// `certctl/rules/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// Every rule of check, sorted by code
    pub(crate) rules: Vec<RuleDocument<'a>>,
}

impl Document<'_> {
    /// All rules, one row each.
    pub(crate) fn text(&self, width: Option<u16>) -> String {
        let row = |it: &RuleDocument<'_>| {
            [
                it.code.to_owned(),
                it.severity.to_string(),
                it.server.unwrap_or_default().to_owned(),
                it.meaning.to_owned(),
            ]
        };
        let head = ["CODE", "SEVERITY", "SERVER", "MEANING"].map(str::to_owned);
        let rows = self.rules.iter().map(row);
        wrapped(std::iter::once(head).chain(rows), width)
    }
}
