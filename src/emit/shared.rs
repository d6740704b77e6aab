//! Words of options that hold for all others of the same address.

use serde::Deserialize;
use toml::Spanned;

/// An option of which some words hold for all others that begin alike: what one says of an address, all
/// that listen there hear.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// The option
    pub option: Spanned<String>,
    /// The words
    pub words: Vec<String>,
}
