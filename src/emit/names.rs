//! The names of a format's options, to look them up.

use std::{borrow::Cow, collections::HashMap};

use super::{manifest::Format, server::Server, syntax::Syntax};

/// How a manifest spells each name that it knows.
pub(super) struct Names<'a> {
    spelt: HashMap<Cow<'a, str>, &'a str>,
    ignores_case: bool,
}

impl<'a> Names<'a> {
    pub(super) fn new(server: &'a Server, format: &'a Format) -> Self {
        // PostgreSQL's rules on who may connect are stricter than its settings.
        let is_exact = format.syntax == Some(Syntax::Columns);
        let ignores_case = server.manifest.ignores_case && !is_exact;
        let spelt = server
            .names(format)
            .map(|name| (same(name, ignores_case), name));
        Self {
            spelt: spelt.collect(),
            ignores_case,
        }
    }

    /// A name as the manifest spells it.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.spelt.get(&same(name, self.ignores_case)).copied()
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// What all ways to write a name have in common.
fn same(name: &str, ignores_case: bool) -> Cow<'_, str> {
    match ignores_case {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}
