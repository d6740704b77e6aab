//! Where in a server's files options must not stand.

use serde::Deserialize;
use toml::Spanned;

use crate::emit::syntax::{Found, Section};

/// Any section that has a name.
const ANY: &str = "*";

/// Options that a server does not take in some of its sections.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The options
    pub options: Vec<Spanned<String>>,
    /// The first words of the sections that they must not stand in, however deep; `*` is any
    pub never: Vec<String>,
    /// Not beside these sections either: where one of them is, the file is the main one
    #[serde(default)]
    pub beside: Vec<String>,
    /// Not in what is inside of these sections either
    #[serde(default = "yes")]
    pub deep: bool,
    /// Only where this is around them
    pub within: Option<String>,
    /// Where they belong, in words that follow "write it"
    pub right: String,
}

fn yes() -> bool {
    true
}

impl Place {
    pub(in crate::emit) fn names(&self, option: &Found) -> bool {
        let mut names = self.options.iter();
        names.any(|name| *name.get_ref() == option.name)
    }

    pub(in crate::emit) fn refuses(&self, section: &Section, ignores_case: bool) -> bool {
        begins_with(section, &self.never, ignores_case)
    }

    /// Whether a section tells that the file around it is the main one.
    pub(in crate::emit) fn is_beside(&self, section: &Section, ignores_case: bool) -> bool {
        begins_with(section, &self.beside, ignores_case)
    }
}

/// Whether a section's first word is one of these.
fn begins_with(section: &Section, words: &[String], ignores_case: bool) -> bool {
    let Some(head) = section.name.split_whitespace().next() else {
        return false;
    };
    let is_head = |word: &String| match ignores_case {
        true => word.eq_ignore_ascii_case(head),
        false => word == head,
    };
    words.iter().any(|word| word == ANY || is_head(word))
}
