//! Where the texts of a format go, and how they are read.

use std::path::Path;

use super::{Format, include::NoFiles, option::words};
use crate::emit::{
    syntax::{Document, Found, Section, Source, Terms},
    version::Version,
};

/// Stands for a node's name where paths on it are told.
const NODE: &str = "NODE";

impl Format {
    /// Whether all lines of some words can be its.
    #[must_use]
    pub fn takes_any_line(&self) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|columns| columns.first.is_empty())
    }

    /// The directives that exist in a version.
    pub fn directives<'a>(&'a self, version: &'a Version) -> impl Iterator<Item = &'a str> {
        words(&self.directives, version)
    }

    /// What a node's file is called, outside of the node: as on it, or, where it has no place there, as the
    /// server and the format.
    #[must_use]
    pub fn file_name(&self, server: &str, node: &str) -> String {
        match self.path.rsplit('/').next() {
            None | Some("") => format!("{server}.{}", self.name),
            Some(name) => name.replace(NODE, node),
        }
    }

    /// Where the text goes on a node; empty where there is no such place.
    #[must_use]
    pub fn place(&self, node: &str) -> String {
        self.path.replace(NODE, node)
    }

    /// How a text of this format is read that includes nothing.
    pub(in crate::emit) fn alone(&self) -> Terms<'_> {
        Terms {
            columns: &self.columns,
            prefix: self.prefix.as_deref(),
            headings: self.headings.as_ref(),
            merges: &self.merges,
            stanzas: &self.stanzas,
            twins: self.twins,
            merge_keys: self.merge_keys,
            greedy: self.greedy,
            short: self.short.as_ref(),
            cuts: self.cuts,
            refuses_mark: self.refuses_mark,
            ends: self.ends,
            ..Terms::default()
        }
    }

    /// All options of a text, in their order, as [`crate::emit::Syntax::options`].
    #[must_use]
    pub fn options(&self, text: &str) -> Vec<Found> {
        let document = Document {
            path: Path::new(""),
            text,
            files: &NoFiles,
        };
        let mut source = Source::new(document, self.alone());
        let sections = self.sections(&mut source);
        let gathered = self.syntax.map(|it| it.gathered(sections));
        gathered.unwrap_or_default()
    }

    /// Reads the sections out of a text, and what it includes.
    pub(in crate::emit) fn sections(&self, source: &mut Source<'_>) -> Vec<Section> {
        let sections = self.syntax.map(|it| it.sections(source));
        let mut sections = sections.unwrap_or_default();
        let options = sections.iter_mut().flat_map(|section| &mut section.options);
        for option in options.filter(|_| self.joined) {
            if let Some((name, value)) = option.name.clone().split_once('=') {
                name.clone_into(&mut option.name);
                value.clone_into(&mut option.value);
            }
        }
        let options = sections.iter_mut().flat_map(|section| &mut section.options);
        for option in options {
            option.literal |= self.literal;
            if let Some(name) = self.renamed(&option.name) {
                option.name = name;
            }
        }
        sections
    }

    /// What the option is called that has this name in the files, where that is something else.
    pub(in crate::emit) fn renamed(&self, name: &str) -> Option<String> {
        if self.hyphens {
            return Some(name.replace('_', "-"));
        }
        let renamed = |(from, to): &(String, String)| {
            let (begin, rest) = name.split_at_checked(from.len())?;
            let is_begin = match self.ignores_case {
                true => begin.eq_ignore_ascii_case(from),
                false => begin == from,
            };
            let is_meant = rest.is_empty() || from.ends_with(['.', '-', '_']);
            (is_begin && is_meant).then(|| format!("{to}{rest}"))
        };
        self.renames.iter().find_map(renamed)
    }

    /// How an option stands in the files whose name here is another.
    pub(crate) fn written(&self, name: &str) -> Option<String> {
        // Those of whole blocks stand before those of what is misplaced.
        let mut renames = self.renames.iter().rev().filter(|(_, to)| !to.is_empty());
        renames.find_map(|(from, to)| {
            let rest = name.strip_prefix(to.as_str())?;
            let is_meant = rest.is_empty() || from.ends_with(['.', '-']);
            is_meant.then(|| format!("{from}{rest}"))
        })
    }
}
