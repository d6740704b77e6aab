//! `server.toml`: everything that is known about one server, as data.

pub(super) mod account;
mod address;
pub(super) mod arity;
pub(super) mod before;
pub(super) mod before_tls;
pub(super) mod besides;
pub(super) mod client;
pub(super) mod command_line;
mod connection_uri;
pub(super) mod contradictions;
pub(super) mod endpoint;
pub(super) mod existence;
pub(super) mod format;
pub(super) mod groups;
pub(super) mod handing;
pub(super) mod include;
pub(super) mod inner;
pub(super) mod kind;
pub(super) mod likeness;
pub(super) mod line;
pub(super) mod listener;
pub(super) mod once;
pub(super) mod openssl;
pub(super) mod option;
pub(super) mod paths;
pub(super) mod place;
pub(super) mod setup;
pub(super) mod shared;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, de::Deserializer};

pub use self::format::Format;
use self::{
    account::Account,
    arity::{Arity, Same},
    before::Before,
    besides::FileOption,
    client::Client,
    endpoint::{Endpoint, FileRule},
    existence::Existence,
    groups::Group,
    include::Include,
    inner::Inner,
    likeness::{Like, Written},
    line::{Inherit, Line},
    listener::Listener,
    once::Once,
    openssl::Handed,
    option::OptionSpec,
    paths::Paths,
    place::Place,
    setup::Setup,
    shared::{Gathered, Shared, Undone},
};
use super::{error::SourceError, syntax::typed::Typed, version::Version};
use crate::severity::Severity;

/// One server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The server whose manifest holds for this one, too, but for what is said here
    pub like: Option<Like>,
    /// The product's name
    pub title: String,
    /// Versions that differ in what is written for them, oldest first; the last is assumed
    pub versions: Spanned<Vec<Version>>,
    /// How a new certificate is picked up
    pub reload: String,
    /// How far the emitted text is proven
    pub proof: String,
    /// The version from which it sends the intermediates too; left out where it always does
    pub chain_since: Option<Version>,
    /// Whether it finds the way to a root that it trusts by what its peer sends behind the certificate, and finds it too
    /// where that leads on to another
    pub reads_chain: Option<bool>,
    /// Whether the file of those it trusts may hold several roots
    pub many_roots: Option<bool>,
    /// Each listener is a section of its own, so that options of two do not collide
    #[serde(default)]
    pub sections: bool,
    /// TLS endpoints, in the order in which they are written
    #[serde(rename = "listener", default)]
    pub listeners: Vec<Listener>,
    /// What can be written, the default first
    #[serde(rename = "format")]
    pub formats: Vec<Format>,
    /// Which options of its files name certificates and keys
    #[serde(rename = "endpoint", default)]
    pub endpoints: Vec<Endpoint>,
    /// Which options of its files name other files
    #[serde(rename = "file", default)]
    pub files: Vec<FileOption>,
    /// Options whose values OpenSSL reads
    #[serde(default)]
    pub handed: Vec<Handed>,
    /// Which options of its files include others
    #[serde(rename = "include", default)]
    pub includes: Vec<Include>,
    /// Options of things that are alike
    #[serde(rename = "group", default)]
    pub groups: Vec<Group>,
    /// The user that it is before it opens private keys; left out where that is root
    pub account: Option<Account>,
    /// How the paths in its files are taken
    #[serde(default)]
    pub paths: Paths,
    /// Options inside of options' values
    #[serde(default)]
    pub inner: Vec<Inner>,
    /// Words that mean the same
    #[serde(default)]
    pub same: Vec<Same>,
    /// How many words options take
    #[serde(rename = "words", default)]
    pub arities: Vec<Arity>,
    /// What may stand once
    #[serde(rename = "once", default)]
    pub singles: Vec<Once>,
    /// What the values of options are, where quotes and brackets say so
    #[serde(rename = "typed", default)]
    pub types: Vec<Typed>,
    /// Options of which all count that are there, not the last alone
    #[serde(default)]
    pub repeated: Vec<Spanned<String>>,
    /// Those of them that come on top of what is said around them, and do not replace it
    #[serde(default)]
    pub added: Vec<String>,
    /// Options that say nothing of what is inside where they stand outside of all sections
    #[serde(default)]
    pub unheard: Vec<String>,
    /// Options that are asked for wherever they stand in a block
    #[serde(default)]
    pub gathered: Vec<Gathered>,
    /// Words of options that hold for all others of the same address
    #[serde(default)]
    pub shared: Vec<Shared>,
    /// Lines of options, of which all are known
    #[serde(rename = "line", default)]
    pub lines: Vec<Line>,
    /// Lines whose options hold in other lines
    #[serde(rename = "inherit", default)]
    pub inherits: Vec<Inherit>,
    /// Sections of its files that only say when what is in them holds
    #[serde(default)]
    pub conditions: Vec<String>,
    /// Where options must not stand
    #[serde(rename = "place", default)]
    pub places: Vec<Place>,
    /// Names consist of letters, digits and these signs, if anything is said: what holds others is no option
    pub signs: Option<String>,
    /// Sections whose lines are no options
    #[serde(default)]
    pub foreign: Vec<String>,
    /// Words that begin a section, where nothing but them does
    #[serde(default)]
    pub blocks: Vec<String>,
    /// What connects to the server
    #[serde(rename = "client", default)]
    pub clients: Vec<Client>,
    /// The server's own options
    #[serde(rename = "option", default)]
    pub options: BTreeMap<String, OptionSpec>,
    /// Options that exist besides, of which nothing more is known; `*` stands for a word of the writer's own
    #[serde(default)]
    pub others: Vec<String>,
    /// What not every version has
    #[serde(rename = "exists", default)]
    pub existences: Vec<Existence>,
    /// Beginnings of names of which all that exist are known
    #[serde(default)]
    pub complete: Vec<String>,
    /// Beginnings of names below which anything may stand
    #[serde(default)]
    pub open: Vec<String>,
    /// Names may be written in upper and lower case
    #[serde(default)]
    pub ignores_case: bool,
    /// Names may be cut, where one alone begins so
    #[serde(default)]
    pub abbreviates: bool,
    /// Words that may stand before names, where these may be cut
    #[serde(default)]
    pub before: Vec<Before>,
    /// Options that others behind them take back
    #[serde(default)]
    pub undone: Vec<Undone>,
    /// What templates ask besides
    #[serde(rename = "parameter", default)]
    pub parameters: BTreeMap<String, OptionSpec>,
    /// What the first hour needs to know
    #[serde(default)]
    pub setup: Setup,
    /// What makes a snippet insecure or useless
    #[serde(rename = "rule", default)]
    pub rules: Vec<Rule>,
}

