//! Where in a server's files options must not stand.

use serde::Deserialize;
use toml::Spanned;

use super::syntax::Section;

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
    /// Where they belong, in words that follow "write it"
    pub right: String,
}

impl Place {
    /// Whether it speaks of an option.
    #[must_use]
    pub fn names(&self, option: &str) -> bool {
        self.options.iter().any(|name| name.get_ref() == option)
    }

    /// Whether a section, or one around it, is one in which its options are not taken.
    pub fn refuses<'s>(
        &self,
        mut around: impl Iterator<Item = &'s Section>,
        ignores_case: bool,
    ) -> bool {
        around.any(|section| {
            let Some(head) = section.name.split_whitespace().next() else {
                return false;
            };
            let is_head = |word: &String| match ignores_case {
                true => word.eq_ignore_ascii_case(head),
                false => word == head,
            };
            self.never.iter().any(|word| word == ANY || is_head(word))
        })
    }
}
