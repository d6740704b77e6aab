//! All codes of findings in one book: of `check`, of `verify`, of what `config` and `client` write.
//!
//! Nothing is said here: the words stand in the files of the rules.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use serde::Serialize;

use crate::{
    check::{
        configuration::{self, ConfigurationRule},
        site::{self, SiteRule},
    },
    emit::{self, Server},
    explained::{Explained, Told},
    issuance::foreign_names,
    pki::{
        chain,
        rules::{self, CertificateRule},
    },
    proof, wire,
};

/// A command that tells of findings.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Teller {
    /// `certctl check`
    Check,
    /// `certctl verify`
    Verify,
    /// `certctl probe`
    Probe,
    /// `certctl prove`
    Prove,
    /// `certctl config`
    Config,
    /// `certctl client`
    Client,
    /// `certctl issue`
    Issue,
    /// `certctl sign`
    Sign,
}

impl Teller {
    /// The command.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Verify => "verify",
            Self::Probe => "probe",
            Self::Prove => "prove",
            Self::Config => "config",
            Self::Client => "client",
            Self::Issue => "issue",
            Self::Sign => "sign",
        }
    }
}

impl fmt::Display for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A code, what it stands for, and who tells it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// What it stands for
    pub explained: Explained,
    /// Who tells it
    pub tellers: BTreeSet<Teller>,
    /// The server that it is about; `None` where it is about all, or none
    pub server: Option<String>,
}

impl Entry {
    /// An entry about no server.
    #[must_use]
    pub fn general(explained: Explained, teller: Teller) -> Self {
        Self {
            explained,
            tellers: [teller].into(),
            server: None,
        }
    }
}

/// Everything that can be found, sorted by code; what is special to the `servers` is among it.
///
/// A code stands there several times where it means several things, or weighs differently.
#[must_use]
pub fn entries(servers: &[Server]) -> Vec<Entry> {
    let mut entries: Vec<_> = of_check()
        .map(|explained| Entry::general(explained, Teller::Check))
        .collect();
    let told = chain::told().map(|told| (told, Teller::Verify));
    let written = emit::GENERAL
        .iter()
        .map(|&told| (told.clone(), Teller::Config));
    let wired = |teller| {
        let all = wire::told().cloned().chain(chain::told());
        all.map(move |told| (told, teller))
    };
    let probed = wired(Teller::Probe);
    let proven = wired(Teller::Prove).filter(|(told, _)| proof::tells(told.code()));
    for (told, teller) in told.chain(written).chain(probed).chain(proven) {
        let explained = resolved(&told, &entries);
        entries.extend(explained.map(|explained| Entry::general(explained, teller)));
    }
    entries.push(Entry {
        tellers: [Teller::Issue, Teller::Sign].into(),
        ..Entry::general(foreign_names::NAMES_OF_ANOTHER.clone(), Teller::Issue)
    });
    entries.extend(servers.iter().flat_map(of_server));
    let mut joined: Vec<Entry> = Vec::new();
    for entry in entries {
        join(&mut joined, entry);
    }
    joined.sort_by(|one, other| one.explained.code.cmp(&other.explained.code));
    joined
}

/// The commands, as text.
#[must_use]
pub fn tellers(tellers: &BTreeSet<Teller>) -> String {
    let names: Vec<_> = tellers.iter().map(|teller| teller.name()).collect();
    names.join(", ")
}

/// The rules of `check`, in the words of their files; `{path}` and the like become words in capitals.
fn of_check() -> impl Iterator<Item = Explained> {
    let certificates = rules::RULES.iter().map(CertificateRule::explained);
    let sites = site::RULES.iter().map(SiteRule::explained);
    let configurations = configuration::RULES
        .iter()
        .map(ConfigurationRule::explained);
    let all = certificates.chain(sites).chain(configurations);
    all.map(|explained| Explained {
        hint: in_general(explained.hint),
        ..explained
    })
}

