//! The user's own files: they stand in the commands, and what `check` finds in them shows which cause it is.

use std::{ffi::OsString, slice};

use crate::{
    check::Finding,
    documents::explain::EvidenceDocument,
    emit::{Server, shell_word},
    inspection::{Inspection, inspect},
    messages::Cause,
    pki::general_name::GeneralName,
    session::{
        Context,
        subjects::{short, subjects},
    },
    survey::{Purpose, Survey, recognise},
    terminal::Report,
};

/// What is known of whoever says it.
#[derive(Default)]
pub(crate) struct Own {
    /// What stands for the words in capitals
    words: Vec<(&'static str, String)>,
    findings: Vec<Finding>,
}

impl Own {
    pub(crate) fn new(
        entry: Option<&OsString>,
        server: Option<&str>,
        servers: &[Server],
        context: &Context,
    ) -> Result<Self, Report> {
        let mut own = Self::default();
        let mut host = None;
        if let Some(entry) = entry {
            let inspection = own.look(entry, context)?;
            host = dialled(&inspection);
            own.findings = inspection.findings;
        }
        let port = match server {
            Some(name) => Some(port(name, servers)?),
            None => None,
        };
        if let Some(name) = server {
            own.words.push(("SERVER", name.to_owned()));
        }
        if let Some(host) = &host {
            own.words.push(("HOST", host.clone()));
        }
        if host.is_some() || port.flatten().is_some() {
            let host = host.as_deref().unwrap_or("HOST");
            let port = port
                .flatten()
                .map_or(String::from("PORT"), |it| it.to_string());
            own.words.push(("HOST:PORT", format!("{host}:{port}")));
        }
        Ok(own)
    }

    /// Takes over the paths of an entry, and checks what lies there.
    fn look(&mut self, entry: &OsString, context: &Context) -> Result<Inspection, Report> {
        let subject = subjects(slice::from_ref(entry), context)?.remove(0);
        let path = short(&subject.path(context)?);
        for (word, file) in [
            ("CERT", "cert.pem"),
            ("KEY", "key.pem"),
            ("TRUST", "ca.pem"),
        ] {
            self.words
                .push((word, path.join(file).display().to_string()));
        }
        // Where the directory is the usual one, the name says enough.
        let named = match context.is_usual() {
            true => entry.to_string_lossy().into_owned(),
            false => path.display().to_string(),
        };
        self.words.push(("ENTRY", named));
        let (targets, errors) = recognise(slice::from_ref(&path));
        if let Some(report) = Report::all(errors.into_iter().map(Report::from).collect()) {
            return Err(report);
        }
        let terms = context.usual_terms();
        let wait = context.wait;
        let mut whole = Inspection::default();
        for target in &targets {
            let survey = Survey::open(target, Purpose::See, wait)?;
            whole.merge(inspect(&survey, terms, &|_| ()));
        }
        Ok(whole)
    }

    /// A command with the user's own words.
    pub(crate) fn filled(&self, command: &str) -> String {
        let word = |word: &str| {
            let known = self.words.iter().find(|(it, _)| *it == word);
            known.map_or_else(|| word.to_owned(), |(_, own)| shell_word(own))
        };
        let words: Vec<_> = command.split(' ').map(word).collect();
        words.join(" ")
    }

    /// What shows that it is this cause.
    pub(crate) fn evidence(&self, cause: &Cause) -> impl Iterator<Item = EvidenceDocument<'_>> {
        let codes = cause.codes.clone();
        let shows = move |it: &&Finding| codes.iter().any(|code| *code == it.code);
        self.findings
            .iter()
            .filter(shows)
            .map(|it| EvidenceDocument {
                code: &it.code,
                path: it.path.display().to_string(),
                message: &it.message,
            })
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        let words = [
            ("CERT", "pki/certs/node 1/cert.pem"),
            ("KEY", "pki/certs/node 1/key.pem"),
            ("TRUST", "pki/certs/node 1/ca.pem"),
            ("ENTRY", "node1"),
            ("SERVER", "redis"),
            ("HOST", "node1.test"),
            ("HOST:PORT", "node1.test:6379"),
        ];
        Self {
            words: words.map(|(word, own)| (word, own.to_owned())).into(),
            findings: Vec::new(),
        }
    }
}

/// The first name by which others dial what was looked at.
fn dialled(inspection: &Inspection) -> Option<String> {
    let names = inspection.looked_at.iter().flat_map(|it| &it.certificates);
    let mut names = names.flat_map(|(_, certificate)| certificate.names());
    let name = |name: GeneralName| match name {
        GeneralName::Dns(name) if !name.starts_with('*') && name != "localhost" => Some(name),
        _ => None,
    };
    names.find_map(name)
}

/// The port of the server's first listener that has one.
fn port(name: &str, servers: &[Server]) -> Result<Option<u16>, Report> {
    let Some(server) = servers.iter().find(|it| it.name == name) else {
        let known: Vec<_> = servers.iter().map(|it| it.name.as_str()).collect();
        let report = Report::usage(format!("unknown server `{name}`"));
        return Err(report.hint(format!("known: {}", known.join(", "))));
    };
    Ok(server.manifest.listeners.iter().find_map(|it| it.port))
}
