//! What a manifest says of the first hour: where files lie, who owns them, what nodes need to know of each other.

use serde::Deserialize;
use toml::Spanned;

/// What `certctl setup` takes from the manifest; all of it may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// Offered before all others
    pub preferred: bool,
    /// Where certificate and key lie on a node; left out for `/etc/SERVER/tls`
    pub directory: Option<String>,
    /// The user whose they are; left out for the server's name
    pub owner: Option<String>,
    /// The domain of the nodes, where names without one do not do
    pub domain: Option<String>,
    /// Who signs clients
    pub clients: Clients,
    /// Subject of a node, as `--subject` takes it; left out for the usual one
    pub subject: Option<String>,
    /// Listeners to write; left out for those that are written when none is named
    pub listeners: Vec<String>,
    /// Formats to write for each node; left out for the first
    pub formats: Vec<Spanned<String>>,
    /// Formats whose text is added to the file on the node, and does not replace it
    pub append: Vec<Spanned<String>>,
    /// A file that holds certificates and key together, where one is wanted; a template
    pub pair: Option<Spanned<String>>,
    /// Options and parameters with their values, as templates; an empty value leaves one out
    pub set: Vec<(Spanned<String>, Spanned<String>)>,
    /// Commands on each node before the files are there; templates
    pub prepare: Vec<Spanned<String>>,
    /// Commands on each node once the files are there; templates
    pub start: Vec<Spanned<String>>,
    /// Commands once all nodes run, here; templates
    pub finish: Vec<Spanned<String>>,
}

/// Who signs the certificates of clients.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Clients {
    /// A root of their own: a client's certificate makes nobody a node
    #[default]
    Apart,
    /// The nodes' root, as the server has one trust for both
    Nodes,
    /// Nobody: no client is asked for one
    Nobody,
}

impl Setup {
    /// The options and parameters that its templates set.
    pub(in crate::emit) fn options(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.set.iter().map(|(name, _)| name)
    }

    pub(in crate::emit) fn formats(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.formats.iter().chain(&self.append)
    }

    pub(in crate::emit) fn templates(&self) -> impl Iterator<Item = &Spanned<String>> {
        let values = self.set.iter().map(|(_, value)| value);
        values
            .chain(&self.pair)
            .chain(&self.prepare)
            .chain(&self.start)
            .chain(&self.finish)
    }
}
