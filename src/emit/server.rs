//! One server of the catalogue: what can be asked of it, and the text that it answers.

use std::sync::Arc;

use super::{
    error::{EmitError, SourceError, What},
    files::Files,
    manifest::{
        Format, Manifest, client::Client, endpoint::Endpoint, likeness::Written, listener::Listener,
    },
    writing::engine::Engine,
};

/// A server whose manifest and templates hold together.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its folder's name
    pub name: String,
    /// What is known about it
    pub manifest: Manifest,
    written: Written,
    files: Arc<Files>,
}

impl Server {
    pub(super) fn new(name: &str, manifest: Manifest, written: Written, files: Arc<Files>) -> Self {
        Self {
            name: name.to_owned(),
            manifest,
            written,
            files,
        }
    }

    /// The format of that name, or the default.
    ///
    /// # Errors
    ///
    /// Where there is none of that name.
    pub fn format(&self, name: Option<&str>) -> Result<&Format, EmitError> {
        let formats = &self.manifest.formats;
        let wanted = |format: &&Format| name.is_none_or(|name| name == format.name);
        formats
            .iter()
            .find(wanted)
            .ok_or_else(|| EmitError::Unknown {
                what: What::Format,
                name: name.unwrap_or_default().to_owned(),
                known: formats.iter().map(|format| format.name.clone()).collect(),
            })
    }

    /// The client of that name.
    ///
    /// # Errors
    ///
    /// Where there is none of that name.
    pub fn client(&self, name: &str) -> Result<&Client, EmitError> {
        let clients = &self.manifest.clients;
        let found = clients.iter().find(|client| client.name == name);
        found.ok_or_else(|| EmitError::Unknown {
            what: What::Client,
            name: name.to_owned(),
            known: clients.iter().map(|client| client.name.clone()).collect(),
        })
    }

    /// The listeners that a format can speak of.
    pub fn listeners(&self, format: &Format) -> impl Iterator<Item = &Listener> {
        let known = |listener: &&Listener| {
            let names = format.listeners.as_ref();
            names.is_none_or(|names| names.iter().any(|name| *name.get_ref() == listener.name))
        };
        self.manifest.listeners.iter().filter(known)
    }

    /// The listeners of these names; those that are used when none is named, for no names.
    ///
    /// # Errors
    ///
    /// Every name that the format does not know.
    pub fn chosen(
        &self,
        format: &Format,
        names: &[String],
    ) -> Result<Vec<&Listener>, Vec<EmitError>> {
        let listeners: Vec<_> = self.listeners(format).collect();
        let known = |name: &&String| listeners.iter().any(|listener| listener.name == **name);
        let unknown = names.iter().filter(|name| !known(name));
        let errors: Vec<_> = unknown
            .map(|name| EmitError::Unknown {
                what: What::Listener,
                name: name.clone(),
                known: listeners.iter().map(|it| it.name.clone()).collect(),
            })
            .collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let wanted = |listener: &&Listener| match names {
            [] => !listener.optional,
            names => names.contains(&listener.name),
        };
        Ok(listeners.into_iter().filter(wanted).collect())
    }

    pub(super) fn engine(&self) -> Engine {
        Engine::new(Arc::clone(&self.files), self.written.clone())
    }

    /// What one of the server's files holds; `None` where there is none of that name.
    pub(super) fn text(&self, file: &str) -> Option<&str> {
        let file = self.files.get(&self.path(file))?;
        Some(&file.text)
    }

    /// The path of one of the server's files in the catalogue: of its own, or of that of the server that it is like.
    pub(super) fn path(&self, file: &str) -> String {
        let own = format!("{}/{file}", self.name);
        let like = self.written.like().map(|like| format!("{like}/{file}"));
        let is_there = |path: &String| self.files.contains_key(path);
        match like.filter(is_there) {
            Some(like) if !is_there(&own) => like,
            _ => own,
        }
    }

    /// Finds every template that does not parse, and every one that is missing.
    pub(super) fn compile(&self) -> Result<(), Vec<SourceError>> {
        let engine = self.engine();
        let manifest = &self.manifest;
        let formats = manifest.formats.iter().map(|format| &format.template);
        let files = formats.chain(manifest.clients.iter().map(|client| &client.template));
        let values = manifest.listeners.iter().flat_map(|listener| &listener.set);
        let defaults = manifest
            .parameters
            .values()
            .filter_map(|spec| spec.default.as_ref());
        let texts = manifest.rules.iter().map(|rule| &rule.message);
        let hints = manifest.rules.iter().filter_map(|rule| rule.hint.as_ref());
        let mends = manifest
            .rules
            .iter()
            .filter_map(|rule| Some(&rule.file.as_ref()?.mend));
        let inline = values
            .map(|(_, value)| value)
            .chain(defaults)
            .chain(texts)
            .chain(hints)
            .chain(mends)
            .chain(manifest.setup.templates());
        let endpoints = manifest.endpoints.iter();
        let conditions = (manifest.rules.iter().map(|rule| &rule.when))
            .chain(endpoints.flat_map(Endpoint::conditions))
            .chain(manifest.formats.iter().filter_map(|it| it.after.as_ref()));
        let errors: Vec<_> = (files.map(|file| engine.compile(&self.path(file.get_ref()), file)))
            .chain(inline.map(|template| engine.compile_inline(template)))
            .chain(conditions.map(|condition| engine.compile_expression(condition)))
            .filter_map(Result::err)
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }
}
