//! What not every version of a server has.

use serde::Deserialize;
use toml::Spanned;

use super::option::{range, within};
use crate::emit::{syntax::Found, version::Version};

/// Options, or words behind them, that some versions have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Existence {
    /// The options
    pub options: Vec<Spanned<String>>,
    /// Not the options, but these words behind them, or beginnings of such, where they end in `=`
    #[serde(default)]
    pub words: Vec<String>,
    /// The first version that has them
    pub since: Option<Version>,
    /// The first version that no longer has them
    pub removed: Option<Version>,
}

impl Existence {
    /// What an option says that a version does not have: its name, or a word of ours behind it.
    #[must_use]
    pub fn absent<'e>(&'e self, option: &Found, version: &Version) -> Option<&'e str> {
        let mut options = self.options.iter().map(Spanned::get_ref);
        let name = options.find(|name| **name == option.name)?;
        if within(version, self.since.as_ref(), self.removed.as_ref()) {
            return None;
        }
        if self.words.is_empty() {
            return Some(name);
        }
        let mut words = self.words.iter();
        let stands = |known: &&String| {
            let mut all = option.value.split_whitespace();
            all.any(|word| match known.ends_with('=') {
                true => word.starts_with(known.as_str()),
                false => word == *known,
            })
        };
        words.find(stands).map(String::as_str)
    }

    /// When they exist, in words.
    #[must_use]
    pub fn exists(&self) -> String {
        range(self.since.as_ref(), self.removed.as_ref())
    }
}
