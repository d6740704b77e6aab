//! What a manifest says about files that somebody wrote: which options name certificates, and what of
//! its rules holds for such files.

use std::iter;

use serde::Deserialize;
use toml::Spanned;

use crate::emit::syntax::Found;

/// Options of a configuration file that name the files of one TLS endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The listener that it is, for what its certificate must be good for
    pub listener: Option<Spanned<String>>,
    /// Extended key usages that the certificate needs, where they are not the listener's
    pub eku: Option<Vec<String>>,
    /// Formats in which it stands; empty for all
    #[serde(default)]
    pub formats: Vec<Spanned<String>>,
    /// An expression; where it is not true there is no such endpoint
    pub when: Option<Spanned<String>>,
    /// What turns TLS on there, where naming files does not
    pub switch: Option<Switch>,
    /// The server has names of its own for files that nothing names
    #[serde(default)]
    pub usual: bool,
    /// The option that names the certificate and what is between it and its root
    pub certificate: Option<Spanned<String>>,
    /// The option that names the private key; left out where the certificate's file holds it
    pub key: Option<Spanned<String>>,
    /// How long the others' chains may be
    pub depth: Option<Depth>,
    /// Options that say how strong keys must be: a level, or ciphers with `@SECLEVEL`
    #[serde(default)]
    pub level: Vec<Spanned<String>>,
    /// The option that opens the key
    pub unlock: Option<Unlock>,
    /// There may be several certificates, each with its key
    #[serde(default)]
    pub several: bool,
    /// The certificate's file may hold the key instead, where that option is left out
    #[serde(default)]
    pub key_inside: bool,
    /// The option that says where the paths of certificates begin
    pub certificate_base: Option<Spanned<String>>,
    /// The option that says where the paths of roots and CRLs begin
    pub trust_base: Option<Spanned<String>>,
    /// The option that names a file with a certificate's path in each line
    pub list: Option<Spanned<String>>,
    /// A certificate may be a folder, all of whose files count
    #[serde(default)]
    pub folder: bool,
    /// Endings of what stands for several certificates, where there is no file without them
    #[serde(default)]
    pub endings: Vec<String>,
    /// Options that name folders with roots, each under the hash of its name
    #[serde(default)]
    pub hashed: Vec<Spanned<String>>,
    /// The option that names roots, among them that of the own certificate
    pub trust: Option<Spanned<String>>,
    /// The option that names roots of those who connect
    pub clients: Option<Spanned<String>>,
    /// An expression; where it is true, `clients` names certificates that are accepted themselves
    pub pins: Option<Spanned<String>>,
    /// The option that names CRLs
    pub crl: Option<Spanned<String>>,
}

/// How long a chain may be that is verified.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Depth {
    /// The option
    pub option: Spanned<String>,
    /// What counts where it is left out
    pub default: usize,
    /// What it counts
    pub counts: DepthCounts,
    /// An expression; where it is not true nothing is verified
    pub when: Spanned<String>,
    /// What has certificates verified: it is to blame where the option is left out
    #[serde(default)]
    pub at: Vec<Spanned<String>>,
}

/// What a verification depth counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum DepthCounts {
    /// All CAs, the root among them
    Authorities,
    /// The CAs between leaf and root (`SSL_CTX_set_verify_depth` since OpenSSL 1.1)
    Intermediates,
}

/// The option that opens an encrypted key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlock {
    /// The option
    pub option: Spanned<String>,
    /// What its value is
    pub by: UnlockBy,
    /// Beginning of the values that count, where others mean that somebody is asked
    #[serde(default)]
    pub begins: String,
}

/// How an option opens a key.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum UnlockBy {
    /// A file with passphrases, one a line, that are tried in turn
    File,
    /// A program that tells it
    Program,
    /// The passphrase itself
    Text,
}

/// What turns TLS on at an endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// An expression; where it is true TLS is on
    pub on: Spanned<String>,
    /// An expression; where it is not true, the section does not tell whether TLS is on
    #[serde(rename = "where")]
    pub place: Option<Spanned<String>>,
    /// Options that may be wrong: the first that stands in the file is
    #[serde(default)]
    pub at: Vec<Spanned<String>>,
    /// What mends it
    pub mend: String,
}

/// What a rule says of a file that somebody wrote.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRule {
    /// Options that may be wrong: the first that stands in the file is
    #[serde(default)]
    pub at: Vec<Spanned<String>>,
    /// They are looked for outside of all sections
    #[serde(default)]
    pub outermost: bool,
    /// Values that are wrong: of options that stand there several times, one that has such a value is meant
    #[serde(default)]
    pub values: Vec<String>,
    /// A template: what mends it there
    pub mend: Spanned<String>,
    /// Not asked of what is written here
    #[serde(default)]
    pub only: bool,
}

impl Endpoint {
    /// Whether it stands in a format.
    #[must_use]
    pub fn is_in(&self, format: &str) -> bool {
        self.formats.is_empty() || self.formats.iter().any(|name| name.get_ref() == format)
    }

    /// Whether an option names a list of certificates.
    #[must_use]
    pub fn is_list(&self, option: &Found) -> bool {
        let list = self.list.as_ref();
        list.is_some_and(|list| *list.get_ref() == option.name)
    }

    /// All expressions that it holds.
    pub(in crate::emit) fn conditions(&self) -> impl Iterator<Item = &Spanned<String>> {
        let depth = self.depth.iter().map(|depth| &depth.when);
        let switch = self.switch.iter();
        let switch = switch.flat_map(|switch| iter::once(&switch.on).chain(&switch.place));
        [&self.when, &self.pins]
            .into_iter()
            .flatten()
            .chain(switch)
            .chain(depth)
    }

    /// All options that it names.
    pub(in crate::emit) fn options(&self) -> impl Iterator<Item = &Spanned<String>> {
        let unlock = self.unlock.iter().map(|unlock| &unlock.option);
        let depth = self.depth.iter();
        let depth = depth.flat_map(|depth| depth.at.iter().chain([&depth.option]));
        let others = self
            .list
            .iter()
            .chain(&self.hashed)
            .chain(&self.level)
            .chain(unlock)
            .chain(depth);
        self.parts().into_iter().flatten().chain(others)
    }

    /// The options that name certificate, key, trust, clients and CRLs.
    #[must_use]
    pub fn parts(&self) -> [Option<&Spanned<String>>; 5] {
        [
            self.certificate.as_ref(),
            self.key.as_ref(),
            self.trust.as_ref(),
            self.clients.as_ref(),
            self.crl.as_ref(),
        ]
    }
}
