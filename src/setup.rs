//! What a cluster is to be: from answers to its fleet file, and to the words on what to do next.

mod hosts;
pub mod next;
pub mod person;
pub mod questions;

use std::{collections::BTreeMap, fmt::Write as _};

use serde::{Deserialize, Serialize};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    emit::Clients,
    pki::{entry_name::EntryName, san},
};
pub use hosts::{HostsError, expand};

/// The root of the nodes, the CA below it that signs them, and the root of clients.
pub const ROOT: &str = "root";
const ISSUING: &str = "issuing";
const CLIENTS: &str = "clients";

/// What stands for an answer that is no value.
pub const NONE: &str = "none";

/// Answers, as `--answers` reads them; what is left out is asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The server
    pub server: Option<String>,
    /// Its version
    pub server_version: Option<String>,
    /// Names of nodes, as `node[1-3]`
    pub nodes: Option<String>,
    /// Their addresses in the same order, or `none`
    pub addresses: Option<String>,
    /// Their domain, or `none`
    pub domain: Option<String>,
    /// Names of clients, or `none`
    pub clients: Option<String>,
    /// Where certificate and key lie on a node
    pub target_dir: Option<String>,
    /// Length of a certificate's life
    pub days: Option<u32>,
    /// Length of a root's life in days
    pub ca_days: Option<u32>,
    /// The server's options and parameters
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
}

impl Answers {
    /// Reads a file of answers.
    ///
    /// # Errors
    ///
    /// The first mistake, with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, Diagnostics> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            let line = before.rfind('\n').map_or(0, |at| at + 1);
            Diagnostics(vec![Diagnostic {
                file: file.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before[line..].chars().count() + 1,
                message: error.message().to_owned(),
                hint: None,
            }])
        })
    }

    /// As [`parse`](Self::parse) reads them.
    #[must_use]
    pub fn text(&self) -> String {
        let text = toml::to_string(self).unwrap_or_default();
        format!("# What `certctl setup` was answered; --answers takes it.\n{text}")
    }

    /// These, and those of `others` where there is none.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        let mut set = others.set;
        set.extend(self.set);
        Self {
            server: self.server.or(others.server),
            server_version: self.server_version.or(others.server_version),
            nodes: self.nodes.or(others.nodes),
            addresses: self.addresses.or(others.addresses),
            domain: self.domain.or(others.domain),
            clients: self.clients.or(others.clients),
            target_dir: self.target_dir.or(others.target_dir),
            days: self.days.or(others.days),
            ca_days: self.ca_days.or(others.ca_days),
            set,
        }
    }
}

/// A node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Node {
    /// Name of its entry
    pub name: EntryName,
    /// The name by which others reach it
    pub host: String,
    /// Its IP address, where one is given
    pub address: Option<String>,
}

impl Node {
    /// What others dial.
    #[must_use]
    pub fn dialled(&self) -> &str {
        self.address.as_deref().unwrap_or(&self.host)
    }

    /// Its names besides that of the entry, as `san` takes them.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let host = Some(&self.host).filter(|host| *host != self.name.as_str());
        host.into_iter().chain(&self.address).cloned().collect()
    }
}

/// What the fleet file says.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The server's title
    pub title: String,
    /// Its nodes
    pub nodes: Vec<Node>,
    /// Entries of clients
    pub clients: Vec<EntryName>,
    /// Who signs them
    pub signer: Clients,
    /// Subject of a node where it is not the usual one, as a fleet file takes it
    pub subject: Option<String>,
    /// Length of a certificate's life
    pub days: u32,
    /// Length of a root's life in days
    pub ca_days: u32,
}

/// The names of entries that a text stands for, each once; none for `none`.
///
/// # Errors
///
/// In words, why it stands for none.
pub fn names(text: &str) -> Result<Vec<EntryName>, String> {
    let mut names: Vec<EntryName> = Vec::new();
    for text in some(text)? {
        let name: EntryName = text.parse().map_err(|error| format!("{error}"))?;
        if names.contains(&name) {
            return Err(format!("`{name}` stands there twice"));
        }
        names.push(name);
    }
    Ok(names)
}

/// The words that a text stands for; none for `none`.
fn some(text: &str) -> Result<Vec<String>, String> {
    match text.trim() {
        NONE => Ok(Vec::new()),
        text => expand(text).map_err(|error| error.to_string()),
    }
}

