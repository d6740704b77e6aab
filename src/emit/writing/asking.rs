//! A text as it is asked for, or a refusal: what is set has a place in it, or others have one.

use std::{fmt, sync::Arc};

use super::{Writing, Written, rendering::Rendered};
use crate::emit::{
    error::EmitError,
    manifest::{Format, client::Client},
    request::{Entry, Outside, Request},
    server::Server,
};

/// What makes a text.
#[derive(Clone, Copy, Debug)]
enum Writer<'a> {
    Format(&'a Format),
    Client(&'a Client),
}

impl fmt::Display for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(format) => write!(f, "format `{}`", format.name),
            Self::Client(client) => write!(f, "client `{}`", client.name),
        }
    }
}

impl Server {
    /// Writes a snippet of configuration.
    ///
    /// # Errors
    ///
    /// Every mistake of the request, which may set nothing for which there is no place, or the first of a template.
    pub fn render(
        &self,
        format: &Format,
        request: &Request,
        outside: Arc<dyn Outside>,
    ) -> Result<Rendered, Vec<EmitError>> {
        let again = Arc::clone(&outside);
        let rendered = self.render_one_of(format, request, outside)?;
        self.refuse_unused(Writer::Format(format), &rendered.unused, request, &again)?;
        Ok(rendered)
    }

    /// Writes one of several snippets that have one request: what it sets may be meant for others.
    ///
    /// # Errors
    ///
    /// Every other mistake of the request, or the first of a template.
    pub fn render_one_of(
        &self,
        format: &Format,
        request: &Request,
        outside: Arc<dyn Outside>,
    ) -> Result<Rendered, Vec<EmitError>> {
        Writing::begin(self, request, outside, format.secret)?.format(format)
    }

    /// Writes a client.
    ///
    /// # Errors
    ///
    /// As [`Server::render`].
    pub fn render_client(
        &self,
        client: &Client,
        request: &Request,
        outside: Arc<dyn Outside>,
    ) -> Result<Rendered, Vec<EmitError>> {
        let again = Arc::clone(&outside);
        let rendered = Writing::begin(self, request, outside, false)?.client(client)?;
        self.refuse_unused(Writer::Client(client), &rendered.unused, request, &again)?;
        Ok(rendered)
    }

    /// Refuses a request for one text, where it sets what that text has no place for.
    fn refuse_unused(
        &self,
        writer: Writer<'_>,
        unused: &[String],
        request: &Request,
        outside: &Arc<dyn Outside>,
    ) -> Written<()> {
        if unused.is_empty() {
            return Ok(());
        }
        let errors = unused.iter().map(|option| EmitError::Unused {
            option: option.clone(),
            writer: writer.to_string(),
            others: self.takers(option, request, outside),
        });
        Err(errors.collect())
    }

    /// All that would write an option, with all of its listeners.
    fn takers(&self, option: &str, request: &Request, outside: &Arc<dyn Outside>) -> Vec<String> {
        let formats = self.manifest.formats.iter().map(Writer::Format);
        let clients = self.manifest.clients.iter().map(Writer::Client);
        let has_place = |writer: &Writer<'_>| {
            let written = self.write_alone(*writer, option, request, outside);
            written.is_ok_and(|written| written.unused.is_empty())
        };
        let takers = formats.chain(clients).filter(has_place);
        takers.map(|writer| writer.to_string()).collect()
    }

    /// A text with one option and what it cannot do without.
    fn write_alone(
        &self,
        writer: Writer<'_>,
        option: &str,
        request: &Request,
        outside: &Arc<dyn Outside>,
    ) -> Written<Rendered> {
        let requires = match writer {
            Writer::Format(format) => &format.requires,
            Writer::Client(client) => &client.requires,
        };
        let asked = request.set.iter().filter(|(name, _)| name == option);
        let needed = requires.iter().map(toml::Spanned::get_ref);
        let needed = needed.filter(|name| *name != option).filter_map(|name| {
            let spec = self.manifest.spec(name)?;
            Some((name.clone(), spec.example.clone()))
        });
        let set = asked.cloned().chain(needed).collect();
        let entry = request.listeners.first().map(|(_, entry)| entry.clone());
        let entry = entry.unwrap_or_else(any);
        let mut alone = Request {
            set,
            ..request.clone()
        };
        if let Writer::Format(format) = writer {
            let listeners = self.listeners(format);
            alone.listeners = listeners
                .map(|it| (it.name.clone(), entry.clone()))
                .collect();
        }
        let outside = Arc::clone(outside);
        match writer {
            Writer::Format(it) => Writing::begin(self, &alone, outside, it.secret)?.format(it),
            Writer::Client(it) => Writing::begin(self, &alone, outside, false)?.client(it),
        }
    }
}

/// Stands for an entry where none was named.
fn any() -> Entry {
    Entry {
        name: "node".to_owned(),
        directory: "/node".to_owned(),
        ..Entry::default()
    }
}
