//! Options whose names hold the name of one of several things alike: EMQX's listeners.

use serde::Deserialize;
use toml::Spanned;

use crate::emit::syntax::Found;

/// `listeners.ssl.NAME.…`, each NAME with options of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What stands before the name
    pub of: Vec<String>,
    /// How names begin for which the manifest knows the options
    #[serde(rename = "as")]
    pub known_as: String,
    /// Options that say what holds for each, as in `NAME:WORDS,NAME:WORDS`. The first tells which there are: where it
    /// is there, what has no name in its name holds for all of them, and for nothing else.
    #[serde(default)]
    pub listed: Vec<Spanned<String>>,
}

impl Group {
    /// What an option is about, where that is one of the group, and the option as it is known.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<(String, String)> {
        self.of.iter().find_map(|of| {
            let rest = name.strip_prefix(of.as_str())?.strip_prefix('.')?;
            let (thing, rest) = match rest.split_once('.') {
                Some((thing, rest)) => (thing, format!(".{rest}")),
                None => (rest, String::new()),
            };
            let name = format!("{}{rest}", self.known_as);
            let name = name.strip_prefix('.').unwrap_or(&name).to_owned();
            Some((format!("{of}.{thing}"), name))
        })
    }

    /// What options without a name in theirs say of each, and whether that tells which there are. Names are in
    /// lower case in those of options.
    pub(in crate::emit) fn listed(&self, options: &[Found]) -> Vec<(String, Found, bool)> {
        let of = self.of.first().map_or("", String::as_str);
        let last = |name: &str| options.iter().rfind(|option| option.name == name);
        let listed = self.listed.iter().enumerate();
        let listed = listed.filter_map(|(index, name)| Some((last(name.get_ref())?, index == 0)));
        let each = listed.flat_map(|(option, tells)| {
            let words = option
                .value
                .split(',')
                .filter_map(|it| it.trim().split_once(':'));
            words.map(move |(name, words)| {
                let value = words.trim().to_owned();
                let own = Found {
                    value,
                    ..option.clone()
                };
                (format!("{of}.{}", name.trim().to_lowercase()), own, tells)
            })
        });
        each.collect()
    }
}
