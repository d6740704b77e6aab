//! What the values of arguments may be, told by the names that the help gives them.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Arg, Command};
use clap_complete::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, engine::ValueCompleter as _,
};

use crate::{
    emit::{Catalogue, Server},
    host::arguments::value,
    pki::entry_name::EntryName,
    rulebook,
    session::emitting::catalogue,
    store::{directory::Directory, layout::Area},
};

/// Most candidates of one kind: more of them nobody reads.
const MOST: usize = 300;

/// What an argument takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Authority,
    Code,
    Directory,
    Entry,
    EntryOrAuthority,
    File,
    Format,
    Language,
    Listener,
    OptionKey,
    Server,
    /// A name as in `node1` and `ca/root`, or a path of its directory
    Target,
    TargetOrFile,
    Version,
}

/// What is known of the command line at hand.
pub(crate) struct Scene {
    /// The PKI directory
    directory: PathBuf,
    catalogue: Catalogue,
    /// The server that it names
    server: Option<String>,
}

impl Scene {
    /// `directory` is the PKI directory where the words name none.
    pub(crate) fn new(words: &[OsString], directory: &Path) -> Self {
        let directory = value(words, "--dir").map_or(directory.to_owned(), at_home);
        let variable = std::env::var_os("CERTCTL_TEMPLATES").map(PathBuf::from);
        let templates = value(words, "--templates").map(at_home);
        let catalogue = catalogue(templates.or(variable).as_deref());
        let catalogue = catalogue.unwrap_or_else(|_| Catalogue::embedded());
        let mut before = words.iter().rev().skip(1);
        let server = before.find_map(|word| catalogue.names().find(|name| word == name));
        Self {
            server: server.map(str::to_owned),
            directory,
            catalogue,
        }
    }

    fn values(&self, kind: Kind, current: &OsStr) -> Vec<CompletionCandidate> {
        let text = current.to_str().unwrap_or_default();
        let path = match kind {
            Kind::Directory => Some(PathCompleter::dir()),
            Kind::File | Kind::TargetOrFile => Some(PathCompleter::file()),
            Kind::Target if text.contains('/') => Some(PathCompleter::file()),
            _ => None,
        };
        let paths = path.map(|completer| bounded(completer.complete(current)));
        let words = self.words(kind, text).into_iter();
        let words = words.filter(|word| word.starts_with(text));
        let mut found = bounded(words.map(CompletionCandidate::new).collect());
        found.extend(paths.unwrap_or_default());
        found
    }

    fn words(&self, kind: Kind, current: &str) -> Vec<String> {
        match kind {
            Kind::Directory | Kind::File => Vec::new(),
            Kind::Authority => self.names(Area::Authorities, ""),
            Kind::Entry => self.names(Area::Entries, ""),
            Kind::EntryOrAuthority => {
                let entries = self.names(Area::Entries, "");
                [entries, self.names(Area::Authorities, "")].concat()
            }
            Kind::Target | Kind::TargetOrFile => {
                let entries = self.names(Area::Entries, "");
                [entries, self.names(Area::Authorities, "ca/")].concat()
            }
            Kind::Code => {
                let servers = self.catalogue.servers().unwrap_or_default();
                let codes = rulebook::entries(&servers).into_iter();
                codes.map(|it| it.explained.code.into_owned()).collect()
            }
            Kind::Server => self.catalogue.names().map(str::to_owned).collect(),
            Kind::Listener => match current.split_once('=') {
                Some((listener, _)) => self.names(Area::Entries, &format!("{listener}=")),
                None => self.of_server(|it| names(&it.manifest.listeners, |it| &it.name)),
            },
            Kind::Format => self.of_server(|it| names(&it.manifest.formats, |it| &it.name)),
            Kind::Language => self.of_server(|it| names(&it.manifest.clients, |it| &it.name)),
            Kind::OptionKey => self.of_server(|it| {
                let keys = it
                    .manifest
                    .options
                    .keys()
                    .chain(it.manifest.parameters.keys());
                keys.map(|key| format!("{key}=")).collect()
            }),
            Kind::Version => self.of_server(|it| {
                let versions = it.manifest.versions.get_ref().iter();
                versions.map(ToString::to_string).collect()
            }),
        }
    }

    /// What is known of the server that is named, or of all.
    fn of_server(&self, what: impl Fn(&Server) -> Vec<String>) -> Vec<String> {
        let servers = match &self.server {
            Some(name) => self.catalogue.server(name).map(|server| vec![server]),
            None => self.catalogue.servers(),
        };
        servers.unwrap_or_default().iter().flat_map(what).collect()
    }

