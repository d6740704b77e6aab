//! What a server takes behind an option: how many words, which, and how often.

use serde::Deserialize;

use super::{kind::Kind, manifest::Manifest};

/// Options that take so many words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arity {
    /// The options; empty for all others that are specified
    #[serde(default)]
    pub options: Vec<String>,
    /// At least so many
    #[serde(default = "one")]
    pub least: usize,
    /// At most so many; without limit where it says nothing
    pub most: Option<usize>,
    /// The only words that are taken; any where there is none
    #[serde(default)]
    pub values: Vec<String>,
    /// They may not be written in upper and lower case
    #[serde(default)]
    pub exact: bool,
    /// Must not be repeated in one section
    #[serde(default)]
    pub once: bool,
}

fn one() -> usize {
    1
}

impl Arity {
    /// How many words are taken, in words.
    #[must_use]
    pub fn expected(&self) -> String {
        match (self.least, self.most) {
            (least, Some(most)) if least == most => words(least),
            (least, Some(most)) => format!("{least} to {}", words(most)),
            (least, None) => format!("at least {}", words(least)),
        }
    }

    /// Whether it takes so many words.
    #[must_use]
    pub fn takes(&self, count: usize) -> bool {
        count >= self.least && self.most.is_none_or(|most| count <= most)
    }

    /// Whether it takes a value; a variable may be anything.
    #[must_use]
    pub fn accepts(&self, value: &str) -> bool {
        self.values.is_empty() || value.contains('$') || self.word(value).is_some()
    }

    /// The word that a value is.
    pub(super) fn word(&self, value: &str) -> Option<&str> {
        let is_same = |word: &&String| match self.exact {
            true => *word == value,
            false => word.eq_ignore_ascii_case(value),
        };
        self.values.iter().find(is_same).map(String::as_str)
    }
}

fn words(count: usize) -> String {
    match count {
        0 => String::from("no word"),
        1 => String::from("one word"),
        2 => String::from("two words"),
        count => format!("{count} words"),
    }
}

impl Manifest {
    /// What an option takes, where that is known.
    #[must_use]
    pub fn arity(&self, name: &str) -> Option<&Arity> {
        let named = |arity: &&Arity| arity.options.iter().any(|it| it == name);
        let is_specified = self.options.contains_key(name);
        let general = |arity: &&Arity| arity.options.is_empty() && is_specified;
        let mut all = self.arities.iter();
        all.clone().find(named).or_else(|| all.find(general))
    }

    /// A value as the manifest spells it, where it is one of its words.
    pub(super) fn spelt(&self, name: &str, value: &str) -> Option<&str> {
        let spec = self.options.get(name);
        let spec = spec.filter(|spec| self.ignores_case && spec.kind == Kind::Choice);
        let mut words = spec.into_iter().flat_map(|spec| spec.words(self.newest()));
        let word = words.find(|word| word.eq_ignore_ascii_case(value));
        word.or_else(|| self.arity(name)?.word(value))
    }
}
