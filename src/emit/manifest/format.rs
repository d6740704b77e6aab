//! Where the texts of a format go, and how they are read.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::{
    command_line::CommandLine,
    include::NoFiles,
    option::{Choice, words},
};
use crate::emit::{
    syntax::{
        Columns, Document, Found, Headings, Merge, Section, Short, Source, Stanza, Syntax, Terms,
        Twins,
    },
    version::Version,
};

/// Stands for a node's name where paths on it are told.
const NODE: &str = "NODE";

/// One kind of snippet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// As `--as` takes it
    pub name: String,
    /// What it is
    pub title: String,
    /// The template's file
    pub template: Spanned<String>,
    /// Where the text goes on a node
    #[serde(default)]
    pub path: String,
    /// What such files are often called besides
    #[serde(default)]
    pub names: Vec<String>,
    /// Of what one stands in each text of it, where these are not read; it tells them from those that are
    #[serde(default)]
    pub holds: Vec<String>,
    /// Options that stand in no other format of the server, and tell it from those where names do not
    #[serde(default)]
    pub marks: Vec<Spanned<String>>,
    /// Endpoints that it can speak of; all where it says nothing
    pub listeners: Option<Vec<Spanned<String>>>,
    /// Options and parameters without which it cannot be written
    #[serde(default)]
    pub requires: Vec<Spanned<String>>,
    /// Characters that no value may contain, because the format cannot quote them
    #[serde(default)]
    pub forbidden: String,
    /// Options become arguments of a process, which every user of the machine can read
    #[serde(default)]
    pub arguments: bool,
    /// The text holds a secret whatever is asked
    #[serde(default)]
    pub secret: bool,
    /// Where a container mounts the certificates
    pub mount: Option<String>,
    /// How options stand in the text
    pub syntax: Option<Syntax>,
    /// The only sections that count; any where it says nothing
    #[serde(default)]
    pub sections: Vec<String>,
    /// What its lines consist of, where that is columns
    #[serde(default)]
    pub columns: Vec<Columns>,
    /// How its sections begin, where that is assignments and any does
    pub headings: Option<Headings>,
    /// Which of its groups are read as one
    #[serde(default)]
    pub merges: Vec<Merge>,
    /// Which of its lines belong together, where that is stanzas
    #[serde(default)]
    pub stanzas: Vec<Stanza>,
    /// An expression: where it is true of a section, those that follow have `after`
    pub after: Option<Spanned<String>>,
    /// Names may be written in upper and lower case, although in other formats they may not
    #[serde(default)]
    pub ignores_case: bool,
    /// What becomes of a key that stands twice in one place
    #[serde(default)]
    pub twins: Twins,
    /// The server's YAML knows `<<`, which brings in what stands elsewhere
    #[serde(default)]
    pub merge_keys: bool,
    /// An option and its value may also be one word: `--key=value`
    #[serde(default)]
    pub joined: bool,
    /// All words up to the next option are its value
    #[serde(default)]
    pub greedy: bool,
    /// One hyphen begins options of one letter alone
    pub(in crate::emit) short: Option<Short>,
    /// `#` begins a comment wherever it stands, but behind a backslash, and lines of words that begin with no option
    /// are passed over
    #[serde(default)]
    pub cuts: bool,
    /// How the server is called with them, where it takes them as Go does
    pub command: Option<CommandLine>,
    /// How its variables begin, where others may stand beside them
    pub prefix: Option<String>,
    /// `_` in the names of its files is `-` in those of options
    #[serde(default)]
    pub hyphens: bool,
    /// Names in its files, or their beginnings up to `.`, `-` or `_`, and what stands for them in those of options: the first
    #[serde(default)]
    pub renames: Vec<(String, String)>,
    /// Words of another program's language that the template writes
    #[serde(default)]
    pub directives: Vec<Choice>,
    /// No value of it holds a variable, although in other formats some may
    #[serde(default)]
    pub literal: bool,
    /// The mark with which some editors begin files is a part of the first word to the server
    #[serde(default)]
    pub refuses_mark: bool,
    /// systemd reads its variables, as an `EnvironmentFile`
    #[serde(default)]
    pub by_unit: bool,
    /// The server refuses a file whose last line does not end
    #[serde(default)]
    pub ends: bool,
    /// The server passes over options of its files that it does not know
    #[serde(default)]
    pub lenient: bool,
    /// Its files hold these alone, and none of the server's other options
    #[serde(default)]
    pub apart: bool,
}

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
