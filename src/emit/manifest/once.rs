//! What may stand once.

use serde::Deserialize;

use super::option::within;
use crate::emit::version::Version;

/// Options that the server refuses for the second time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Once {
    /// The options
    pub options: Vec<String>,
    /// Only with the same first word again, which is a name or an address
    #[serde(default)]
    pub named: bool,
    /// One of them for another counts as well
    #[serde(default)]
    pub together: bool,
    /// In the whole configuration, not in one section
    #[serde(default)]
    pub whole: bool,
    /// The only sections in which all this holds
    #[serde(default)]
    pub only: Vec<String>,
    /// The first version that no longer refuses them
    pub removed: Option<Version>,
}

impl Once {
    /// Whether a version refuses them.
    pub(in crate::emit) fn is_in(&self, version: &Version) -> bool {
        within(version, None, self.removed.as_ref())
    }

    /// Whether it says something of an option in a section of this name.
    pub(in crate::emit) fn is_of(&self, option: &str, section: &str) -> bool {
        let head = section.split_whitespace().next().unwrap_or_default();
        self.options.iter().any(|it| it == option)
            && (self.only.is_empty() || self.only.iter().any(|it| it == head))
    }
}
