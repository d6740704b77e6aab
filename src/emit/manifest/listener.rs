//! What a manifest says of one place where a server listens.

use serde::Deserialize;
use toml::Spanned;

use super::before_tls::BeforeTls;
use crate::emit::version::Version;

/// One TLS endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// As `--listener` takes it
    pub name: String,
    /// What connects there
    pub title: String,
    /// The usual TCP port
    pub port: Option<u16>,
    /// What is spoken there before TLS
    #[serde(default)]
    pub before: BeforeTls,
    /// Whoever connects takes any certificate below the roots, whatever its names
    #[serde(default)]
    pub any_name: bool,
    /// Extended key usages that the certificate needs there (RFC 5280 §4.2.1.12)
    #[serde(default)]
    pub eku: Vec<String>,
    /// Types of the subject's attributes by which it tells members from clients: members share them, and no client may
    #[serde(default)]
    pub members: Vec<String>,
    /// The version from which the endpoint takes a client CA; absent where it never does
    pub client_ca_since: Option<Version>,
    /// Connects to servers that another CA may have signed
    #[serde(default)]
    pub dials: bool,
    /// Presents no certificate, so that no entry is needed
    #[serde(default)]
    pub anonymous: bool,
    /// Left out unless it is named
    #[serde(default)]
    pub optional: bool,
    /// Options and their values, as templates; an empty value leaves the option out
    #[serde(default)]
    pub set: Vec<(Spanned<String>, Spanned<String>)>,
}
