//! Reads back what was written, and judges it as `check` would on the node.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::inspect_configuration;
use crate::{
    check::{self, Policy, Terms},
    emit::{Document, EmitError, Finding, Format, NoFiles, Rendered, Request, Server},
    pki::renewal::Margin,
    severity::Severity,
};

/// Adds what the rules for files find in a snippet, and its writer did not say: all that is worse than a note.
///
/// # Errors
///
/// The first mistake in the server's manifest.
pub fn judge_written(
    server: &Server,
    format: &Format,
    request: &Request,
    rendered: &mut Rendered,
    now: OffsetDateTime,
) -> Result<(), EmitError> {
    if format.syntax.is_none() {
        return Ok(());
    }
    let document = Document {
        path: Path::new(&format.path),
        text: &rendered.text,
        files: &NoFiles,
    };
    let mut reading = server.read(format, request.version.as_ref(), document)?;
    let is_here = request.target_dir.is_none() && format.mount.is_none();
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
    let is_said = |found: &check::Finding| {
        let mut said = rendered.findings.iter();
        said.any(|said| said.code == found.code)
    };
    let news = found
        .into_iter()
        .filter(|found| found.severity >= Severity::Warning && !is_said(found));
    let news: Vec<_> = news.map(|found| told(found, document.path)).collect();
    rendered.findings.extend(news);
    Ok(())
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
