//! `certctl check --list`: what check can find.

use serde::Serialize;

use crate::{
    cli::{Context, Report, explain::RuleDocument, report::Outcome, table::wrapped},
    emit::Catalogue,
    rulebook::{Teller, entries},
};

/// `certctl/rules/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Document<'a> {
    schema: &'static str,
    /// Every rule of check, sorted by code
    rules: Vec<RuleDocument<'a>>,
}

/// All rules, one row each.
pub(super) fn list(catalogue: &Catalogue, context: &Context) -> Result<Outcome, Report> {
    if context.ui.is_for_findings() {
        return Err(Report::usage(
            "the list of rules is text or JSON: it holds no findings",
        ));
    }
    let servers = catalogue.servers()?;
    let entries = entries(&servers);
    let of_check = entries
        .iter()
        .filter(|it| it.tellers.contains(&Teller::Check));
    let document = Document {
        schema: "certctl/rules/v1",
        rules: of_check.map(RuleDocument::new).collect(),
    };
    let text = || {
        let row = |it: &RuleDocument<'_>| {
            [
                it.code.to_owned(),
                it.severity.to_string(),
                it.server.unwrap_or_default().to_owned(),
                it.meaning.to_owned(),
            ]
        };
        let head = ["CODE", "SEVERITY", "SERVER", "MEANING"].map(str::to_owned);
        let rows = document.rules.iter().map(row);
        wrapped(std::iter::once(head).chain(rows), context.ui.width())
    };
    context.ui.result(text, &document)?;
    Ok(Outcome::Unchanged)
}
