//! The sections of an extfile and their entries, whatever they mean.

use std::collections::{BTreeMap, HashMap};

use super::{
    mistakes::Mistakes,
    text::{Item, Text},
};

/// The section of what stands before the first header.
pub(super) const DEFAULT_SECTION: &str = "default";

/// All sections of a file and of what it includes.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Names of the files that were read
    pub(super) files: Vec<String>,
    /// Where the text breaks the grammar
    pub(super) mistakes: Mistakes,
    /// In alphabetical order
    sections: BTreeMap<String, Section>,
}

#[derive(Debug, Default)]
struct Section {
    /// `None` where a later entry of the same name took the place
    entries: Vec<Option<Entry>>,
    by_name: HashMap<String, usize>,
}

#[derive(Debug)]
struct Entry {
    name: Text,
    /// `None` where a mistake in it has been reported
    value: Option<Text>,
}

impl Section {
    fn insert(&mut self, entry: Entry) {
        let name = entry.name.as_word().as_str().to_owned();
        if let Some(earlier) = self.by_name.insert(name, self.entries.len()) {
            self.entries[earlier] = None;
        }
        self.entries.push(Some(entry));
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries[*self.by_name.get(name)?].as_ref()
    }
}

impl Config {
    /// Opens a section, which may have been opened before.
    pub(super) fn open(&mut self, section: &str) {
        self.sections.entry(section.to_owned()).or_default();
    }

    /// Adds an entry; an earlier one of the same name goes, as OpenSSL has it.
    pub(super) fn insert(&mut self, section: &str, name: Text, value: Option<Text>) {
        let section = self.sections.entry(section.to_owned()).or_default();
        section.insert(Entry { name, value });
    }

    /// The entries of a section, in their order, without those that are broken.
    pub(super) fn section(&self, name: &str) -> Option<Vec<Item<'_>>> {
        let entries = self.sections.get(name)?.entries.iter().flatten();
        let items = entries.filter_map(|entry| {
            Some(Item {
                name: entry.name.as_word(),
                value: Some(entry.value.as_ref()?.as_word()),
            })
        });
        Some(items.collect())
    }

    /// The names of all sections, in their alphabetical order.
    pub(super) fn section_names(&self) -> impl Iterator<Item = &str> {
        self.sections.keys().map(String::as_str)
    }

    /// What `$section::name` stands for; no mistakes, but an error, where they are reported already.
    pub(super) fn variable(&self, section: &str, name: &str) -> Option<Result<&Text, Mistakes>> {
        let entry = self.sections.get(section)?.entry(name)?;
        Some(entry.value.as_ref().ok_or_else(Mistakes::default))
    }
}
