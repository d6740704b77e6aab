//! Names that are cut, or have words before them, as MySQL's descendants take them (`mysys/my_getopt.c`).

use std::{borrow::Cow, cell::LazyCell, collections::BTreeMap};

use super::names::{Names, same};
use crate::emit::{
    manifest::{Format, before::Before, inner::Inner},
    server::Server,
    syntax::{Found, Section},
};
use crate::nearest::misspelt;

/// The names that may be cut, in an order in which those that begin alike follow each other.
struct Beginnings<'a> {
    names: BTreeMap<Cow<'a, str>, &'a str>,
    ignores_case: bool,
}

impl Server {
    /// Gives options their whole names, and what the words before these make of them.
    pub(super) fn spell_out(&self, format: &Format, sections: &mut [Section]) {
        if !self.manifest.abbreviates {
            return;
        }
        let names = Names::new(self, format);
        let beginnings = LazyCell::new(|| self.beginnings(format));
        let options = sections.iter_mut().flat_map(|section| &mut section.options);
        for option in options.filter(|option| !names.contains(&option.name)) {
            self.spell_out_one(option, &names, &beginnings);
        }
    }

    /// Of several words before a name the last counts. A name that is near to one is left as that is to be written.
    fn spell_out_one(&self, option: &mut Found, names: &Names<'_>, beginnings: &Beginnings<'_>) {
        let own = option.name.clone();
        let mut rest = own.as_str();
        let mut before: Option<&Before> = None;
        loop {
            if let Some(whole) = names.get(rest).or_else(|| beginnings.only(rest)) {
                whole.clone_into(&mut option.name);
                if let Some(before) = before {
                    before.turn(option);
                }
                return;
            }
            let mut words = self.manifest.before.iter();
            let next = words.find_map(|it| Some((it, it.behind(rest)?)));
            let Some((word, behind)) = next else { break };
            (before, rest) = (Some(word), behind);
        }
        let known = beginnings.names.values().copied();
        if before.is_some() && misspelt(rest, known).is_some() {
            rest.clone_into(&mut option.name);
        }
    }

    fn beginnings<'a>(&'a self, format: &'a Format) -> Beginnings<'a> {
        let ignores_case = self.manifest.ignores_case || format.ignores_case;
        let is_inner = |name: &&str| {
            let behind = |it: &Inner| name.strip_prefix(it.option.get_ref());
            let mut inner = self.manifest.inner.iter().filter_map(behind);
            inner.any(|rest| rest.starts_with('.'))
        };
        let names = self.names(format).filter(|name| !is_inner(name));
        Beginnings {
            names: names.map(|name| (same(name, ignores_case), name)).collect(),
            ignores_case,
        }
    }
}

impl<'a> Beginnings<'a> {
    /// The only name that begins so.
    fn only(&self, begin: &str) -> Option<&'a str> {
        let begin = same(begin, self.ignores_case);
        let mut all = self
            .names
            .range(begin.clone()..)
            .map(|(key, name)| (key, *name));
        let (key, only) = all.next()?;
        let is_so = |key: &str| !begin.is_empty() && key.starts_with(&*begin);
        let is_other = all.next().is_some_and(|(key, _)| is_so(key));
        (is_so(key) && !is_other).then_some(only)
    }
}
