//! `certctl check --list`: what check can find.

use crate::{
    cli::{Context, Report, report::Outcome},
    documents::{explain::RuleDocument, rules::Document},
    emit::Catalogue,
    rulebook::{Teller, entries},
};

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
    let text = || document.text(context.ui.width());
    context.ui.result(text, &document)?;
    Ok(Outcome::Unchanged)
}
