//! `cases.toml`: requests, and what is found wrong with their snippets.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    sync::Arc,
};

use certctl::{
    emit::{Authority, Dial, EmitError, Entry, Finding, Rendered, Request, Server, Version},
    pki::subject,
};
use serde::Deserialize;

use crate::fixture::{Fixture, clients, dial, entry, examples, golden, revocations};

/// What should be found wrong, and with what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// File for the snippet, where it is worth keeping
    golden: Option<String>,
    format: Option<String>,
    client: Option<String>,
    version: Option<Version>,
    /// Left out for those of the format that are not optional
    #[serde(default)]
    listeners: Vec<String>,
    /// The root of the CA whose clients are let in
    client_ca: Option<String>,
    /// The CA itself, where it is not that root
    client_intermediate: Option<String>,
    target_dir: Option<String>,
    /// Roots with CRLs, each with the CAs below it that have none
    #[serde(default)]
    crls: BTreeMap<String, Vec<String>>,
    /// What a client connects to
    host: Option<String>,
    #[serde(default)]
    set: Vec<String>,
    /// There is no snippet, because a value cannot be written
    #[serde(default)]
    refused: bool,
    /// Other facts about a listener's entry, or about that of a client
    #[serde(default)]
    entries: BTreeMap<String, Facts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    name: Option<String>,
    sans: Option<Vec<String>>,
    eku: Option<Vec<String>>,
    key_type: Option<String>,
    days: Option<i64>,
    root: Option<String>,
    clients: Option<Vec<String>>,
    impostors: Option<Vec<String>>,
    /// As `--subject` takes it
    subject: Option<String>,
}

impl Facts {
    fn entry(&self) -> Entry {
        let usual = entry(self.name.as_deref().unwrap_or("node1"));
        let usual = match &self.subject {
            Some(text) => usual.called(&subject::parse(text, "").expect("a subject")),
            None => usual,
        };
        Entry {
            sans: self.sans.clone().unwrap_or(usual.sans),
            eku: self.eku.clone().or(usual.eku),
            key_type: self.key_type.clone().unwrap_or(usual.key_type),
            days: self.days.unwrap_or(usual.days),
            roots: self.root.clone().map_or(usual.roots, |root| vec![root]),
            clients: self.clients.clone().unwrap_or(usual.clients),
            impostors: self.impostors.clone().unwrap_or_default(),
            ..usual
        }
    }
}

impl Case {
    fn render(&self, server: &Server) -> Result<Rendered, Vec<EmitError>> {
        let pair = |text: &String| {
            let (key, value) = text.split_once('=').expect("KEY=VALUE");
            (key.to_owned(), value.to_owned())
        };
        let client_ca = self.client_ca.as_ref().map(|root| Authority {
            name: self.client_intermediate.as_ref().unwrap_or(root).clone(),
            root: root.clone(),
            roots: vec![root.clone()],
            ..clients()
        });
        let mut request = Request {
            name: "node1".to_owned(),
            version: self.version.clone(),
            client_ca,
            target_dir: self.target_dir.clone(),
            revocations: (self.crls.iter())
                .map(|(root, missing)| revocations(root, missing))
                .collect(),
            set: self.set.iter().map(pair).collect(),
            ..Request::default()
        };
        let facts = |name: &str| self.entries.get(name).map(Facts::entry);
        if let Some(name) = &self.client {
            let entry = facts(name);
            let usual = dial(false);
            let host = self.host.clone().unwrap_or(usual.host);
            request.dial = Some(Dial {
                host,
                entry,
                ..usual
            });
            let client = server.client(name).expect("the client exists");
            request.set.extend(examples(server, &client.requires));
            server.render_client(client, &request, Arc::new(Fixture))
        } else {
            let format = server
                .format(self.format.as_deref())
                .expect("the format exists");
            let chosen = server
                .chosen(format, &self.listeners)
                .expect("the listeners exist");
            let entry = |name: &str| facts(name).unwrap_or_else(|| entry("node1"));
            let listeners = chosen.iter().map(|it| (it.name.clone(), entry(&it.name)));
            request.listeners = listeners.collect();
            server.render(format, &request, Arc::new(Fixture))
        }
    }
}

/// Runs the cases of a server; returns their findings and golden snippets, and the codes seen.
pub(crate) fn findings(server: &Server) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let path = golden(&server.name).join("cases.toml");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Cases =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut output, mut files, mut codes) = (String::new(), BTreeMap::new(), BTreeSet::new());
    for case in cases.case {
        writeln!(output, "# {}", case.name).expect("a String takes all");
        let rendered = match case.render(server) {
            Ok(rendered) if !case.refused => rendered,
            Err(errors) if case.refused => {
                for error in errors {
                    writeln!(output, "refused: {error}\nhint: {}", error.hint())
                        .expect("a String takes all");
                }
                output.push('\n');
                continue;
            }
            other => panic!("{}: {other:#?}", case.name),
        };
        for finding in rendered.findings {
            let Finding {
                code,
                severity,
                message,
                hint,
            } = finding;
            writeln!(output, "{severity}[{code}]: {message}\nhint: {hint}")
                .expect("a String takes all");
            codes.insert(code);
        }
        output.push('\n');
        files.extend(
            case.golden
                .map(|name| (format!("{name}.txt"), rendered.text.to_string())),
        );
    }
    files.insert("findings.txt".to_owned(), output);
    (files, codes)
}
