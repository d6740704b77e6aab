//! `certctl config --list`: what servers, listeners, formats and options there are.

use std::{collections::BTreeMap, iter};

use serde::Serialize;

use super::{Context, Report, report::Outcome, table::wrapped};
use crate::emit::{OptionSpec, Server};

/// `certctl/servers/v1`
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    servers: Vec<ServerDocument<'a>>,
}

#[derive(Serialize)]
struct ServerDocument<'a> {
    name: &'a str,
    title: &'a str,
    versions: Vec<String>,
    listeners: Vec<ListenerDocument<'a>>,
    formats: Vec<NamedDocument<'a>>,
    clients: Vec<NamedDocument<'a>>,
    options: BTreeMap<&'a str, OptionDocument<'a>>,
    parameters: BTreeMap<&'a str, OptionDocument<'a>>,
    reload: &'a str,
    proof: &'a str,
}

#[derive(Serialize)]
struct ListenerDocument<'a> {
    name: &'a str,
    title: &'a str,
    port: Option<u16>,
    eku: &'a [String],
    client_ca: bool,
}

#[derive(Serialize)]
struct NamedDocument<'a> {
    name: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct OptionDocument<'a> {
    help: &'a str,
    takes: String,
    since: Option<String>,
    removed: Option<String>,
    repeat: bool,
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
