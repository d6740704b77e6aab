//! `certctl config --list`: what servers, listeners, formats and options there are.

use std::iter;

use super::{Context, Report, report::Outcome, table::wrapped};
use crate::{
    documents::servers::{NamedDocument, documents},
    emit::Server,
};

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
