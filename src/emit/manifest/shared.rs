//! Options that are heard elsewhere than where they stand: by all of the same address, by a whole block, or nowhere.

use serde::Deserialize;
use toml::Spanned;

use crate::emit::syntax::Found;

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

/// An option that says nothing where one of some others stands behind it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undone {
    /// The option
    pub option: Spanned<String>,
    /// The others
    pub by: Vec<Spanned<String>>,
}

impl Undone {
    /// Leaves of a section's options those that say something.
    pub(in crate::emit) fn leave(&self, options: &mut Vec<Found>) {
        let undoes = |option: &Found| self.by.iter().any(|it| *it.get_ref() == option.name);
        let last = options.iter().rposition(undoes).unwrap_or_default();
        let mut index = 0;
        options.retain(|option| {
            let is_before = index < last;
            index += 1;
            !is_before || option.name != *self.option.get_ref()
        });
    }
}
