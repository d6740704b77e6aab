//! What `config` and `client` share: their options, the catalogue, and the words around a snippet.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Context, Report, report::Outcome, taken, templates};
use crate::{
    emit::{Catalogue, Finding, Rendered, Version},
    kit,
    severity::Severity,
    store::{
        files::{PRIVATE, PUBLIC},
        outside,
    },
    supply::printable,
};

/// Where to write, in one of several ways.
pub(crate) const DESTINATION: &str = "destination";

/// Options of every command that writes from templates.
#[derive(Args, Debug)]
pub(crate) struct EmitArgs {
    /// Version of the server [default: the newest that is known]
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) server_version: Option<Version>,
    /// Option of the server, or parameter of the template (can be repeated)
    ///
    /// A secret is made with KEY=random, or read from a file's first line with KEY=@FILE.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) set: Vec<(String, String)>,
    /// Exit with 3 where something would be insecure or would not work
    #[arg(long)]
    pub(crate) strict: bool,
    /// Write to a file, which others cannot read where it holds a secret
    #[arg(long, value_name = "FILE", group = DESTINATION)]
    pub(crate) out: Option<PathBuf>,
    /// Replace what is there
    #[arg(short, long, requires = DESTINATION)]
    pub(crate) force: bool,
    /// Say what would be written, and write nothing
    #[arg(short = 'n', long, requires = DESTINATION)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) templates: TemplatesArgs,
}

/// Where servers are known from.
#[derive(Args, Debug)]
pub(crate) struct TemplatesArgs {
    /// Directory with servers that are added or replaced
    #[arg(
        long,
        value_name = "DIR",
        env = "CERTCTL_TEMPLATES",
        hide_env_values = true
    )]
    templates: Option<PathBuf>,
}

impl TemplatesArgs {
    pub(crate) fn catalogue(&self) -> Result<Catalogue, Report> {
        catalogue(self.templates.as_deref())
    }
}

pub(crate) fn version(text: &str) -> Result<Version, String> {
    let parsed = text.parse::<Version>();
    parsed.map_err(|_| String::from("write a version number such as 2.4.3"))
}

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl EmitArgs {
    /// The servers that are built in, and the user's own.
    pub(crate) fn catalogue(&self) -> Result<Catalogue, Report> {
        self.templates.catalogue()
    }

    /// Hands out the snippet and says what is to be said about it.
    pub(crate) fn deliver(
        &self,
        context: &Context,
        rendered: &Rendered,
        document: &impl serde::Serialize,
    ) -> Result<Outcome, Report> {
        let mode = if rendered.secret { PRIVATE } else { PUBLIC };
        let is_same = |path: &PathBuf| taken::is_same(path, rendered.text.as_bytes(), mode);
        let is_new = self.out.as_ref().is_some_and(|path| !is_same(path));
        if let Some(path) = &self.out {
            printable(path)?;
            if is_new && !self.force {
                taken::refuse(path, taken::REPLACE)?;
            }
        }
        if let (Some(path), true, false) = (&self.out, is_new, self.dry_run) {
            write(path, &rendered.text, mode, self.force)?;
        }
        match &self.out {
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
        Ok(self.outcome(&rendered.findings, is_new))
    }

    /// How the command ends.
    pub(crate) fn outcome<'a>(
        &self,
        findings: impl IntoIterator<Item = &'a Finding>,
        has_changed: bool,
    ) -> Outcome {
        let mut findings = findings.into_iter();
        let has_serious = findings.any(|finding| finding.severity >= Severity::Warning);
        match (self.strict && has_serious, has_changed) {
            (true, _) => Outcome::Found,
            (false, true) => Outcome::Changed,
            (false, false) => Outcome::Unchanged,
        }
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
