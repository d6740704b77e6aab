//! Where servers are known from, and the words around a snippet.

use std::{collections::BTreeSet, path::Path};

use super::{
    Context, Report,
    taken::{Destination, Put},
};
use crate::{
    emit::{Catalogue, Finding, Rendered},
    host::templates,
    kit,
    severity::Severity,
    store::files::{PRIVATE, PUBLIC},
    supply::printable,
};

/// Hands out a snippet, to a file where one is named; says what is to be said about it, and whether it was new.
pub(crate) fn hand_out(
    out: Option<Destination<'_>>,
    context: &Context,
    rendered: &Rendered,
    document: &impl serde::Serialize,
) -> Result<bool, Report> {
    let mut put = None;
    match out {
        Some(out) => {
            printable(out.path)?;
            let mode = if rendered.secret { PRIVATE } else { PUBLIC };
            let done = out.put(rendered.text.as_bytes(), mode)?;
            let path = out.path.display();
            let text = match done {
                Put::Same => format!("{path} is as it should be"),
                Put::Would => format!("would write {path}"),
                Put::Wrote => format!("wrote {path}"),
            };
            context.ui.told(text, document)?;
            put = Some(done);
        }
        None if context.ui.is_json() => context.ui.result(String::new, document)?,
        None if rendered.secret && rendered.text.ends_with('\n') => {
            context.ui.print_raw(rendered.text.as_bytes())?;
        }
        None => context.ui.print(&rendered.text)?,
    }
    if !context.ui.is_json() {
        tell(context, rendered, put);
    }
    Ok(put.is_some_and(|put| put != Put::Same))
}

/// The servers that are built in, and those of a directory.
pub(crate) fn catalogue(templates: Option<&Path>) -> Result<Catalogue, Report> {
    let catalogue = Catalogue::embedded();
    let Some(directory) = templates else {
        return Ok(catalogue);
    };
    let found = templates::read(directory).map_err(|(path, error)| {
        let message = format!("cannot read {}: {error}", path.display());
        Report::failed("templates", message)
    })?;
    Ok(catalogue.overlay(&directory.display().to_string(), found))
}

fn tell(context: &Context, rendered: &Rendered, put: Option<Put>) {
    let is_new = put != Some(Put::Same);
    for finding in &rendered.findings {
        tell_finding(context, finding, "", is_new);
    }
    if is_new {
        context.ui.insist();
    }
    for (from, to) in &rendered.copies {
        context.ui.hint(format!("copy {from} to {to} on the node"));
    }
    if rendered.secret && put.is_none() {
        context
            .ui
            .hint("this holds a secret: `--out FILE` writes it so that others cannot read it");
    }
}

/// Says each finding of several nodes once, and of which where it is not of all; `is_new` where what they are about
/// was not told before.
pub(crate) fn tell_findings(context: &Context, found: &[(String, Vec<Finding>)], is_new: bool) {
    let all: BTreeSet<_> = found.iter().map(|(name, _)| name).collect();
    for (finding, names) in kit::gathered(found) {
        let of = match (names.len() == all.len(), &names[..]) {
            (true, _) => String::new(),
            (false, [first, _, _, _, ..]) => format!("{first} and {} others: ", names.len() - 1),
            (false, few) => format!("{}: ", few.join(", ")),
        };
        tell_finding(context, finding, &of, is_new);
    }
}

/// Says what is wrong, `of` what, or what is still to be done; the latter, once told, is silenced by `--quiet`.
fn tell_finding(context: &Context, finding: &Finding, of: &str, is_new: bool) {
    let text = format!("{of}{}: {}", finding.code, finding.message);
    match finding.severity {
        Severity::Info if is_new => context.ui.needed(format!("note: {text}")),
        Severity::Info => context.ui.note(format!("note: {text}")),
        Severity::Warning | Severity::Error => context.ui.warning(text),
    }
    if !finding.hint.is_empty() {
        context.ui.hint(&finding.hint);
    }
}
