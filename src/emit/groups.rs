//! Options whose names hold the name of one of several things alike: EMQX's listeners.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    manifest::{Format, Manifest},
    server::Server,
    syntax::{Found, Section, Source},
};

/// `listeners.ssl.NAME.…`, each NAME with options of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What stands before the name
    pub of: Vec<String>,
    /// How names begin for which the manifest knows the options
    #[serde(rename = "as")]
    pub known_as: String,
}

impl Server {
    /// Reads the sections out of a text, and what it includes; each thing of a group is one.
    pub(super) fn sections(&self, format: &Format, source: &mut Source<'_>) -> Vec<Section> {
        let mut sections = format.sections(source);
        for section in &mut sections {
            self.manifest.open(section);
        }
        if self.manifest.groups.is_empty() {
            return sections;
        }
        let (mut things, mut known) = (Vec::new(), HashMap::new());
        for section in &mut sections {
            for option in std::mem::take(&mut section.options) {
                let Some((thing, name)) = self.manifest.grouped(&option.name) else {
                    section.options.push(option);
                    continue;
                };
                let option = Found { name, ..option };
                let index = *known.entry(thing).or_insert_with_key(|thing| {
                    things.push(Section::of(thing.clone(), option.position));
                    things.len() - 1
                });
                things[index].options.push(option);
            }
        }
        sections.extend(things);
        sections
    }
}

impl Manifest {
    /// What an option is about, where that is one of a group, and the option as it is known.
    fn grouped(&self, name: &str) -> Option<(String, String)> {
        self.groups.iter().find_map(|group| {
            group.of.iter().find_map(|of| {
                let rest = name.strip_prefix(of.as_str())?.strip_prefix('.')?;
                let (thing, rest) = match rest.split_once('.') {
                    Some((thing, rest)) => (thing, format!(".{rest}")),
                    None => (rest, String::new()),
                };
                Some((format!("{of}.{thing}"), format!("{}{rest}", group.known_as)))
            })
        })
    }
}
