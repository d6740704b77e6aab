//! Paths that are servers' configuration files: which they are, and whose.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Context, Report, text::shown};
use crate::{
    check::Terms,
    cli::emitting,
    emit::{self, Catalogue, Document, Server, Version},
    inspection::{Inspection, inspect_configuration, inspect_containers, unread_containers},
    survey::{configuration, included::OnDisk},
};

/// How configuration files are read.
#[derive(Args, Debug)]
pub(super) struct ConfigurationArgs {
    /// Server whose configuration the files are [default: told by their content]
    #[arg(long, value_name = "SERVER", requires = "targets")]
    server: Option<String>,
    /// Version of the server [default: the newest that is known]
    #[arg(long, value_name = "VERSION", value_parser = emitting::version)]
    server_version: Option<Version>,
    #[command(flatten)]
    templates: emitting::TemplatesArgs,
}

/// What there is of configuration files.
#[derive(Default)]
pub(super) struct Inspected {
    /// Each with what was found in it
    pub(super) inspections: Vec<(PathBuf, Inspection)>,
    /// The paths that are none
    pub(super) others: Vec<PathBuf>,
    /// Of those that could not be read
    pub(super) errors: Vec<Report>,
}

impl ConfigurationArgs {
    /// The servers that are built in, and the user's own.
    pub(super) fn catalogue(&self) -> Result<Catalogue, Report> {
        self.templates.catalogue()
    }

    /// Looks at those of the paths that are configuration files, and hands back the others.
    pub(super) fn inspect(
        &self,
        paths: &[PathBuf],
        terms: Terms,
        context: &Context,
    ) -> Result<Inspected, Report> {
        let mut inspected = Inspected::default();
        let mut servers = Vec::new();
        for path in paths {
            let text = path.is_file().then(|| configuration::text(path));
            let found = match text.flatten() {
                Some(text) => {
                    if servers.is_empty() {
                        servers = self.servers()?;
                    }
                    self.inspect_text(&servers, path, &text, terms, context)
                }
                None => Ok(None),
            };
            match found {
                Ok(Some(inspection)) => inspected.inspections.push((path.clone(), inspection)),
                Ok(None) => inspected.others.push(path.clone()),
                Err(report) => inspected.errors.push(report),
            }
        }
        Ok(inspected)
    }

    /// `None` where the text is no server's configuration.
    fn inspect_text(
        &self,
        servers: &[Server],
        path: &Path,
        text: &str,
        terms: Terms,
        context: &Context,
    ) -> Result<Option<Inspection>, Report> {
        let mistake = |error| Report::from(error);
        let document = Document {
            path,
            text,
            files: &OnDisk,
        };
        let version = self.server_version.as_ref();
        let home = path.parent().unwrap_or(Path::new(""));
        match emit::containers(text, home) {
            Some(Ok(containers)) => {
                let found = inspect_containers(path, &containers, servers, version, terms);
                return found.map(Some).map_err(mistake);
            }
            Some(Err(error)) => return Ok(Some(unread_containers(path, &error))),
            None => {}
        }
        let found = match (&self.server, servers) {
            (Some(_), [server]) => {
                let format = server.format_of(document);
                let format = format.ok_or_else(|| not_recognised(path, &server.name))?;
                Some((server, format))
            }
            _ => emit::recognise(servers, document),
        };
        let Some((server, format)) = found else {
            return Ok(None);
        };
        let reading = server.read(format, version, document).map_err(mistake)?;
        let (title, version) = (&server.manifest.title, &reading.version);
        let file = shown(path);
        context
            .ui
            .detail(format!("{file}: {title} {version}, `{}`", format.name));
        for included in reading.files.iter().skip(1) {
            let included = shown(included);
            context.ui.detail(format!("{included}: included"));
        }
        let inspection = inspect_configuration(reading, terms);
        inspection.map(Some).map_err(mistake)
    }

    /// The server that was named, or all.
    fn servers(&self) -> Result<Vec<Server>, Report> {
        let catalogue = self.catalogue()?;
        let servers = match &self.server {
            Some(name) => catalogue.server(name).map(|server| vec![server]),
            None => catalogue.servers(),
        };
        Ok(servers?)
    }
}

fn not_recognised(path: &Path, server: &str) -> Report {
    let message = format!("{}: there is no option of `{server}` in it", shown(path));
    Report::failed("not-recognised", message)
        .hint("`certctl check FILE` alone tells whose it is, where that can be told")
}