/// The nodes of these names, with their addresses and below their domain.
///
/// # Errors
///
/// In words, what does not fit together.
pub fn nodes(names: &str, addresses: &str, domain: &str) -> Result<Vec<Node>, String> {
    let names = self::names(names)?;
    if names.is_empty() {
        return Err(String::from("there is no node"));
    }
    let addresses = self::addresses(addresses)?;
    if !addresses.is_empty() && addresses.len() != names.len() {
        return Err(format!(
            "there are {} nodes and {} addresses: give each one, or write `{NONE}`",
            names.len(),
            addresses.len()
        ));
    }
    let domain = self::domain(domain)?;
    let mut addresses = addresses.into_iter();
    let node = |name: EntryName| {
        let host = match &domain {
            Some(domain) => format!("{name}.{domain}"),
            None => name.to_string(),
        };
        let address = addresses.next();
        // An entry's name may be none of a host; what is dialled must be one.
        match (san::host_name(&host), &address) {
            (Err(error), None) => Err(error.to_string()),
            _ => Ok(Node {
                name,
                host,
                address,
            }),
        }
    };
    names.into_iter().map(node).collect()
}

/// The IP addresses that a text stands for.
///
/// # Errors
///
/// In words, which is none.
pub fn addresses(text: &str) -> Result<Vec<String>, String> {
    let addresses = some(text)?;
    for (index, address) in addresses.iter().enumerate() {
        if address.parse::<std::net::IpAddr>().is_err() {
            return Err(format!("`{address}` is no IP address"));
        }
        if addresses[..index].contains(address) {
            return Err(format!("`{address}` stands there twice"));
        }
    }
    Ok(addresses)
}

/// The domain that a text names; nothing for `none`.
///
/// # Errors
///
/// In words, why it is none.
pub fn domain(text: &str) -> Result<Option<String>, String> {
    match text.trim().trim_matches('.') {
        "" | NONE => Ok(None),
        text => {
            let name = san::host_name(text).map_err(|error| error.to_string())?;
            Ok(Some(name))
        }
    }
}

