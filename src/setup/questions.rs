//! The questions of `certctl setup`: each has a reason, a default, and an option that answers it.

use super::{
    Answers, Cluster, NONE,
    person::{Person, Unanswered},
};
use crate::{
    emit::{Catalogue, Manifest, Server, Version},
    pki::entry_name::EntryName,
};

/// The CA that signs nodes has so many days, unless its root has fewer.
const MAX_DAYS: u32 = 1825;
/// As for every certificate: a hundred years.
const MAX_CA_DAYS: u32 = 36500;

/// What is known once all was answered.
#[derive(Debug)]
pub struct Answered {
    /// The server
    pub server: Server,
    /// Its version
    pub version: Version,
    /// Nodes, clients and CAs
    pub cluster: Cluster,
    /// Where certificate and key will lie on a node
    pub directory: String,
    /// The server's options and parameters
    pub set: Vec<(String, String)>,
    /// All of it, as `--answers` takes it
    pub answers: Answers,
}

/// One question.
struct Question<'q> {
    option: &'q str,
    words: &'q str,
    reason: &'q str,
    usual: Option<String>,
}

/// Asks what was not answered yet; all mistakes and all that is missing are told at once.
///
/// # Errors
///
/// Where something is wrong, or not answered.
pub fn ask<P: Person>(
    person: &P,
    catalogue: &Catalogue,
    given: &Answers,
    takes_usual: bool,
) -> Result<Answered, Unanswered<P::Error>> {
    let mut asker = Asker {
        person,
        takes_usual,
        missing: Vec::new(),
        mistakes: Vec::new(),
    };
    let server = asker.server(catalogue, given)?;
    let manifest = &server.manifest;
    let version = asker.version(manifest, given)?;
    let names = asker.text(
        "--nodes NAMES",
        "Names of the nodes",
        "Each gets a key and a certificate; node[1-3] stands for three.",
        Some("node[1-3]"),
        given.nodes.as_deref(),
        |text| super::nodes(text, NONE, NONE).map(drop),
    )?;
    let count = super::names(&names).map_or(0, |names| names.len());
    let addresses = asker.text(
        "--addresses ADDRESSES",
        "Their IP addresses",
        "They stand in the certificates and are dialled, as in 10.0.0.[11-13]; `none` where names are resolved.",
        Some(NONE),
        given.addresses.as_deref(),
        |text| match super::addresses(text)?.len() {
            found if found == 0 || found == count => Ok(()),
            found => Err(format!("there are {count} nodes and {found} addresses")),
        },
    )?;
    let domain = asker.text(
        "--domain DOMAIN",
        "Domain of the nodes",
        "Their full names stand in the certificates, too; `none` where the short ones do.",
        Some(manifest.setup.domain.as_deref().unwrap_or(NONE)),
        given.domain.as_deref(),
        |text| super::domain(text).map(drop),
    )?;
    let clients = asker.clients(given, &names)?;
    let directory = asker.text(
        "--target-dir DIR",
        "Directory on the nodes",
        "Certificate and key will lie there, and the configuration names it.",
        Some(&server.usual_directory()),
        given.target_dir.as_deref(),
        |text| match text.starts_with('/') && !text.chars().any(char::is_control) {
            true => Ok(()),
            false => Err(String::from("write an absolute path")),
        },
    )?;
    let ca_days = asker.days(
        "--ca-days N",
        "Days that a root is valid",
        "All peers have to get the next one before it ends.",
        3650,
        given.ca_days,
        MAX_CA_DAYS,
    )?;
    let days = asker.days(
        "--days N",
        "Days that a certificate is valid",
        "The shorter, the less a stolen key is worth; renewal is a command.",
        365.min(ca_days),
        given.days,
        MAX_DAYS.min(ca_days),
    )?;
    let set = asker.settings(&server, given)?;
    asker.finish()?;
    let cluster = Cluster {
        title: manifest.title.clone(),
        nodes: super::nodes(&names, &addresses, &domain).map_err(mistaken)?,
        clients,
        signer: manifest.setup.clients,
        subject: manifest.setup.subject.clone(),
        days,
        ca_days,
    };
    let answers = Answers {
        server: Some(server.name.clone()),
        server_version: Some(version.to_string()),
        nodes: Some(names),
        addresses: Some(addresses),
        domain: Some(domain),
        clients: Some(called(&cluster.clients)),
        target_dir: Some(directory.clone()),
        days: Some(days),
        ca_days: Some(ca_days),
        set: set.iter().cloned().collect(),
    };
    Ok(Answered {
        server,
        version,
        cluster,
        directory,
        set,
        answers,
    })
}

