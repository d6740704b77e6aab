//! Where in a server's files options must not stand.

use serde::Deserialize;
use toml::Spanned;

use super::{
    reading::Reading,
    syntax::{Found, Section, Syntax},
};

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
    fn names(&self, option: &Found) -> bool {
        let mut names = self.options.iter();
        names.any(|name| *name.get_ref() == option.name)
    }

    fn refuses(&self, section: &Section, ignores_case: bool) -> bool {
        let Some(head) = section.name.split_whitespace().next() else {
            return false;
        };
        let is_head = |word: &String| match ignores_case {
            true => word.eq_ignore_ascii_case(head),
            false => word == head,
        };
        self.never.iter().any(|word| word == ANY || is_head(word))
    }
}

impl Reading<'_> {
    /// Options that stand where the server does not take them.
    #[must_use]
    pub fn misplaced(&self) -> Vec<(&Found, &Place)> {
        let places = self.server.manifest.places.iter();
        places.flat_map(|place| self.misplaced_by(place)).collect()
    }

    /// Looks at each section once: what is around it was looked at before.
    fn misplaced_by<'p>(&'p self, place: &'p Place) -> Vec<(&'p Found, &'p Place)> {
        let manifest = &self.server.manifest;
        let is_lines = self.format.syntax == Some(Syntax::Keywords);
        let mut refused: Vec<bool> = Vec::with_capacity(self.sections.len());
        let mut misplaced = Vec::new();
        for section in &self.sections {
            let own = place.refuses(section, manifest.ignores_case);
            let around = match is_lines {
                // The line that began a block is around those that follow, up to the next such line.
                true if manifest.blocks.contains(&section.name) => false,
                true => refused.last() == Some(&true),
                false => section.outer.is_some_and(|outer| refused[outer]),
            };
            refused.push(own || around);
            if own || around {
                // Of a line the others may be values.
                let count = if is_lines { 1 } else { usize::MAX };
                let statements = section.options.iter().take(count);
                let named = statements.filter(|option| place.names(option));
                misplaced.extend(named.map(|option| (option, place)));
            }
        }
        misplaced
    }
}
