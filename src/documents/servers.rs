//! `certctl/servers/v1`: what servers, listeners, formats and options there are.

use std::{collections::BTreeMap, iter};

use serde::Serialize;

use crate::{
    emit::{OptionSpec, Server},
    terminal::table::wrapped,
};

/// `certctl/servers/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// The servers that were asked for
    pub(crate) servers: Vec<ServerDocument<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ServerDocument<'a> {
    /// As the commands take it
    pub(crate) name: &'a str,
    /// The product's name
    pub(crate) title: &'a str,
    /// Versions that differ in what is written for them, oldest first; the last is assumed
    pub(crate) versions: Vec<String>,
    /// Its TLS endpoints
    pub(crate) listeners: Vec<ListenerDocument<'a>>,
    /// What `config` writes, the default first
    pub(crate) formats: Vec<NamedDocument<'a>>,
    /// What `client` writes
    pub(crate) clients: Vec<NamedDocument<'a>>,
    /// The server's own options that `--set` takes
    pub(crate) options: BTreeMap<&'a str, OptionDocument<'a>>,
    /// What the templates ask besides
    pub(crate) parameters: BTreeMap<&'a str, OptionDocument<'a>>,
    /// How a new certificate is picked up
    pub(crate) reload: &'a str,
    /// How far what is written is proven
    pub(crate) proof: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ListenerDocument<'a> {
    /// As `--listener` takes it
    pub(crate) name: &'a str,
    /// What connects there
    pub(crate) title: &'a str,
    /// The usual TCP port
    pub(crate) port: Option<u16>,
    /// Extended key usages that its certificate needs
    pub(crate) eku: &'a [String],
    /// Whether it can ask for client certificates
    pub(crate) client_ca: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct NamedDocument<'a> {
    /// As the command takes it
    pub(crate) name: &'a str,
    /// What it is
    pub(crate) title: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OptionDocument<'a> {
    /// What it is for
    pub(crate) help: &'a str,
    /// What its value is
    pub(crate) takes: String,
    /// The version that brought it; null where all have it
    pub(crate) since: Option<String>,
    /// The version that took it away; null where none did
    pub(crate) removed: Option<String>,
    /// Whether it can be given several times
    pub(crate) repeat: bool,
    /// Whether its value is a secret
    pub(crate) secret: bool,
}

impl<'a> ServerDocument<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        let manifest = &server.manifest;
        let options = |specs: &'a BTreeMap<String, OptionSpec>| {
            let documents = specs
                .iter()
                .map(|(name, spec)| (name.as_str(), option(server, spec)));
            documents.collect()
        };
        Self {
            name: &server.name,
            title: &manifest.title,
            versions: manifest
                .versions
                .get_ref()
                .iter()
                .map(ToString::to_string)
                .collect(),
            listeners: (manifest.listeners.iter())
                .map(|it| ListenerDocument {
                    name: &it.name,
                    title: &it.title,
                    port: it.port,
                    eku: &it.eku,
                    client_ca: it.client_ca_since.is_some(),
                })
                .collect(),
            formats: (manifest.formats.iter())
                .map(|it| NamedDocument {
                    name: &it.name,
                    title: &it.title,
                })
                .collect(),
            clients: (manifest.clients.iter())
                .map(|it| NamedDocument {
                    name: &it.name,
                    title: &it.title,
                })
                .collect(),
            options: options(&manifest.options),
            parameters: options(&manifest.parameters),
            reload: &manifest.reload,
            proof: &manifest.proof,
        }
    }
}

pub(crate) fn option<'a>(server: &Server, spec: &'a OptionSpec) -> OptionDocument<'a> {
    OptionDocument {
        help: &spec.help,
        takes: spec.expected(server.manifest.newest()),
        since: spec.since.as_ref().map(ToString::to_string),
        removed: spec.removed.as_ref().map(ToString::to_string),
        repeat: spec.repeat,
        secret: spec.secret,
    }
}

pub(crate) fn documents(servers: &[Server]) -> Document<'_> {
    Document {
        schema: "certctl/servers/v1",
        servers: servers.iter().map(ServerDocument::new).collect(),
    }
}

impl Document<'_> {
    /// All of them, one row each.
    pub(crate) fn text(&self, width: Option<u16>) -> String {
        let rows = self.servers.iter().map(|server| {
            let listeners = server.listeners.iter().map(|it| it.name);
            let named = |documents: &[NamedDocument<'_>]| join(documents.iter().map(|it| it.name));
            let (formats, clients) = (named(&server.formats), named(&server.clients));
            [server.name.to_owned(), join(listeners), formats, clients]
        });
        section(width, ["SERVER", "LISTENERS", "FORMATS", "CLIENTS"], rows)
    }
}

impl ServerDocument<'_> {
    /// What there is to know of one.
    pub(crate) fn text(&self, width: Option<u16>) -> String {
        let mut sections = vec![format!("{} ({})\n", self.title, join(self.versions.iter()))];
        let listeners = self.listeners.iter().map(|it| {
            let port = it.port.map(|port| port.to_string()).unwrap_or_default();
            [
                it.name.to_owned(),
                port,
                it.eku.join(", "),
                it.title.to_owned(),
            ]
        });
        let heads = ["LISTENER", "PORT", "CERTIFICATE FOR", "FOR"];
        sections.push(section(width, heads, listeners));
        for (head, named) in [("FORMAT", &self.formats), ("CLIENT", &self.clients)] {
            let rows = named
                .iter()
                .map(|it| [it.name, it.title].map(str::to_owned));
            sections.push(section(width, [head, ""], rows));
        }
        for (head, options) in [("OPTION", &self.options), ("PARAMETER", &self.parameters)] {
            let rows = options
                .iter()
                .map(|(name, it)| [*name, it.takes.as_str(), it.help].map(str::to_owned));
            sections.push(section(width, [head, "TAKES", ""], rows));
        }
        sections.push(format!(
            "New certificates: {}\nProof: {}\n",
            self.reload, self.proof
        ));
        sections.retain(|section| !section.is_empty());
        sections.join("\n")
    }
}

fn join(words: impl Iterator<Item = impl ToString>) -> String {
    words
        .map(|word| word.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

/// A table under its heads; nothing where there is no row.
fn section<const COLUMNS: usize>(
    width: Option<u16>,
    heads: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let mut rows = rows.peekable();
    match rows.peek() {
        Some(_) => wrapped(iter::once(heads.map(str::to_owned)).chain(rows), width),
        None => String::new(),
    }
}