fn mistaken<E>(mistake: String) -> Unanswered<E> {
    Unanswered::Mistakes {
        mistakes: vec![mistake],
        missing: Vec::new(),
    }
}

/// As `--clients` takes them.
fn called(clients: &[EntryName]) -> String {
    let names: Vec<_> = clients.iter().map(EntryName::as_str).collect();
    match names.is_empty() {
        true => NONE.to_owned(),
        false => names.join(","),
    }
}

fn clients(text: &str, nodes: &str) -> Result<Vec<EntryName>, String> {
    let clients = super::names(text)?;
    let nodes = super::names(nodes).unwrap_or_default();
    match clients.iter().find(|name| nodes.contains(name)) {
        Some(both) => Err(format!("`{both}` is a node")),
        None => Ok(clients),
    }
}

struct Asker<'a, P> {
    person: &'a P,
    takes_usual: bool,
    missing: Vec<String>,
    mistakes: Vec<String>,
}

impl<P: Person> Asker<'_, P> {
    fn server(
        &mut self,
        catalogue: &Catalogue,
        given: &Answers,
    ) -> Result<Server, Unanswered<P::Error>> {
        let servers = catalogue.servers()?;
        let preferred = servers.iter().find(|it| it.manifest.setup.preferred);
        let usual = preferred.or(servers.first()).map(|it| it.name.clone());
        let names: Vec<_> = servers.iter().map(|it| it.name.as_str()).collect();
        let reason = format!("One of {}.", names.join(", "));
        if let Some(name) = &given.server {
            return Ok(catalogue.server(name)?);
        }
        let found = self.about(
            "--server SERVER",
            "Server",
            &reason,
            usual.clone(),
            None,
            |text| {
                let server = catalogue.server(text);
                server.map_err(|errors| {
                    errors
                        .iter()
                        .map(|it| format!("{it}; {}", it.hint()))
                        .collect()
                })
            },
        )?;
        match (found, usual) {
            (Some(server), _) => Ok(server),
            (None, Some(usual)) => Ok(catalogue.server(&usual)?),
            (None, None) => Err(Unanswered::NoServer),
        }
    }

    fn version(
        &mut self,
        manifest: &Manifest,
        given: &Answers,
    ) -> Result<Version, Unanswered<P::Error>> {
        let newest = manifest.newest();
        let version = self.about(
            "--server-version VERSION",
            "Version of the server",
            "What is written differs between versions.",
            Some(newest.to_string()),
            given.server_version.as_deref(),
            |text| {
                text.parse()
                    .map_err(|_| String::from("write a version number such as 2.4.3"))
            },
        )?;
        Ok(version.unwrap_or_else(|| newest.clone()))
    }

    fn clients(
        &mut self,
        given: &Answers,
        nodes: &str,
    ) -> Result<Vec<EntryName>, Unanswered<P::Error>> {
        let clients = self.about(
            "--clients NAMES",
            "Names of the clients",
            "Each program that connects gets a certificate of its own; `none` for no client certificates.",
            Some(String::from("app")),
            given.clients.as_deref(),
            |text| clients(text, nodes),
        )?;
        Ok(clients.unwrap_or_default())
    }

    /// What the server itself wants to know, and what was set anyway.
    fn settings(
        &mut self,
        server: &Server,
        given: &Answers,
    ) -> Result<Vec<(String, String)>, Unanswered<P::Error>> {
        let mut set: Vec<_> = given.set.clone().into_iter().collect();
        for name in server.setup_questions() {
            if given.set.contains_key(&name) {
                continue;
            }
            let spec = server.manifest.spec(&name);
            let reason = spec
                .map(|spec| format!("{}.", capitalised(&spec.help)))
                .unwrap_or_default();
            let usual = spec
                .map(|spec| spec.example.clone())
                .filter(|it| !it.is_empty());
            let accepts = |text: &str| match spec {
                Some(spec) if !spec.accepts(server.manifest.newest(), text) => Err(format!(
                    "it takes {}",
                    spec.expected(server.manifest.newest())
                )),
                _ => Ok(text.to_owned()),
            };
            let option = format!("--set {name}=VALUE");
            let answer = self.about(&option, &name, &reason, usual, None, accepts)?;
            set.extend(answer.map(|answer| (name, answer)));
        }
        Ok(set)
    }

    fn days(
        &mut self,
        option: &str,
        words: &str,
        reason: &str,
        usual: u32,
        given: Option<u32>,
        most: u32,
    ) -> Result<u32, Unanswered<P::Error>> {
        let given = given.map(|days| days.to_string());
        let accepts = |text: &str| match text.parse::<u32>() {
            Ok(days) if (1..=most).contains(&days) => Ok(days),
            _ => Err(format!("write a whole number of days from 1 to {most}")),
        };
        let answer = self.about(
            option,
            words,
            reason,
            Some(usual.to_string()),
            given.as_deref(),
            accepts,
        )?;
        Ok(answer.unwrap_or(usual))
    }

    fn text(
        &mut self,
        option: &str,
        words: &str,
        reason: &str,
        usual: Option<&str>,
        given: Option<&str>,
        accepts: impl Fn(&str) -> Result<(), String>,
    ) -> Result<String, Unanswered<P::Error>> {
        let accepts = |text: &str| accepts(text).map(|()| text.to_owned());
        let answer = self.about(
            option,
            words,
            reason,
            usual.map(str::to_owned),
            given,
            accepts,
        )?;
        Ok(answer.or(usual.map(str::to_owned)).unwrap_or_default())
    }

    fn about<T>(
        &mut self,
        option: &str,
        words: &str,
        reason: &str,
        usual: Option<String>,
        given: Option<&str>,
        accepts: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Unanswered<P::Error>> {
        let question = Question {
            option,
            words,
            reason,
            usual,
        };
        self.answer(&question, given, accepts)
    }

    /// The answer that was given, the usual one, or that of the terminal; nothing where it is wrong or missing,
    /// which is told in the end.
    fn answer<T>(
        &mut self,
        question: &Question<'_>,
        given: Option<&str>,
        accepts: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Unanswered<P::Error>> {
        let usual = question.usual.as_deref().filter(|_| self.takes_usual);
        if let Some(text) = given.or(usual) {
            return Ok(accepts(text)
                .map_err(|error| {
                    let option = question.option.split(' ').next().unwrap_or_default();
                    self.mistakes.push(format!("{option} {text}: {error}"));
                })
                .ok());
        }
        if self.takes_usual || !self.person.is_there() {
            self.missing.push(question.option.to_owned());
            return Ok(None);
        }
        let option = question.option.split(' ').next().unwrap_or_default();
        let reason = format!("{} ({option})", question.reason);
        self.person.hears(&reason, false);
        loop {
            let usual = question.usual.as_deref();
            let text = self.person.answers(question.words, usual);
            let text = text.map_err(Unanswered::Person)?;
            match accepts(&text) {
                Ok(answer) => return Ok(Some(answer)),
                Err(error) => self.person.hears(&format!("{error}; once more"), true),
            }
        }
    }

    fn finish(self) -> Result<(), Unanswered<P::Error>> {
        let (mistakes, missing) = (self.mistakes, self.missing);
        match mistakes.is_empty() && missing.is_empty() {
            true => Ok(()),
            false => Err(Unanswered::Mistakes { mistakes, missing }),
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
