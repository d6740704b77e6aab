//! Files that are servers' configuration: whose, and what is wrong with them.

use std::path::Path;

use super::{
    Inspection, inspect_configuration, inspect_containers, unread_containers, unread_file,
};
use crate::{
    check::Terms,
    emit::{self, Document, EmitError, Server, Version},
    pki::name::visible,
    survey::included::OnDisk,
};

/// How configuration files are read.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The servers that may have written them
    pub servers: &'a [Server],
    /// Whether somebody has named the one server, so that nothing else is looked for
    pub is_named: bool,
    /// The version of the server that was named; left out, the newest that is known
    pub version: Option<&'a Version>,
    /// What the rules compare with
    pub terms: Terms,
}

/// What a file turned out to be.
#[derive(Debug)]
pub struct Read {
    /// What is wrong with it
    pub inspection: Inspection,
    /// Whose it is, and which files belong to it: a line for each
    pub details: Vec<String>,
}

/// Why a configuration file was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A mistake in the server's manifest.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// There is no option of the server that was named.
    #[error("there is no option of `{0}` in it")]
    NotRecognised(String),
}

impl Reader<'_> {
    /// Looks at a file; `None` where its text is no server's configuration.
    ///
    /// # Errors
    ///
    /// Where it is not that of the server that was named, and for the first mistake in a server's manifest.
    pub fn read(&self, path: &Path, text: &str) -> Result<Option<Read>, ReadError> {
        let plain = |inspection| Read {
            inspection,
            details: Vec::new(),
        };
        let home = path.parent().unwrap_or(Path::new(""));
        match emit::containers(text.trim_start_matches('\u{feff}'), home) {
            Some(Ok(all)) => {
                let found = inspect_containers(path, &all, self.servers, self.version, self.terms);
                return Ok(Some(plain(found?)));
            }
            Some(Err(error)) => return Ok(Some(plain(unread_containers(path, &error)))),
            None => {}
        }
        let document = Document {
            path,
            text,
            files: &OnDisk,
        };
        let found = match self.servers {
            [server]
                if self.is_named
                    && let Some(format) = server.unread_format(document) =>
            {
                let message = format!(
                    "`{}` of {}, {}: it is no configuration file, and what stands in it was not looked at",
                    format.name, server.manifest.title, format.title
                );
                return Ok(Some(plain(unread_file(path, &message))));
            }
            [server] if self.is_named => {
                let unknown = || ReadError::NotRecognised(server.name.clone());
                Some((server, server.format_of(document).ok_or_else(unknown)?))
            }
            servers => emit::recognise(servers, document),
        };
        let Some((server, format)) = found else {
            return Ok(None);
        };
        let reading = server.read(format, self.version, document)?;
        let (title, version) = (&server.manifest.title, &reading.version);
        let shown = |path: &Path| visible(&path.to_string_lossy()).into_owned();
        let whose = format!("{}: {title} {version}, `{}`", shown(path), format.name);
        let included = reading.files.iter().skip(1);
        let included = included.map(|file| format!("{}: included", shown(file)));
        Ok(Some(Read {
            details: std::iter::once(whose).chain(included).collect(),
            inspection: inspect_configuration(reading, self.terms)?,
        }))
    }
}