impl Cluster {
    /// The CA whose clients are let in, where clients are asked for certificates.
    #[must_use]
    pub fn client_ca(&self) -> Option<&'static str> {
        match (self.signer, self.clients.is_empty()) {
            (Clients::Nobody, _) | (_, true) => None,
            (Clients::Nodes, false) => Some(ROOT),
            (Clients::Apart, false) => Some(CLIENTS),
        }
    }

    /// The CA that signs clients.
    fn client_issuer(&self) -> &'static str {
        match self.client_ca() {
            Some(CLIENTS) => CLIENTS,
            _ => ISSUING,
        }
    }

    /// Its fleet file.
    #[must_use]
    pub fn fleet(&self) -> String {
        let mut text = format!(
            "# {}, by `certctl setup`. `certctl apply FILE` makes the PKI directory so, again and again.\n\n\
             [defaults]\nca   = \"{ISSUING}\"\ndays = {}\n",
            self.title.replace(char::is_control, " "),
            self.days
        );
        let mut root = |name| {
            let _ = write!(
                text,
                "\n[[ca]]\nname = \"{name}\"\ndays = {}\n",
                self.ca_days
            );
        };
        root(ROOT);
        if self.client_ca() == Some(CLIENTS) {
            root(CLIENTS);
        }
        let _ = write!(
            text,
            "\n[[ca]]\nname   = \"{ISSUING}\"\nparent = \"{ROOT}\"\n"
        );
        for node in &self.nodes {
            let _ = write!(text, "\n[[entry]]\nname = \"{}\"\n", node.name);
            if let Some(subject) = &self.subject {
                let _ = writeln!(text, "subject = {}", toml::Value::from(subject.as_str()));
            }
            let names: Vec<_> = node.names().iter().map(|it| format!("\"{it}\"")).collect();
            if !names.is_empty() {
                let _ = writeln!(text, "san  = [{}]", names.join(", "));
            }
        }
        for client in &self.clients {
            let _ = write!(
                text,
                "\n[[entry]]\nname    = \"{client}\"\nca      = \"{}\"\nprofile = \"client\"\n",
                self.client_issuer()
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet,
        pki::{authorities::Authorities, subject},
    };

    struct Nothing;

    impl fleet::Loader for Nothing {
        fn load(&self, _: &str) -> Result<String, String> {
            Err(String::from("there is none"))
        }
    }

    #[test]
    fn nodes_have_names_hosts_and_addresses() {
        let found = nodes("db[08-10]", "10.0.0.[1-3]", "db.internal").expect("nodes");
        let shown: Vec<_> = found
            .iter()
            .map(|it| (it.name.as_str(), it.host.as_str(), it.dialled()))
            .collect();
        let expected = [
            ("db08", "db08.db.internal", "10.0.0.1"),
            ("db09", "db09.db.internal", "10.0.0.2"),
            ("db10", "db10.db.internal", "10.0.0.3"),
        ];
        assert_eq!(shown, expected);
        assert_eq!(found[0].names(), ["db08.db.internal", "10.0.0.1"]);
        let alone = nodes("a, b", NONE, NONE).expect("nodes");
        assert_eq!((alone.len(), alone[1].dialled()), (2, "b"));
        assert!(alone[0].names().is_empty());
        for (names, addresses, domain, why) in [
            ("none", NONE, NONE, "no node"),
            ("a,a", NONE, NONE, "twice"),
            ("node[1-3", NONE, NONE, "no range"),
            ("node[1-9999999]", NONE, NONE, "more than"),
            ("node[1-3]", "10.0.0.[1-2]", NONE, "3 nodes and 2 addresses"),
            (
                "node[1-2]",
                "10.0.0.[255-256]",
                NONE,
                "`10.0.0.256` is no IP",
            ),
            ("node[1-2]", "::1,::1", NONE, "twice"),
            ("a/b", NONE, NONE, "may hold"),
            ("a", NONE, "b c", ""),
        ] {
            let error = nodes(names, addresses, domain).expect_err(names);
            assert!(error.contains(why), "{names}: {error}");
        }
    }

    #[test]
    fn a_fleet_file_says_what_was_answered() {
        for (signer, clients, roots, issuer) in [
            (Clients::Apart, "app,web", 2, CLIENTS),
            (Clients::Nodes, "app,web", 1, ISSUING),
            (Clients::Nobody, "app,web", 1, ISSUING),
            (Clients::Apart, NONE, 1, ""),
        ] {
            let cluster = Cluster {
                title: String::from("A\nserver"),
                nodes: nodes("node[1-3]", "10.0.0.[1-3]", "x.y").expect("nodes"),
                clients: names(clients).expect("names"),
                signer,
                subject: (signer == Clients::Nodes).then(|| "CN={name},OU=db".to_owned()),
                days: 90,
                ca_days: 1000,
            };
            let text = cluster.fleet();
            let fleet = fleet::parse("f", &text, &Nothing, &Authorities::default()).expect(&text);
            let found = fleet.authorities.iter().filter(|it| it.parent.is_none());
            assert_eq!(found.count(), roots, "{text}");
            let (nodes, others) = fleet.entries.split_at(3);
            let subjects = nodes.iter().filter_map(|it| it.subject.as_deref());
            let subjects: Vec<_> = subjects.map(subject::shown).collect();
            match signer {
                Clients::Nodes => assert_eq!(subjects[2], "CN=node3,OU=db"),
                _ => assert!(subjects.is_empty()),
            }
            assert!(
                nodes
                    .iter()
                    .all(|it| it.ca.as_str() == ISSUING && it.names.len() == 3)
            );
            assert!(others.iter().all(|it| it.ca.as_str() == issuer), "{text}");
            assert_eq!(others.len(), cluster.clients.len());
        }
    }

    #[test]
    fn answers_say_where_they_are_wrong() {
        for (text, place) in [
            ("servr = 1", "a:1:1"),
            ("\nnodes = 3", "a:2:9"),
            ("days = -1", "a:1:8"),
            ("[", "a:1:2"),
        ] {
            let error = Answers::parse("a", text).expect_err(text).to_string();
            assert!(error.starts_with(place), "{error}");
        }
        let mine = Answers {
            days: Some(1),
            ..Answers::default()
        };
        let file = Answers::parse("a", "days = 2\nnodes = \"a\"").expect("good");
        let both = mine.or(file);
        assert_eq!((both.days, both.nodes.as_deref()), (Some(1), Some("a")));
    }
}
