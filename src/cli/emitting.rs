//! What `config` and `client` share: their options, the catalogue, and the words around a snippet.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Report, report::Outcome};
pub(crate) use crate::session::emitting::tell_findings;
use crate::{
    emit::{Catalogue, Finding, Rendered, Version},
    session::{
        emitting::{catalogue, hand_out},
        taken::Destination,
    },
    severity::Severity,
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
    pub(crate) templates: Option<PathBuf>,
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
        let out = self.out.as_deref().map(|path| Destination {
            path,
            force: self.force,
            dry_run: self.dry_run,
        });
        let is_new = hand_out(out, context, rendered, document)?;
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
