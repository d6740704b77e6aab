//! Words that may stand before the names of options, and what they make of them.

use serde::Deserialize;

use crate::emit::syntax::{Found, Shape};

/// Words before a name, each with a hyphen behind it (MySQL's `mysys/my_getopt.c`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// The words, in upper and lower case
    pub words: Vec<String>,
    /// What the option then is, whatever stands behind it; as it says itself where this is left out
    pub value: Option<String>,
    /// What it is where `0` stands behind it
    pub zero: Option<String>,
}

impl Before {
    /// The name behind one of the words.
    #[must_use]
    pub fn behind<'n>(&self, name: &'n str) -> Option<&'n str> {
        self.words.iter().find_map(|word| {
            let (first, rest) = name.split_at_checked(word.len())?;
            let rest = rest.strip_prefix('-')?;
            first.eq_ignore_ascii_case(word).then_some(rest)
        })
    }

    /// Gives an option the value that it has behind such a word.
    pub(in crate::emit) fn turn(&self, option: &mut Found) {
        let value = match option.value.as_str() {
            "0" => self.zero.as_ref().or(self.value.as_ref()),
            _ => self.value.as_ref(),
        };
        if let Some(value) = value {
            value.clone_into(&mut option.value);
            option.shape = Shape::Any;
        }
    }
}
