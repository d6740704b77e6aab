//! The names of options, to look them up.

use std::{borrow::Cow, collections::HashMap};

use crate::emit::{
    manifest::{Format, Manifest},
    server::Server,
    syntax::{
        Syntax,
        pattern::{filled, fits},
        typed::Typed,
    },
};

/// How a manifest spells each name that it knows.
pub(in crate::emit) struct Names<'a> {
    spelt: HashMap<Cow<'a, str>, &'a str>,
    ignores_case: bool,
}

impl<'a> Names<'a> {
    pub(in crate::emit) fn new(server: &'a Server, format: &'a Format) -> Self {
        // PostgreSQL's rules on who may connect are stricter than its settings.
        let is_exact = format.syntax == Some(Syntax::Columns);
        let ignores_case = server.manifest.ignores_case && !is_exact || format.ignores_case;
        let spelt = server
            .names(format)
            .map(|name| (same(name, ignores_case), name));
        Self {
            spelt: spelt.collect(),
            ignores_case,
        }
    }

    /// A name as the manifest spells it.
    pub(in crate::emit) fn get(&self, name: &str) -> Option<&'a str> {
        self.spelt.get(&same(name, self.ignores_case)).copied()
    }

    pub(in crate::emit) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

impl Manifest {
    /// Options that stand in files alone: nothing writes them here.
    pub(in crate::emit) fn unwritten(&self) -> impl Iterator<Item = &str> {
        let newest = self.newest();
        let directives = self.formats.iter().flat_map(|it| it.directives(newest));
        let others = self.others.iter().map(String::as_str);
        let all = others.chain(directives);
        all.filter(|name| !self.options.contains_key(*name))
    }

    /// Of which types an option's values are, where the server tells types apart.
    #[must_use]
    pub fn typed(&self, name: &str) -> Option<&Typed> {
        self.types.iter().find(|typed| typed.is_of(name))
    }

    /// Whether an option of this name may exist, although nothing is known of it.
    #[must_use]
    pub fn is_open(&self, name: &str) -> bool {
        let begins = |start: &String| name.starts_with(start);
        let name = same(name, self.ignores_case);
        let fits = |other: &String| fits(&same(other, self.ignores_case), &name);
        self.open.iter().any(begins) || self.others.iter().any(fits)
    }

    /// Names with the words of another in place of `*`.
    #[must_use]
    pub fn filled<'n>(names: impl Iterator<Item = &'n str>, name: &str) -> Vec<Cow<'n, str>> {
        names.map(|known| filled(known, name)).collect()
    }

    /// Whether a word may be an option's name, known or not.
    #[must_use]
    pub fn can_be_name(&self, word: &str) -> bool {
        let Some(signs) = &self.signs else {
            return true;
        };
        // Another language may be in charge of what begins so.
        let is_chosen = word.len() > 1 && word.starts_with(['$', '@', '%']);
        let is_part = |it: char| it.is_ascii_alphanumeric() || signs.contains(it);
        let begins_well = !word.starts_with(|it: char| it.is_ascii_digit());
        is_chosen || !word.is_empty() && begins_well && word.chars().all(is_part)
    }
}

/// What all ways to write a name have in common.
pub(super) fn same(name: &str, ignores_case: bool) -> Cow<'_, str> {
    match ignores_case {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}
