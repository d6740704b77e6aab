//! The servers that are known: those built in, and those that a user adds or replaces.

use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::{
    error::{EmitError, SourceError, What},
    files::{File, Files},
    manifest::{Manifest, likeness::Written},
    server::Server,
};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The file that makes a folder a server.
const MANIFEST: &str = "server.toml";

/// Everything that can be emitted.
#[derive(Clone, Debug)]
pub struct Catalogue {
    files: Arc<Files>,
}

impl Catalogue {
    /// The servers that are built in.
    #[must_use]
    pub fn embedded() -> Self {
        let mut files = Files::new();
        collect(&EMBEDDED, &mut files);
        Self {
            files: Arc::new(files),
        }
    }

    /// Adds files, each as its path below the folder `origin` and its text.
    ///
    /// A file takes the place of the one with the same path, so a folder can bring a server or
    /// only another template for one.
    #[must_use]
    pub fn overlay(self, origin: &str, added: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut files = Arc::unwrap_or_clone(self.files);
        for (path, text) in added {
            let origin = format!("{}/{path}", origin.trim_end_matches('/'));
            let text = text.into();
            files.insert(path, File { text, origin });
        }
        Self {
            files: Arc::new(files),
        }
    }

    /// The servers' names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let folder = |path: &'_ String| path.len() - MANIFEST.len();
        let manifests = self.files.keys().filter(|path| path.ends_with(MANIFEST));
        manifests.filter_map(move |path| path[..folder(path)].strip_suffix('/'))
    }

    /// Every file: its path below the templates' folder, where it is for errors, and its text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let files = self.files.iter();
        files.map(|(path, file)| (path.as_str(), file.origin.as_str(), &*file.text))
    }

    /// One server, its manifest and its templates checked.
    ///
    /// # Errors
    ///
    /// Where there is none of that name, or every mistake in its files.
    pub fn server(&self, name: &str) -> Result<Server, Vec<EmitError>> {
        let find = |name: &str| self.files.get(&format!("{name}/{MANIFEST}"));
        let Some(file) = find(name) else {
            return Err(vec![EmitError::Unknown {
                what: What::Server,
                name: name.to_owned(),
                known: self.names().map(str::to_owned).collect(),
            }]);
        };
        let sources = |errors: Vec<SourceError>| -> Vec<_> {
            errors.into_iter().map(EmitError::from).collect()
        };
        let written = Written::new(file, find).map_err(|error| sources(vec![error]))?;
        let manifest = Manifest::parse(&written).map_err(sources)?;
        let server = Server::new(name, manifest, written, Arc::clone(&self.files));
        server.compile().map_err(sources)?;
        Ok(server)
    }

    /// Every server; the mistakes of all of them where there are some.
    ///
    /// # Errors
    ///
    /// As [`Catalogue::server`].
    pub fn servers(&self) -> Result<Vec<Server>, Vec<EmitError>> {
        let (mut servers, mut errors) = (Vec::new(), Vec::new());
        for name in self.names() {
            match self.server(name) {
                Ok(server) => servers.push(server),
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() {
            Ok(servers)
        } else {
            Err(errors)
        }
    }
}

fn collect(directory: &Dir<'static>, files: &mut Files) {
    for file in directory.files() {
        let path = file.path().to_string_lossy().into_owned();
        if let Some(text) = file.contents_utf8() {
            let origin = format!("templates/{path}");
            files.insert(
                path,
                File {
                    text: text.into(),
                    origin,
                },
            );
        }
    }
    for inner in directory.dirs() {
        collect(inner, files);
    }
}
