//! Lines of options: which words are options there, and which are values.

use serde::Deserialize;
use toml::Spanned;

use crate::emit::syntax::{Found, Shape};

/// Lines that begin with one of some words, and hold options behind it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The first words
    pub names: Vec<String>,
    /// There are no others, in no version
    #[serde(default)]
    pub closed: bool,
    /// There are many others, of which nothing is said
    #[serde(default)]
    pub open: bool,
    /// How many words follow before the first option
    #[serde(default)]
    pub skip: usize,
    /// Options without a value
    #[serde(default)]
    pub flags: Vec<String>,
    /// Options with one
    #[serde(default)]
    pub values: Vec<String>,
}

/// Lines whose options hold in lines of another kind: of the same block, of all that follow the defaults, or
/// of the whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inherit {
    /// The lines that hear
    pub line: Spanned<String>,
    /// The lines that tell
    pub from: Vec<Spanned<String>>,
    /// The block whose lines tell all blocks
    pub whole: String,
    /// The block whose lines tell those that follow, up to the next such block
    pub defaults: String,
}

impl Line {
    /// All options.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.flags.iter().chain(&self.values).map(String::as_str)
    }

    /// Leaves of a line's words its options, after the first word; those that are none.
    pub(in crate::emit) fn understand(&self, options: &mut Vec<Found>) -> Vec<Found> {
        let words = std::mem::take(options).into_iter().enumerate();
        let mut words = words.filter(|(index, _)| *index == 0 || *index > self.skip);
        options.extend(words.next().map(|(_, first)| first));
        let mut strange = Vec::new();
        let mut is_known = true;
        while let Some((_, mut word)) = words.next() {
            // What stands in brackets is an argument of the option.
            if let Some(end) = word.name.find('(') {
                word.name.truncate(end);
            }
            let was_known = std::mem::replace(&mut is_known, true);
            if self.values.contains(&word.name) {
                let shape = match words.next() {
                    Some(_) => word.shape,
                    None => Shape::Valueless,
                };
                options.push(Found { shape, ..word });
            } else if self.flags.contains(&word.name) {
                options.push(word);
            } else {
                // What follows may be its value.
                is_known = false;
                strange.extend((was_known && !self.open).then_some(word));
            }
        }
        strange
    }
}
