//! What sections hear from those around them, or before them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};

use super::{Reading, names::Names};
use crate::emit::{
    manifest::line::Inherit,
    syntax::{Found, Section, Syntax},
};

/// How many of an option that repeats are handed on.
const MAX_REPEATED: usize = 16;

/// What several sections hear.
type Heard = Rc<[Rc<Found>]>;

impl Reading<'_> {
    /// Tells each section what those around it say. Of that only what the server knows, and of each option
    /// the one that counts: however long a text is, no more is handed on than there are names.
    pub(in crate::emit) fn inherit(&mut self, names: &Names<'_>) {
        let is_lines = self.format.syntax == Some(Syntax::Keywords);
        if is_lines {
            for inherit in &self.server.manifest.inherits {
                self.inherit_lines(inherit, names);
            }
        }
        let repeated = self.server.repeated();
        let unheard = &self.server.manifest.unheard;
        let mut handed: HashMap<usize, Heard> = HashMap::new();
        let mut silent = HashSet::new();
        for index in 0..self.sections.len() {
            let outer = self.sections[index].outer;
            if let Some(outer) = outer {
                let around = handed.entry(outer);
                let outer = &self.sections[outer];
                let around = around.or_insert_with(|| {
                    let is_alone =
                        |name: &str| outer.outer.is_none() && unheard.iter().any(|it| it == name);
                    handed_on(
                        outer,
                        |name| names.contains(name) && !is_alone(name),
                        &repeated,
                    )
                });
                self.sections[index].around = Rc::clone(around);
            }
            let section = &self.sections[index];
            let mut options = section.options.iter();
            let speaks = options.any(|option| names.contains(&option.name));
            // Those that say nothing themselves are the same wherever they hear the same.
            let heard = outer.map(|_| Rc::as_ptr(&section.around).cast::<()>());
            if !section.has_others && (speaks || silent.insert(heard)) {
                self.scopes.push(index);
            }
        }
    }

    /// As HAProxy has it: `default-server` tells the `server` lines of its block, and of all that follow
    /// where it stands among the defaults.
    fn inherit_lines(&mut self, inherit: &Inherit, names: &Names<'_>) {
        let repeated = self.server.repeated();
        let blocks = &self.server.manifest.blocks;
        let (mut whole, mut defaults, mut own) =
            (Heard::default(), Heard::default(), Heard::default());
        let mut block = "";
        for section in &mut self.sections {
            let tells = inherit
                .from
                .iter()
                .any(|from| *from.get_ref() == section.name);
            if let Some(next) = blocks.iter().find(|block| **block == section.name) {
                block = next;
                let begins = if *block == inherit.defaults {
                    &whole
                } else {
                    &defaults
                };
                own = Rc::clone(begins);
            } else if tells {
                section.around = Rc::clone(&own);
                own = handed_on(section, |name| names.contains(name), &repeated);
            } else if section.name == *inherit.line.get_ref() {
                section.around = Rc::clone(&own);
            }
            if block == inherit.whole {
                whole = Rc::clone(&own);
            }
            if block == inherit.whole || block == inherit.defaults {
                defaults = Rc::clone(&own);
            }
        }
    }
}

/// What a section tells those inside.
fn handed_on(
    section: &Section,
    is_heard: impl Fn(&str) -> bool,
    repeated: &HashSet<&str>,
) -> Heard {
    let mut own: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for option in section.options.iter().filter(|it| is_heard(&it.name)) {
        let all = own.entry(&*option.name).or_default();
        let most = match repeated.contains(&*option.name) {
            true => MAX_REPEATED,
            false => 1,
        };
        if all.len() == most {
            all.remove(0);
        }
        all.push(option);
    }
    if own.is_empty() {
        return Rc::clone(&section.around);
    }
    let around = section.around.iter();
    let around = around.filter(|option| !own.contains_key(&*option.name));
    let own = own
        .values()
        .flatten()
        .map(|&option| Rc::new(option.clone()));
    around.cloned().chain(own).collect()
}
