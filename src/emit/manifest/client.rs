//! What connects to a server.

use serde::Deserialize;
use toml::Spanned;

/// One language or program that connects.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// As the command takes it
    pub name: String,
    /// What it is
    pub title: String,
    /// The template's file
    pub template: Spanned<String>,
    /// The endpoint that it connects to
    pub listener: Spanned<String>,
    /// Options and parameters without which it cannot be written
    #[serde(default)]
    pub requires: Vec<Spanned<String>>,
}
