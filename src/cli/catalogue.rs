//! `certctl config --list`: what servers, listeners, formats and options there are.

use std::collections::BTreeMap;

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use serde::Serialize;

use super::{Context, Report, report::Outcome};
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
    let text = || {
        let mut table = table(&["SERVER", "LISTENERS", "FORMATS", "CLIENTS"]);
        for server in &document.servers {
            let listeners = server.listeners.iter().map(|it| it.name);
            let named = |documents: &[NamedDocument<'_>]| join(documents.iter().map(|it| it.name));
            let (formats, clients) = (named(&server.formats), named(&server.clients));
            table.add_row([server.name.to_owned(), join(listeners), formats, clients]);
        }
        text(&table)
    };
    context.ui.result(text, &document)?;
    Ok(Outcome::Unchanged)
}

/// Everything about one server.
pub(super) fn describe(context: &Context, server: &Server) -> Result<Outcome, Report> {
    let document = documents(std::slice::from_ref(server));
    let known = &document.servers[0];
    let text = || {
        let mut sections = vec![format!(
            "{} ({})\n",
            known.title,
            join(known.versions.iter())
        )];
        let mut listeners = table(&["LISTENER", "PORT", "CERTIFICATE FOR", "FOR"]);
        for it in &known.listeners {
            let port = it.port.map(|port| port.to_string()).unwrap_or_default();
            listeners.add_row([it.name, &port, &it.eku.join(", "), it.title]);
        }
        sections.push(self::text(&listeners));
        for (head, named) in [("FORMAT", &known.formats), ("CLIENT", &known.clients)] {
            let mut table = table(&[head, ""]);
            table.add_rows(named.iter().map(|it| [it.name, it.title]));
            sections.push(self::text(&table));
        }
        for (head, options) in [("OPTION", &known.options), ("PARAMETER", &known.parameters)] {
            let mut table = table(&[head, "TAKES", ""]);
            for (name, it) in options {
                table.add_row([*name, &it.takes, it.help]);
            }
            sections.push(self::text(&table));
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

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head);
    table
}

/// Without the blanks that a table puts around its cells; nothing where there is no row.
fn text(table: &Table) -> String {
    if table.is_empty() {
        return String::new();
    }
    table
        .lines()
        .map(|line| format!("{}\n", line.trim()))
        .collect()
}