fn in_general(hint: Cow<'static, str>) -> Cow<'static, str> {
    if !hint.contains('{') {
        return hint;
    }
    let names = ["mode", "name", "path"];
    let general = names.iter().fold(hint.into_owned(), |hint, name| {
        hint.replace(&format!("{{{name}}}"), &name.to_uppercase())
    });
    general.into()
}

/// With the words of the rule that it is like; `None` where there is no such rule, which a test excludes.
fn resolved(told: &Told, entries: &[Entry]) -> Option<Explained> {
    match told {
        Told::Here(explained) => Some(explained.clone()),
        Told::Alike {
            code,
            severity,
            source,
            rule,
        } => {
            let mut known = entries.iter().map(|entry| &entry.explained);
            let like = known.find(|explained| explained.code == *rule)?;
            Some(Explained {
                code: Cow::Borrowed(code),
                severity: *severity,
                source: Cow::Borrowed(source),
                ..like.clone()
            })
        }
    }
}

fn of_server(server: &Server) -> impl Iterator<Item = Entry> {
    let clients = &server.manifest.clients;
    server.explained().map(|(explained, rule)| {
        let is_client = |name: &str| clients.iter().any(|client| client.name == name);
        let (of_clients, of_server): (Vec<_>, Vec<_>) =
            (rule.formats.iter()).partition(|name| is_client(name.get_ref()));
        let is_written = rule.file.as_ref().is_none_or(|file| !file.only);
        let is_for_server = !of_server.is_empty() || rule.formats.is_empty();
        let tellers = [
            (Teller::Check, rule.file.is_some()),
            (Teller::Config, is_written && is_for_server),
            (Teller::Client, is_written && !of_clients.is_empty()),
        ];
        let tellers = tellers.into_iter().filter(|(_, tells)| *tells);
        let tellers = tellers.map(|(teller, _)| teller).collect();
        Entry {
            explained,
            tellers,
            server: Some(server.name.clone()),
        }
    })
}

/// Adds an entry, or what it adds to another that says the same.
fn join(joined: &mut Vec<Entry>, entry: Entry) {
    let same = |known: &&mut Entry| {
        let (one, other) = (&known.explained, &entry.explained);
        known.server == entry.server
            && (&one.code, one.severity, &one.meaning, &one.hint)
                == (&other.code, other.severity, &other.meaning, &other.hint)
    };
    let Some(known) = joined.iter_mut().find(same) else {
        return joined.push(entry);
    };
    known.tellers.extend(&entry.tellers);
    let (source, more) = (&known.explained.source, &entry.explained.source);
    if !source.contains(&**more) {
        known.explained.source = format!("{source}, {more}").into();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_code_is_explained() {
        let servers = emit::Catalogue::embedded().servers().expect("sound");
        let entries = entries(&servers);
        let codes: BTreeSet<_> = entries.iter().map(|it| &*it.explained.code).collect();
        let told = chain::told().chain(emit::GENERAL.iter().map(|&told| told.clone()));
        for told in told {
            assert!(
                codes.contains(told.code()),
                "{} is like no rule",
                told.code()
            );
        }
        for entry in entries.iter().filter(|entry| entry.server.is_none()) {
            entry.explained.assert_well_worded();
            assert!(!entry.explained.hint.contains('{'), "{:?}", entry.explained);
        }
        assert!(entries.is_sorted_by_key(|entry| &entry.explained.code));
    }

    /// What `verify` finds may weigh more than what `check` finds; other codes mean one thing.
    #[test]
    fn a_code_means_one_thing() {
        let mut tellers: HashMap<_, Vec<_>> = HashMap::new();
        for entry in entries(&[]) {
            let of_code = tellers.entry(entry.explained.code).or_default();
            for teller in entry.tellers {
                assert!(!of_code.contains(&teller), "{teller} twice");
                of_code.push(teller);
            }
        }
        let told_by = |code| tellers[code].iter().collect::<BTreeSet<_>>();
        let all = [
            &Teller::Check,
            &Teller::Verify,
            &Teller::Probe,
            &Teller::Prove,
        ]
        .into();
        assert_eq!(told_by("expired"), all);
        assert_eq!(told_by("critical-extension"), all);
    }
}