    /// Names in the PKI directory, each behind `prefix`. It is looked at as it lies there: no ledger is
    /// opened, nothing is locked, repaired or said.
    fn names(&self, area: Area, prefix: &str) -> Vec<String> {
        let area = Directory::open(&self.directory).and_then(|it| it.directory(area.directory()));
        let names = area.and_then(|area| area.names()).unwrap_or_default();
        let names = names.into_iter();
        let names = names.filter(|name| name.parse::<EntryName>().is_ok());
        names.map(|name| format!("{prefix}{name}")).collect()
    }
}

fn names<T>(all: &[T], name: impl Fn(&T) -> &String) -> Vec<String> {
    all.iter().map(|it| name(it).clone()).collect()
}

/// In order, each once. Of too many the first are kept and the last: what all begin with stays the same.
fn bounded(mut found: Vec<CompletionCandidate>) -> Vec<CompletionCandidate> {
    found.sort();
    found.dedup_by(|one, other| one.get_value() == other.get_value());
    if found.len() > MOST {
        found.drain(MOST - 1..found.len() - 1);
    }
    found
}

/// A path whose `~` the shell has left alone.
fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(below), Some(home)) => Path::new(&home).join(below),
        _ => path.into(),
    }
}

/// The definition with an answer for each argument that takes something known.
pub(crate) fn answering(definition: Command, scene: Scene) -> Command {
    let scene = Arc::new(scene);
    with_answers(definition, &scene)
}

fn with_answers(command: Command, scene: &Arc<Scene>) -> Command {
    let name = command.get_name().to_owned();
    let answer = |argument: Arg| match kind(&name, &argument) {
        Some(kind) => {
            let scene = Arc::clone(scene);
            let values = move |current: &OsStr| scene.values(kind, current);
            argument.add(ArgValueCompleter::new(values))
        }
        None => argument,
    };
    let command = command.mut_args(answer);
    command.mut_subcommands(|below| with_answers(below, scene))
}

/// What an argument takes; `None` where anything, or what clap knows itself.
pub(crate) fn kind(command: &str, argument: &Arg) -> Option<Kind> {
    let value = argument.get_value_names()?.first()?.as_str();
    Some(match (value, argument.get_id().as_str()) {
        _ if !argument.get_possible_values().is_empty() => return None,
        ("CA" | "PARENT", _) | ("NAME", "ca") => Kind::Authority,
        ("CODE" | "CODE|TEXT|FILE", _) => Kind::Code,
        ("DIR", _) => Kind::Directory,
        ("FILE" | "FLEET.toml" | "CERT|CRL" | "PEM" | "PATH" | "[CA=]FILE", _) => Kind::File,
        ("FORMAT", _) => Kind::Format,
        ("KEY=VALUE", _) => Kind::OptionKey,
        ("LANGUAGE", _) => Kind::Language,
        ("LISTENER[=ENTRY]", _) => Kind::Listener,
        ("NAME", "against" | "with") => Kind::Entry,
        ("NAME", _) => return named(command),
        ("SERVER" | "SERVER[.LISTENER]" | "SERVER[@VERSION]", _) => Kind::Server,
        ("TARGET", _) if matches!(command, "renew" | "show") => Kind::Target,
        ("TARGET", _) => Kind::TargetOrFile,
        ("VERSION", _) => Kind::Version,
        _ => return None,
    })
}

/// What NAME stands for.
fn named(command: &str) -> Option<Kind> {
    match command {
        "ack" | "config" | "client" | "explain" | "issue" | "prove" | "pull" | "request"
        | "sign" | "switch" => Some(Kind::Entry),
        "init-ca" | "init-intermediate" => Some(Kind::Authority),
        "export" | "install" | "log" | "passphrase" => Some(Kind::EntryOrAuthority),
        "list" | "revoke" => Some(Kind::Target),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_the_first_and_the_last_are_kept() {
        let many = (0..2 * MOST).map(|number| CompletionCandidate::new(format!("a{number:05}")));
        let found = bounded(many.rev().collect());
        let values: Vec<_> = found.iter().map(CompletionCandidate::get_value).collect();
        assert_eq!(values.len(), MOST);
        assert_eq!(
            (values[0], values[MOST - 1]),
            ("a00000".as_ref(), "a00599".as_ref())
        );
    }
}
