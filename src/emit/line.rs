//! Lines of options: which words are options there, and which are values.

use serde::Deserialize;

use super::{
    manifest::Manifest,
    names::Names,
    syntax::{Found, Section, Shape},
};

/// Lines that begin with one of some words, and hold options behind it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The first words
    pub names: Vec<String>,
    /// There are no others, in no version
    #[serde(default)]
    pub closed: bool,
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

impl Line {
    /// All options.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.flags.iter().chain(&self.values).map(String::as_str)
    }

    /// Leaves of a line's words its options, after the first word; those that are none.
    fn understand(&self, options: &mut Vec<Found>) -> Vec<Found> {
        let words = std::mem::take(options).into_iter().enumerate();
        let mut words = words.filter(|(index, _)| *index == 0 || *index > self.skip);
        options.extend(words.next().map(|(_, first)| first));
        let mut strange = Vec::new();
        let mut is_known = true;
        while let Some((_, word)) = words.next() {
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
                strange.extend(was_known.then_some(word));
            }
        }
        strange
    }
}

impl Manifest {
    /// The lines that begin with a word, where they are known.
    fn line(&self, name: &str) -> Option<usize> {
        let mut lines = self.lines.iter();
        lines.position(|line| line.names.iter().any(|it| it == name))
    }

    /// Tells the options of a line from its values; hands back what is neither.
    pub(super) fn understand_line(
        &self,
        section: &mut Section,
        names: &Names<'_>,
    ) -> Vec<(usize, Found)> {
        let options = &mut section.options;
        match self.line(&section.name) {
            Some(line) => {
                let strange = self.lines[line].understand(options).into_iter();
                strange.map(|option| (line, option)).collect()
            }
            // The others may be values.
            None if self.lines.is_empty() => {
                let mut first = true;
                let is_known = |option: &Found| names.contains(&option.name);
                options.retain(|option| std::mem::take(&mut first) || is_known(option));
                Vec::new()
            }
            None => {
                options.truncate(1);
                Vec::new()
            }
        }
    }
}