/// One condition that deserves a finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The finding's code
    pub code: String,
    /// The finding's severity
    pub severity: Severity,
    /// Where it is written: a document of the server, an RFC
    pub source: Option<String>,
    /// Formats (or clients) for which it is asked; empty for all formats
    #[serde(default)]
    pub formats: Vec<Spanned<String>>,
    /// Asked for each listener, which is `it`
    #[serde(default)]
    pub each: bool,
    /// An expression; the finding is made where it is true
    pub when: Spanned<String>,
    /// A template
    pub message: Spanned<String>,
    /// A template
    #[serde(default)]
    pub hint: Option<Spanned<String>>,
    /// Present where the rule holds for files that somebody wrote, too
    pub file: Option<FileRule>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// Where the text is not TOML, has an unknown field, or contradicts itself.
    pub(super) fn parse(written: &Written) -> Result<Self, Vec<SourceError>> {
        let table = written.table();
        let manifest = table.and_then(|table| Self::deserialize(Deserializer::from(table)));
        let manifest = manifest.map_err(|error| {
            let place = error.span().unwrap_or_default();
            vec![written.error(place, error.message().to_owned())]
        })?;
        let wrong = written.needless().into_iter();
        let errors: Vec<_> = wrong
            .chain(manifest.contradictions())
            .map(|(place, message)| written.error(place, message))
            .collect();
        if errors.is_empty() {
            Ok(manifest)
        } else {
            Err(errors)
        }
    }

    /// The version that is assumed where none is given.
    ///
    /// # Panics
    ///
    /// Never: `parse` has seen at least one.
    #[must_use]
    pub fn newest(&self) -> &Version {
        self.versions
            .get_ref()
            .last()
            .expect("at least one version")
    }

    /// Whether a version sends what stands behind its certificate.
    #[must_use]
    pub fn sends_chain(&self, version: &Version) -> bool {
        self.chain_since
            .as_ref()
            .is_none_or(|since| version >= since)
    }

    /// An option or a parameter.
    #[must_use]
    pub fn spec(&self, name: &str) -> Option<&OptionSpec> {
        self.options.get(name).or_else(|| self.parameters.get(name))
    }

    /// Options that some version has, whatever is said of them besides.
    pub(super) fn existing(&self) -> impl Iterator<Item = &str> {
        let whole = self.existences.iter().filter(|it| it.words.is_empty());
        let options = whole.flat_map(|existence| &existence.options);
        options.map(|name| name.get_ref().as_str())
    }
}
