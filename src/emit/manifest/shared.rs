//! Options that are heard elsewhere than where they stand: by all of the same address, or by a whole block.

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

/// Options of which a block hears wherever they stand in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gathered {
    /// The block's first word
    pub block: String,
    /// The options
    pub options: Vec<Spanned<String>>,
}
