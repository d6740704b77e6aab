//! Reads back what was written, and judges it as `check` would on the node.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use time::OffsetDateTime;

use super::inspect_configuration;
use crate::{
    check::{self, Policy, Terms},
    emit::{Document, EmitError, Finding, Format, NoFiles, Outside, Rendered, Request, Server},
    pki::renewal::Margin,
    severity::Severity,
};

/// Writes a snippet of configuration, reads it back, and adds what the rules for files find in it and its writer
/// did not say: all that is worse than a note.
///
/// # Errors
///
/// As [`Server::render`].
pub fn write(
    server: &Server,
    format: &Format,
    request: &Request,
    outside: Arc<dyn Outside>,
    now: OffsetDateTime,
) -> Result<Rendered, Vec<EmitError>> {
    let mut rendered = server.render(format, request, outside)?;
    let news = judge(server, format, request, &rendered, now);
    rendered.findings.extend(news.map_err(|error| vec![error])?);
    Ok(rendered)
}

/// What the rules for files find in what was written that its writer did not say: all that is worse than a note,
/// and nothing of what no server reads.
///
/// # Errors
///
/// Where a template is wrong.
pub fn judge(
    server: &Server,
    format: &Format,
    request: &Request,
    rendered: &Rendered,
    now: OffsetDateTime,
) -> Result<Vec<Finding>, EmitError> {
    if format.syntax.is_none() {
        return Ok(Vec::new());
    }
    let document = Document {
        path: Path::new(&format.path),
        text: &rendered.text,
        files: &NoFiles,
    };
    let mut reading = server.read(format, request.version.as_ref(), document)?;
    let is_here = request.target_dir.is_none() && format.mount.is_none();
    // The files are copied to where it runs, and are given to its user there.
    reading.runs_as = None;
    reading.look_from(|path| match is_here {
        true => Some(path.to_owned()),
        false => source(&rendered.copies, path),
    });
    let terms = Terms {
        now,
        within: Margin::default(),
        policy: Policy::default(),
        user: rustix::process::geteuid().as_raw(),
    };
    let found = inspect_configuration(reading, terms)?.findings;
    let is_news = |found: &check::Finding| {
        let mut said = rendered.findings.iter();
        found.severity >= Severity::Warning && !said.any(|said| covers(said, found))
    };
    let news = found.into_iter().filter(is_news);
    Ok(news.map(|found| told(found, document.path)).collect())
}

/// Whether the writer has said it: by its name, or by the command that makes the file that is about to be missed.
fn covers(said: &Finding, found: &check::Finding) -> bool {
    let path = found.path.to_string_lossy();
    said.code == found.code || (found.code == "file-missing" && said.hint.contains(&*path))
}

/// What is copied to a place on the node: of a folder and a file in it, the file.
fn source(copies: &[(String, String)], path: &Path) -> Option<PathBuf> {
    let found = copies.iter().filter_map(|(from, to)| {
        let inside = path.strip_prefix(to).ok()?;
        Some((Path::new(from), inside))
    });
    let (from, inside) = found.min_by_key(|(_, inside)| inside.components().count())?;
    Some(match inside.as_os_str().is_empty() {
        true => from.to_owned(),
        false => from.join(inside),
    })
}

fn told(found: check::Finding, snippet: &Path) -> Finding {
    Finding {
        message: match found.path == snippet {
            true => found.message,
            false => format!("{}: {}", found.path.display(), found.message),
        },
        code: found.code.into_owned(),
        severity: found.severity,
        hint: found.hint,
    }
}
