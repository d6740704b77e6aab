//! `certctl config --list`: what servers, listeners, formats and options there are.

use std::{collections::BTreeMap, iter};

use serde::Serialize;

use super::{Context, Report, report::Outcome, table::wrapped};
use crate::emit::{OptionSpec, Server};

/// `certctl/servers/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document<'a> {
    schema: &'static str,
    /// The servers that were asked for
    servers: Vec<ServerDocument<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ServerDocument<'a> {
    /// As the commands take it
    name: &'a str,
    /// The product's name
    title: &'a str,
    /// Versions that differ in what is written for them, oldest first; the last is assumed
    versions: Vec<String>,
    /// Its TLS endpoints
    listeners: Vec<ListenerDocument<'a>>,
    /// What `config` writes, the default first
    formats: Vec<NamedDocument<'a>>,
    /// What `client` writes
    clients: Vec<NamedDocument<'a>>,
    /// The server's own options that `--set` takes
    options: BTreeMap<&'a str, OptionDocument<'a>>,
    /// What the templates ask besides
    parameters: BTreeMap<&'a str, OptionDocument<'a>>,
    /// How a new certificate is picked up
    reload: &'a str,
    /// How far what is written is proven
    proof: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ListenerDocument<'a> {
    /// As `--listener` takes it
    name: &'a str,
    /// What connects there
    title: &'a str,
    /// The usual TCP port
    port: Option<u16>,
    /// Extended key usages that its certificate needs
    eku: &'a [String],
    /// Whether it can ask for client certificates
    client_ca: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NamedDocument<'a> {
    /// As the command takes it
    name: &'a str,
    /// What it is
    title: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OptionDocument<'a> {
    /// What it is for
    help: &'a str,
    /// What its value is
    takes: String,
    /// The version that brought it; null where all have it
    since: Option<String>,
    /// The version that took it away; null where none did
    removed: Option<String>,
    /// Whether it can be given several times
    repeat: bool,
    /// Whether its value is a secret
    secret: bool,
}

impl<'a> ServerDocument<'a> {
    fn new(server: &'a Server) -> Self {
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

fn option<'a>(server: &Server, spec: &'a OptionSpec) -> OptionDocument<'a> {
    OptionDocument {
        help: &spec.help,
        takes: spec.expected(server.manifest.newest()),
        since: spec.since.as_ref().map(ToString::to_string),
        removed: spec.removed.as_ref().map(ToString::to_string),
        repeat: spec.repeat,
        secret: spec.secret,
    }
}

/// All servers, one line each.
pub(super) fn list(context: &Context, servers: &[Server]) -> Result<Outcome, Report> {
    let document = documents(servers);
    let width = context.ui.width();
    let text = || {
        let rows = document.servers.iter().map(|server| {
            let listeners = server.listeners.iter().map(|it| it.name);
            let named = |documents: &[NamedDocument<'_>]| join(documents.iter().map(|it| it.name));
            let (formats, clients) = (named(&server.formats), named(&server.clients));
            [server.name.to_owned(), join(listeners), formats, clients]
        });
        section(width, ["SERVER", "LISTENERS", "FORMATS", "CLIENTS"], rows)
    };
    context.ui.result(text, &document)?;
    Ok(Outcome::Unchanged)
}

/// Everything about one server.
pub(super) fn describe(context: &Context, server: &Server) -> Result<Outcome, Report> {
    let document = documents(std::slice::from_ref(server));
    let known = &document.servers[0];
    let width = context.ui.width();
    let text = || {
        let mut sections = vec![format!(
            "{} ({})\n",
            known.title,
            join(known.versions.iter())
        )];
        let listeners = known.listeners.iter().map(|it| {
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
        for (head, named) in [("FORMAT", &known.formats), ("CLIENT", &known.clients)] {
            let rows = named
                .iter()
                .map(|it| [it.name, it.title].map(str::to_owned));
            sections.push(section(width, [head, ""], rows));
        }
        for (head, options) in [("OPTION", &known.options), ("PARAMETER", &known.parameters)] {
            let rows = options
                .iter()
                .map(|(name, it)| [*name, it.takes.as_str(), it.help].map(str::to_owned));
            sections.push(section(width, [head, "TAKES", ""], rows));
        }
        sections.push(format!(
            "New certificates: {}\nProof: {}\n",
            known.reload, known.proof
        ));
        sections.retain(|section| !section.is_empty());
        sections.join("\n")
    };
    context.ui.result(text, &document)?;
    Ok(Outcome::Unchanged)
}

fn documents(servers: &[Server]) -> Document<'_> {
    Document {
        schema: "certctl/servers/v1",
        servers: servers.iter().map(ServerDocument::new).collect(),
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
