//! What options take by a server's manifest, where they stand.

use std::borrow::Cow;

use super::Reading;
use crate::emit::{
    manifest::{Manifest, arity::Arity, kind::Kind},
    syntax::{Found, Section, Syntax, pattern::fits},
};

/// An option, and what holds for it where it stands: several where nobody knows in which block that is.
#[derive(Debug)]
pub struct Worded<'r> {
    /// The option
    pub option: &'r Found,
    takes: Vec<&'r Arity>,
}

impl Worded<'_> {
    /// What is wrong by everything that may hold, told by the first.
    pub fn wrong<T>(&self, wrong: impl Fn(&Arity) -> Option<T>) -> Option<T> {
        let mut all = self.takes.iter().map(|arity| wrong(arity));
        let first = all.next()??;
        all.all(|other| other.is_some()).then_some(first)
    }
}

impl Reading<'_> {
    /// Every option of each section, with what holds for it there.
    pub fn worded(&self) -> impl Iterator<Item = Worded<'_>> {
        let manifest = &self.server.manifest;
        self.in_blocks().flat_map(move |(block, section)| {
            let options = section.options.iter();
            options.map(move |option| Worded {
                option,
                takes: manifest
                    .arities_in(&option.name, block.map(|(_, name)| name))
                    .collect(),
            })
        })
    }

    /// Each section with the block that it is or stands in, by its place and name; nothing where nobody knows.
    pub(super) fn in_blocks(&self) -> impl Iterator<Item = (Option<(usize, &str)>, &Section)> {
        let blocks = &self.server.manifest.blocks;
        let is_lines = self.format.syntax == Some(Syntax::Keywords);
        let mut block = None;
        self.sections
            .iter()
            .enumerate()
            .map(move |(place, section)| {
                if !is_lines || blocks.contains(&section.name) {
                    block = Some((place, section.name.as_str()));
                }
                (block, section)
            })
    }
}

impl Manifest {
    /// What an option takes, where that is known.
    #[must_use]
    pub fn arity(&self, name: &str) -> Option<&Arity> {
        let named = |arity: &&Arity| arity.options.iter().any(|it| fits(it, name));
        let is_specified = self.options.contains_key(name);
        let general = |arity: &&Arity| arity.options.is_empty() && is_specified;
        let mut all = self.arities.iter();
        all.clone().find(named).or_else(|| all.find(general))
    }

    /// Whether a value is another word for one that options list.
    fn means(&self, word: &str, value: &str) -> bool {
        let mut same = self.same.iter().filter(|same| same.word == word);
        same.any(|same| same.also.iter().any(|it| it.eq_ignore_ascii_case(value)))
    }

    /// What an option may take in a block: there the first that holds, or all where nobody knows the block.
    fn arities_in<'m>(
        &'m self,
        name: &'m str,
        block: Option<&'m str>,
    ) -> impl Iterator<Item = &'m Arity> {
        let named = self
            .arities
            .iter()
            .filter(move |it| it.options.iter().any(|it| fits(it, name)));
        let named = named.collect::<Vec<_>>();
        let general = named.is_empty().then(|| self.arity(name)).flatten();
        let all = named.into_iter().chain(general);
        let most = if block.is_some() { 1 } else { usize::MAX };
        all.filter(move |arity| block.is_none_or(|block| arity.is_in(block)))
            .take(most)
    }

    /// A value as the manifest spells it, where it is made of its words.
    pub(in crate::emit) fn spelt(&self, name: &str, value: &str) -> Option<Cow<'_, str>> {
        let is_exact = self.arity(name).is_some_and(|arity| arity.exact);
        let is_free = (self.ignores_case || !self.same.is_empty()) && !is_exact;
        let spec = self.options.get(name);
        let spec = spec.filter(|spec| is_free && spec.kind == Kind::Choice);
        let mut words = spec.into_iter().flat_map(|spec| spec.words(self.newest()));
        let is_same = |word: &&str| word.eq_ignore_ascii_case(value) || self.means(word, value);
        let word = words.find(is_same);
        word.map(Cow::Borrowed)
            .or_else(|| self.arity(name)?.spelt(value))
    }
}
