//! What a server's manifest knows of the names in its files, and of their sections.

use std::collections::{HashMap, HashSet};

use crate::emit::{
    manifest::{Format, endpoint::Endpoint},
    server::Server,
    syntax::{Found, Section, Source, Terms, typed::Typed},
};

/// Sections for the things of groups.
#[derive(Default)]
struct Things {
    sections: Vec<Section>,
    known: HashMap<String, usize>,
}

impl Things {
    fn add(&mut self, thing: String, option: Found) {
        let sections = &mut self.sections;
        let index = *self.known.entry(thing).or_insert_with_key(|thing| {
            sections.push(Section::of(thing.clone(), option.position));
            sections.len() - 1
        });
        sections[index].options.push(option);
    }
}

impl Server {
    /// Reads the sections out of a text, and what it includes; each thing of a group is one.
    pub(in crate::emit) fn sections(
        &self,
        format: &Format,
        source: &mut Source<'_>,
    ) -> Vec<Section> {
        let mut sections = format.sections(source);
        self.spell_out(format, &mut sections);
        for section in &mut sections {
            for inner in &self.manifest.inner {
                inner.open(section, self.manifest.ignores_case);
            }
        }
        if self.manifest.groups.is_empty() {
            return sections;
        }
        let mut things = Things::default();
        let said = self.list_things(&sections, &mut things);
        let is_listed = !things.sections.is_empty();
        for section in &mut sections {
            for option in std::mem::take(&mut section.options) {
                let mut groups = self.manifest.groups.iter();
                let found = groups.find_map(|group| group.named(&option.name));
                match found {
                    Some((thing, name)) => things.add(thing, Found { name, ..option }),
                    None => section.options.push(option),
                }
            }
        }
        // Of what no list begins, others may still say something: a peer is spoken to as one that is not there.
        for (thing, option) in said {
            if things.known.contains_key(&thing) {
                things.add(thing, option);
            }
        }
        if is_listed {
            sections[0].has_others = true;
            for thing in &mut things.sections {
                thing.outer = Some(0);
            }
        }
        sections.extend(things.sections);
        sections
    }

    /// Begins each thing that the first section lists; what is said there of others.
    fn list_things(&self, sections: &[Section], things: &mut Things) -> Vec<(String, Found)> {
        let mut others = Vec::new();
        let options = sections.first().map_or(&[][..], |first| &first.options);
        for group in &self.manifest.groups {
            for (thing, option, tells) in group.listed(options) {
                match tells || things.known.contains_key(&thing) {
                    true => things.add(thing, option),
                    false => others.push((thing, option)),
                }
            }
        }
        others
    }

    /// How the server includes files.
    pub(in crate::emit) fn terms<'a>(&'a self, format: &'a Format) -> Terms<'a> {
        Terms {
            includes: &self.manifest.includes,
            format: &format.name,
            ignores_case: self.manifest.ignores_case,
            conditions: &self.manifest.conditions,
            columns: &format.columns,
            headings: format.headings.as_ref(),
            merges: &format.merges,
            version: None,
            prefix: format.prefix.as_deref(),
            stanzas: &format.stanzas,
            twins: format.twins,
            merge_keys: format.merge_keys,
            greedy: format.greedy,
            short: format.short.as_ref(),
            cuts: format.cuts,
            refuses_mark: format.refuses_mark,
            by_unit: format.by_unit,
            ends: format.ends,
        }
    }

    /// What a format's files say about TLS.
    pub(in crate::emit) fn endpoints(&self, format: &Format) -> impl Iterator<Item = &Endpoint> {
        let endpoints = self.manifest.endpoints.iter();
        endpoints.filter(|endpoint| endpoint.is_in(&format.name))
    }

    /// All names that may stand in a format's files, as far as they are known.
    pub fn names<'a>(&'a self, format: &'a Format) -> impl Iterator<Item = &'a str> {
        let options = self.manifest.options.keys().map(String::as_str);
        let others = self.manifest.others.iter().map(String::as_str);
        let shared = options
            .chain(others)
            .chain(self.manifest.existing())
            .chain(self.manifest.types.iter().flat_map(Typed::names))
            .chain(self.includes(format));
        let own = format.directives(self.manifest.newest());
        own.chain(shared.filter(|_| !format.apart))
    }

    /// Options that include other files.
    pub(in crate::emit) fn includes<'a>(
        &'a self,
        format: &'a Format,
    ) -> impl Iterator<Item = &'a str> {
        let includes = self.manifest.includes.iter();
        let includes = includes.filter(|include| include.is_in(&format.name));
        includes.map(|include| include.option.get_ref().as_str())
    }

    /// Options of which all count.
    pub(in crate::emit) fn repeated(&self) -> HashSet<&str> {
        let options = self.manifest.options.iter();
        let options = options.filter(|(_, spec)| spec.repeat);
        let repeated = self.manifest.repeated.iter();
        let repeated = repeated.map(|name| name.get_ref().as_str());
        options
            .map(|(name, _)| name.as_str())
            .chain(repeated)
            .collect()
    }

    /// Whether the server has no options but those that are known.
    pub(super) fn knows_all(&self) -> bool {
        self.manifest.complete.iter().any(String::is_empty)
    }
}
