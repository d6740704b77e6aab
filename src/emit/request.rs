//! What a snippet is asked to say: the facts of a PKI directory, as values.

use std::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

use super::version::Version;

/// What to write about a server.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The name that the user gave, of an entry or of a node
    pub name: String,
    /// The server's version; left out for the newest
    pub version: Option<Version>,
    /// Each listener with the entry that it presents
    pub listeners: Vec<(String, Entry)>,
    /// The CA whose clients are let in
    pub client_ca: Option<Authority>,
    /// The CA whose servers are dialled, where that is not the entries' own
    pub server_ca: Option<Authority>,
    /// Roots below which something was revoked, or a CRL was made
    pub revocations: Vec<Revocations>,
    /// Where the files will lie on the node
    pub target_dir: Option<String>,
    /// Options and parameters, in the order given
    pub set: Vec<(String, String)>,
    /// How a client connects
    pub dial: Option<Dial>,
}

/// How a client connects.
#[derive(Clone, Debug, Default)]
pub struct Dial {
    /// Where to
    pub host: String,
    /// Left out for the listener's usual port
    pub port: Option<u16>,
    /// The trust bundle for the server, absolute
    pub trust: String,
    /// What the client presents
    pub entry: Option<Entry>,
}

/// An entry of the PKI directory.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Entry {
    /// Its name
    pub name: String,
    /// The root above its issuer; empty where that is not known
    pub root: String,
    /// Its folder, absolute
    pub directory: String,
    /// Typed as `--san` takes them: `DNS:node1`, `IP:10.0.0.1`
    pub sans: Vec<String>,
    /// Extended key usages by their openssl names; `None` where the certificate leaves them open
    pub eku: Option<Vec<String>>,
    /// As `--key-type` takes it
    pub key_type: String,
    /// The subject's `commonName`; empty where it has none
    pub common_name: String,
    /// The subject as `--subject` takes it
    pub subject: String,
    /// The subject's attributes one by one, as in `O=Acme`
    pub attributes: Vec<String>,
    /// Length of the certificate's life in days
    pub days: i64,
    /// SHA-256 fingerprints of the roots in its trust bundle
    pub roots: Vec<String>,
    /// Entries for clients that chain to one of these roots
    pub clients: Vec<String>,
    /// Entries for clients that the server would take for members
    pub impostors: Vec<String>,
}

/// A CA whose clients are let in, or whose servers are dialled.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Authority {
    /// Its name
    pub name: String,
    /// The root above it, or its own name
    pub root: String,
    /// The root's trust bundle, absolute
    pub bundle: String,
    /// SHA-256 fingerprints of the roots in the bundle
    pub roots: Vec<String>,
}

/// What is known of the revocations below a root.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Revocations {
    /// The root's name
    pub root: String,
    /// The file with the CRLs of the root and of all CAs below it, absolute
    pub bundle: String,
    /// CAs whose CRL is missing, so that servers would refuse what they have signed
    pub missing: Vec<String>,
}

impl Revocations {
    /// The name of that file on a node.
    #[must_use]
    pub fn file_on_nodes(&self) -> String {
        format!("{}-crl.pem", self.root)
    }
}

/// What templates may ask of the world.
pub trait Outside: fmt::Debug + Send + Sync {
    /// A new secret of 256 bits in letters and digits; the same for the same label.
    ///
    /// # Errors
    ///
    /// In words, where the system has nothing random to give.
    fn secret(&self, label: &str) -> Result<Zeroizing<String>, String>;

    /// The first line of a file that holds a secret.
    ///
    /// # Errors
    ///
    /// In words, where it cannot be read.
    fn secret_file(&self, path: &str) -> Result<Zeroizing<String>, String>;

    /// The text of a file of a CA or an entry, such as `certs`, `node1`, `cert.pem`; of a CA's key never.
    ///
    /// # Errors
    ///
    /// In words, where there is no such file, or it cannot be read.
    fn contents(&self, area: &str, name: &str, file: &str) -> Result<Zeroizing<String>, String>;
}

/// File on a node with the bundle of the CA whose clients are let in.
pub const CLIENT_CA: &str = "client-ca.pem";
/// File on a node with the bundle of the CA whose servers are dialled.
pub const SERVER_CA: &str = "server-ca.pem";

/// Where the files of a snippet will lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout<'a> {
    pub(super) target_dir: Option<&'a str>,
    /// Where a container sees them
    pub(super) mount: Option<&'a str>,
    /// Whether more than one entry is in use
    pub(super) several: bool,
}

