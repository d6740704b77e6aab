//! One option of a server: what it takes, and in which versions.

use std::ops::Range;

use minijinja::Value;
use serde::Deserialize;
use toml::Spanned;

use super::kind::Kind;
use crate::emit::version::Version;

/// One option of the server, or one parameter of its templates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionSpec {
    /// What it does
    pub help: String,
    /// What a value looks like
    pub kind: Kind,
    /// Words that are taken too, or, for a choice, the only ones
    #[serde(default)]
    pub values: Vec<Choice>,
    /// The largest number that it takes
    pub most: Option<u64>,
    /// The first version that has it
    pub since: Option<Version>,
    /// The first version that no longer has it
    pub removed: Option<Version>,
    /// Options without which it does not work
    #[serde(default)]
    pub needs: Vec<Need>,
    /// May be given more than once
    #[serde(default)]
    pub repeat: bool,
    /// Is several words, separated by blanks
    #[serde(default)]
    pub splits: bool,
    /// Is written above all sections, where it is meant for the whole server
    #[serde(default)]
    pub above: bool,
    /// Must not be seen by others
    #[serde(default)]
    pub secret: bool,
    /// A template; used where nothing is given
    pub default: Option<Spanned<String>>,
    /// A value that would do
    #[serde(default)]
    pub example: String,
}

/// What must stand beside an option: `a`, or one of `a|b`.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Need(Spanned<String>);

impl Need {
    /// The options of which one must stand there.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.0.get_ref().split('|')
    }

    /// The options in words, for "without …".
    #[must_use]
    pub fn described(&self) -> String {
        let options: Vec<_> = self.options().map(|name| format!("`{name}`")).collect();
        options.join(" or ")
    }

    pub(in crate::emit) fn span(&self) -> Range<usize> {
        self.0.span()
    }
}

/// One word that an option takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Choice {
    /// In every version
    Always(String),
    /// In some versions
    Between(VersionedChoice),
}

/// One word that an option takes in some versions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionedChoice {
    /// The word
    pub value: String,
    /// The first version that has it
    pub since: Option<Version>,
    /// The first version that no longer has it
    pub removed: Option<Version>,
}

impl OptionSpec {
    /// Whether the option exists in a version.
    #[must_use]
    pub fn exists_in(&self, version: &Version) -> bool {
        within(version, self.since.as_ref(), self.removed.as_ref())
    }

    /// When the option exists, in words.
    #[must_use]
    pub fn exists(&self) -> String {
        range(self.since.as_ref(), self.removed.as_ref())
    }

    /// The words that the option takes in a version.
    pub fn words<'a>(&'a self, version: &'a Version) -> impl Iterator<Item = &'a str> {
        words(&self.values, version)
    }

    /// Whether the option takes a value in a version.
    #[must_use]
    pub fn accepts(&self, version: &Version, value: &str) -> bool {
        let word = |text: &str| self.words(version).any(|word| word == text);
        match self.kind {
            Kind::Choice => word(value),
            Kind::Grant => {
                let words = value.split_once(':').map_or("", |(_, words)| words);
                let is_any = words.is_empty() || self.values.is_empty();
                self.kind.accepts(value) && (is_any || words.split(',').all(word))
            }
            kind => kind.accepts(value) && self.holds(value) || word(value),
        }
    }

    /// Whether a number is not too large.
    fn holds(&self, value: &str) -> bool {
        let most = self.most.filter(|_| self.kind == Kind::Number);
        most.is_none_or(|most| value.parse().is_ok_and(|number: u64| number <= most))
    }

    /// What the option takes, in words.
    #[must_use]
    pub fn expected(&self, version: &Version) -> String {
        let words: Vec<_> = self
            .words(version)
            .map(|word| format!("`{word}`"))
            .collect();
        match (self.kind, words.as_slice()) {
            (Kind::Number, []) if let Some(most) = self.most => {
                format!("a whole number up to {most}")
            }
            (kind, []) => kind.description().to_owned(),
            (Kind::Choice, words) => words.join(", "),
            (Kind::Grant, words) => format!("NAME:WORD,WORD with words from {}", words.join(", ")),
            (kind, words) => format!("{} or {}", kind.description(), words.join(", ")),
        }
    }

    /// The values as templates see them: a list where the option repeats, else one or none.
    pub(in crate::emit) fn value(&self, values: &[String]) -> Value {
        let one = |value: &String| match self.kind {
            Kind::Flag => Value::from(value == "true"),
            Kind::Grant => {
                let (name, words) = value.split_once(':').unwrap_or((value, ""));
                let words = words.split(',').filter(|word| !word.is_empty());
                Value::from_pairs([
                    ("name", Value::from(name)),
                    ("words", words.map(Value::from).collect()),
                ])
            }
            _ => Value::from(value.as_str()),
        };
        match values {
            values if self.repeat => values.iter().map(one).collect(),
            [value, ..] => one(value),
            [] => Value::from(()),
        }
    }
}

/// The words of a list that exist in a version.
pub(in crate::emit) fn words<'a>(
    choices: &'a [Choice],
    version: &'a Version,
) -> impl Iterator<Item = &'a str> {
    choices.iter().filter_map(move |choice| match choice {
        Choice::Always(value) => Some(value.as_str()),
        Choice::Between(choice) => {
            let (since, removed) = (choice.since.as_ref(), choice.removed.as_ref());
            within(version, since, removed).then_some(choice.value.as_str())
        }
    })
}

pub(in crate::emit) fn within(
    version: &Version,
    since: Option<&Version>,
    removed: Option<&Version>,
) -> bool {
    since.is_none_or(|since| version >= since) && removed.is_none_or(|removed| version < removed)
}

/// When something exists, in words.
pub(in crate::emit) fn range(since: Option<&Version>, removed: Option<&Version>) -> String {
    match (since, removed) {
        (None, None) => String::from("all versions"),
        (Some(since), None) => format!("since {since}"),
        (None, Some(removed)) => format!("removed in {removed}"),
        (Some(since), Some(removed)) => format!("since {since}, removed in {removed}"),
    }
}
