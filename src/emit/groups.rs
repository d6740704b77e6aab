//! Options whose names hold the name of one of several things alike: EMQX's listeners.

use serde::Deserialize;

/// `listeners.ssl.NAME.…`, each NAME with options of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What stands before the name
    pub of: Vec<String>,
    /// How names begin for which the manifest knows the options
    #[serde(rename = "as")]
    pub known_as: String,
}

impl Group {
    /// What an option is about, where that is one of the group, and the option as it is known.
    pub(super) fn named(&self, name: &str) -> Option<(String, String)> {
        self.of.iter().find_map(|of| {
            let rest = name.strip_prefix(of.as_str())?.strip_prefix('.')?;
            let (thing, rest) = match rest.split_once('.') {
                Some((thing, rest)) => (thing, format!(".{rest}")),
                None => (rest, String::new()),
            };
            Some((format!("{of}.{thing}"), format!("{}{rest}", self.known_as)))
        })
    }
}
