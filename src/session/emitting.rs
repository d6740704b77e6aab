//! Where servers are known from, and the words around a snippet.

use std::{collections::BTreeSet, io, path::Path};

use super::{Context, Report, taken};
use crate::{
    emit::{Catalogue, Finding, Rendered},
    host::templates,
    kit,
    severity::Severity,
    store::{
        files::{PRIVATE, PUBLIC},
        outside,
    },
    supply::printable,
};

/// What is done with a snippet.
pub(crate) struct Delivery<'a> {
    /// The file that it goes to, if any
    pub(crate) out: Option<&'a Path>,
    /// Whether that takes the place of another
    pub(crate) force: bool,
    /// Whether nothing is written
    pub(crate) dry_run: bool,
}

impl Delivery<'_> {
    /// Hands out the snippet, says what is to be said about it, and whether it was new.
    pub(crate) fn hand_out(
        &self,
        context: &Context,
        rendered: &Rendered,
        document: &impl serde::Serialize,
    ) -> Result<bool, Report> {
        let mode = if rendered.secret { PRIVATE } else { PUBLIC };
        let is_same = |path: &&Path| taken::is_same(path, rendered.text.as_bytes(), mode);
        let is_new = self.out.as_ref().is_some_and(|path| !is_same(path));
        if let Some(path) = self.out {
            printable(path)?;
            if is_new && !self.force {
                taken::refuse(path, taken::REPLACE)?;
            }
        }
        if let (Some(path), true, false) = (self.out, is_new, self.dry_run) {
            write(path, &rendered.text, mode, self.force)?;
        }
        match self.out {
            Some(path) if !context.ui.is_json() && !is_new => {
                context
                    .ui
                    .note(format!("{} is as it should be", path.display()));
            }
            Some(path) if !context.ui.is_json() => {
                let verb = if self.dry_run { "would write" } else { "wrote" };
                context.ui.note(format!("{verb} {}", path.display()));
            }
            _ if context.ui.is_json() => context.ui.result(String::new, document)?,
            _ if rendered.secret && rendered.text.ends_with('\n') => {
                context.ui.print_raw(rendered.text.as_bytes())?;
            }
            _ => context.ui.print(&rendered.text)?,
        }
        if !context.ui.is_json() {
            tell(context, rendered, self.out.is_some());
        }
        Ok(is_new)
    }
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

fn tell(context: &Context, rendered: &Rendered, written: bool) {
    for finding in &rendered.findings {
        tell_finding(context, finding, "");
    }
    for (from, to) in &rendered.copies {
        context.ui.hint(format!("copy {from} to {to} on the node"));
    }
    if rendered.secret && !written {
        context
            .ui
            .hint("this holds a secret: `--out FILE` writes it so that others cannot read it");
    }
}

/// Says each finding of several nodes once, and of which where it is not of all.
pub(crate) fn tell_findings(context: &Context, found: &[(String, Vec<Finding>)]) {
    let all: BTreeSet<_> = found.iter().map(|(name, _)| name).collect();
    for (finding, names) in kit::gathered(found) {
        let of = match (names.len() == all.len(), &names[..]) {
            (true, _) => String::new(),
            (false, [first, _, _, _, ..]) => format!("{first} and {} others: ", names.len() - 1),
            (false, few) => format!("{}: ", few.join(", ")),
        };
        tell_finding(context, finding, &of);
    }
}

/// Says what is wrong, `of` what.
fn tell_finding(context: &Context, finding: &Finding, of: &str) {
    let text = format!("{of}{}: {}", finding.code, finding.message);
    match finding.severity {
        Severity::Info => context.ui.note(format!("note: {text}")),
        Severity::Warning | Severity::Error => context.ui.warning(text),
    }
    if !finding.hint.is_empty() {
        context.ui.hint(&finding.hint);
    }
}

/// Writes a file as a whole or not at all, with its final mode.
fn write(path: &Path, text: &str, mode: u32, force: bool) -> Result<(), Report> {
    outside::write_whole(path, text.as_bytes(), mode, force).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken::report(path, taken::REPLACE),
        _ => Report::failed("io", format!("cannot write {}: {error}", path.display())),
    })
}