impl Layout<'_> {
    /// The folder that holds an entry's files, outside of containers.
    pub(super) fn source(self, entry: &Entry) -> String {
        match self.target_dir {
            None => entry.directory.clone(),
            Some(target) if self.several => join(target, &entry.name),
            Some(target) => join(target, ""),
        }
    }

    /// The folder in which the server finds an entry's files.
    pub(super) fn folder(self, entry: &Entry) -> String {
        match self.mount {
            Some(mount) => join(mount, &entry.name),
            None => self.source(entry),
        }
    }

    /// A CA's bundle, outside of containers; `name` is its file's on a node.
    pub(super) fn source_bundle(self, authority: &Authority, name: &str) -> String {
        match self.target_dir {
            Some(target) => join(target, name),
            None => authority.bundle.clone(),
        }
    }

    /// A CA's bundle, where the server finds it.
    pub(super) fn bundle(self, authority: &Authority, name: &str) -> String {
        match self.mount {
            Some(mount) => join(mount, name),
            None => self.source_bundle(authority, name),
        }
    }

    /// A root's CRLs, outside of containers.
    pub(super) fn source_crls(self, revocations: &Revocations) -> String {
        match self.target_dir {
            Some(target) => join(target, &revocations.file_on_nodes()),
            None => revocations.bundle.clone(),
        }
    }

    /// A root's CRLs, where the server finds them.
    pub(super) fn crls(self, revocations: &Revocations) -> String {
        match self.mount {
            Some(mount) => join(mount, &revocations.file_on_nodes()),
            None => self.source_crls(revocations),
        }
    }
}

fn join(folder: &str, name: &str) -> String {
    let folder = folder.trim_end_matches('/');
    match (folder, name) {
        (folder, "") if !folder.is_empty() => folder.to_owned(),
        (folder, name) => format!("{folder}/{name}"),
    }
}

/// A listener as templates see it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ListenerView {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) port: Option<u16>,
    pub(super) entry: String,
    pub(super) root: String,
    /// Outside of containers
    pub(super) source: String,
    pub(super) dir: String,
    pub(super) cert: String,
    pub(super) key: String,
    pub(super) ca: String,
    pub(super) ca_chain: String,
    /// The name that peers best dial
    pub(super) host: String,
    pub(super) sans: Vec<String>,
    pub(super) eku: Option<Vec<String>>,
    pub(super) key_type: String,
    pub(super) common_name: String,
    pub(super) subject: String,
    pub(super) attributes: Vec<String>,
    pub(super) days: i64,
    pub(super) roots: Vec<String>,
    pub(super) clients: Vec<String>,
    pub(super) impostors: Vec<String>,
}

/// A CA as templates see it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AuthorityView {
    pub(super) name: String,
    pub(super) root: String,
    pub(super) source: String,
    pub(super) file: String,
    pub(super) roots: Vec<String>,
}

/// One option as it is written.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct Emitted {
    pub(super) name: String,
    /// `None` for a flag
    pub(super) value: Option<String>,
    /// The value as the words that it is written in
    pub(super) words: Vec<String>,
    /// The listener that asks for it
    pub(super) listener: Option<String>,
    /// Is written above all sections
    pub(super) above: bool,
}

impl Entry {
    /// The name that peers best dial: a full DNS name before a short one before an address.
    pub(super) fn host(&self) -> String {
        let dns = || self.sans.iter().filter_map(|san| san.strip_prefix("DNS:"));
        let ip = self.sans.iter().filter_map(|san| san.strip_prefix("IP:"));
        let dialled = |name: &&str| !name.starts_with('*') && *name != "localhost";
        let full = dns().filter(dialled).find(|name| name.contains('.'));
        let short = || dns().find(dialled);
        let address = || {
            ip.into_iter()
                .find(|ip| !ip.starts_with("127.") && *ip != "::1")
        };
        let found = full.or_else(short).or_else(address);
        found.unwrap_or(&self.name).to_owned()
    }

    pub(super) fn view(&self, layout: Layout<'_>) -> ListenerView {
        let dir = layout.folder(self);
        ListenerView {
            name: String::new(),
            title: String::new(),
            port: None,
            entry: self.name.clone(),
            root: self.root.clone(),
            source: layout.source(self),
            cert: join(&dir, "cert.pem"),
            key: join(&dir, "key.pem"),
            ca: join(&dir, "ca.pem"),
            ca_chain: join(&dir, "ca-chain.pem"),
            dir,
            host: self.host(),
            sans: self.sans.clone(),
            eku: self.eku.clone(),
            key_type: self.key_type.clone(),
            common_name: self.common_name.clone(),
            subject: self.subject.clone(),
            attributes: self.attributes.clone(),
            days: self.days,
            roots: self.roots.clone(),
            clients: self.clients.clone(),
            impostors: self.impostors.clone(),
        }
    }
}

impl Authority {
    pub(super) fn view(&self, layout: Layout<'_>, name: &str) -> AuthorityView {
        AuthorityView {
            name: self.name.clone(),
            root: self.root.clone(),
            source: layout.source_bundle(self, name),
            file: layout.bundle(self, name),
            roots: self.roots.clone(),
        }
    }
}
