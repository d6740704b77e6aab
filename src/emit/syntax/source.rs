//! The texts that are read as one: a file, and what it includes.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{
    Blunder, Columns, Found, Headings, Merge, Obstacle, Position, Reason, Short, Stanza, Twins,
};
use crate::emit::{
    manifest::include::{Absence, Directory, Files, From, Include, Listed, NoFiles},
    version::Version,
};

/// How deep files may include each other; Apache goes as deep.
const MAX_DEPTH: usize = 50;

/// How many files are read, and how often an option includes some.
const MAX_FILES: usize = 10_000;

/// How long all that is included may be, in octets.
const MAX_LENGTH: usize = 32 << 20;

/// How many places are told where a file is not as the server reads it.
const MAX_BLUNDERS: usize = 20;

/// What some editors begin files with (Unicode §23.8, byte order mark).
const MARK: char = '\u{feff}';

/// Where a text came from, and what it may include.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// The file
    pub path: &'a Path,
    /// What stands in it
    pub text: &'a str,
    /// Where the others are
    pub files: &'a dyn Files,
}

/// How a server includes files.
#[derive(Clone, Copy, Default)]
pub(in crate::emit) struct Terms<'a> {
    pub(in crate::emit) includes: &'a [Include],
    pub(in crate::emit) format: &'a str,
    pub(in crate::emit) ignores_case: bool,
    /// Sections that only say when what is in them holds
    pub(in crate::emit) conditions: &'a [String],
    /// What lines consist of
    pub(in crate::emit) columns: &'a [Columns],
    /// How variables are called, where not all are meant
    pub(in crate::emit) prefix: Option<&'a str>,
    /// How sections begin, where any does
    pub(in crate::emit) headings: Option<&'a Headings>,
    /// Which groups are read as one
    pub(in crate::emit) merges: &'a [Merge],
    /// The server's version, where somebody said it
    pub(in crate::emit) version: Option<&'a Version>,
    /// Which lines belong together
    pub(in crate::emit) stanzas: &'a [Stanza],
    /// What becomes of a key that stands twice in one place
    pub(in crate::emit) twins: Twins,
    /// Whether `<<` brings in what stands elsewhere (YAML 1.1 §merge)
    pub(in crate::emit) merge_keys: bool,
    /// Whether all words up to the next option are its value
    pub(in crate::emit) greedy: bool,
    /// Options of one letter, where one hyphen begins no others
    pub(in crate::emit) short: Option<&'a Short>,
    /// `#` begins a comment anywhere in a line
    pub(in crate::emit) cuts: bool,
    /// The mark that some editors begin files with is a part of the first word
    pub(in crate::emit) refuses_mark: bool,
    /// The last line has to end
    pub(in crate::emit) ends: bool,
    /// systemd reads the variables
    pub(in crate::emit) by_unit: bool,
}

/// Texts that are read in each other's place.
pub(in crate::emit) struct Source<'a> {
    document: Document<'a>,
    terms: Terms<'a>,
    /// All files that were read, the first of them first
    paths: Vec<PathBuf>,
    indices: HashMap<PathBuf, usize>,
    /// Those that are being read, each including the next
    open: Vec<usize>,
    /// Where relative paths begin, as options have said
    roots: HashMap<&'a str, PathBuf>,
    obstacles: Vec<Obstacle>,
    blunders: Vec<Blunder>,
    doubts: Vec<Position>,
    is_whole: bool,
    is_full: bool,
    /// How many files may still be read
    room: usize,
    /// How many octets may still be read
    length: usize,
    /// How many conditions are open
    pub(super) conditions: usize,
}

/// One text of several.
#[derive(Clone, Copy)]
pub(in crate::emit) struct Text<'t> {
    pub(super) file: usize,
    pub(super) text: &'t str,
}

impl<'t> Text<'t> {
    /// Lines with their places.
    pub(in crate::emit) fn lines(self) -> impl Iterator<Item = (Position, &'t str)> {
        let file = self.file;
        let lines = (1..).zip(self.text.lines());
        lines.map(move |(line, text)| (Position { file, line }, text))
    }
}

/// Something to include, as it was found.
#[derive(Clone, Copy)]
struct Wish<'w> {
    include: &'w Include,
    option: &'w Found,
    /// Whether it is certain where it leads
    is_certain: bool,
}

impl<'a> Source<'a> {
    pub(in crate::emit) fn new(document: Document<'a>, terms: Terms<'a>) -> Self {
        let path = document.path.to_owned();
        let whole = document.text;
        let text = whole.trim_start_matches(MARK);
        let document = Document { text, ..document };
        let mut source = Self {
            document,
            terms,
            paths: vec![path.clone()],
            indices: HashMap::from([(path, 0)]),
            open: vec![0],
            roots: HashMap::new(),
            obstacles: Vec::new(),
            blunders: Vec::new(),
            doubts: Vec::new(),
            is_whole: true,
            is_full: false,
            room: MAX_FILES,
            length: MAX_LENGTH,
            conditions: 0,
        };
        source.judge(0, whole);
        source
    }

    /// Blames what a file begins and ends with.
    fn judge(&mut self, file: usize, text: &str) {
        let at = |line| Position { file, line };
        if self.terms.refuses_mark && text.starts_with(MARK) {
            let message = "a byte order mark (U+FEFF) stands before the first word";
            self.blame(at(1), message);
        }
        if self.terms.ends && !text.is_empty() && !text.ends_with('\n') {
            self.blame(at(text.lines().count()), "the last line does not end");
        }
    }

    /// A text that includes nothing.
    pub(super) fn alone(text: &'a str) -> Self {
        let document = Document {
            path: Path::new(""),
            text,
            files: &NoFiles,
        };
        Self::new(document, Terms::default())
    }

    /// The text that all begins with.
    pub(in crate::emit) fn text(&self) -> Text<'a> {
        let text = self.document.text;
        Text { file: 0, text }
    }

    /// What the manifest says of the files.
    pub(super) fn terms(&self) -> Terms<'a> {
        self.terms
    }

    /// Whether a section only says when what is in it holds.
    pub(super) fn is_condition(&self, word: &str) -> bool {
        let mut conditions = self.terms.conditions.iter();
        conditions.any(|condition| self.is_same(condition, word))
    }

    /// All files that were read, what came in the way, and what is not as the server reads it; whether everything
    /// was read.
    pub(in crate::emit) fn finish(self) -> (Vec<PathBuf>, Vec<Obstacle>, Vec<Blunder>, bool) {
        (self.paths, self.obstacles, self.blunders, self.is_whole)
    }

    /// Remembers what the server does not read; once there is much of it, it is another language.
    pub(super) fn blame(&mut self, position: Position, message: &'static str) {
        if self.blunders.len() < MAX_BLUNDERS {
            self.blunders.push(Blunder { position, message });
        }
    }

    /// Remembers where what follows is read by one version alone, and nobody said which it is.
    pub(super) fn doubt(&mut self, position: Position) {
        if self.doubts.len() < MAX_BLUNDERS {
            self.doubts.push(position);
        }
    }

    /// Where what follows is read by one version alone.
    pub(in crate::emit) fn doubts(&self) -> Vec<Position> {
        self.doubts.clone()
    }

    /// Has what an option includes read in its place.
    pub(super) fn follow(&mut self, option: &Found, read: &mut dyn FnMut(&mut Self, Text<'_>)) {
        self.hear(option);
        let terms = self.terms;
        let includes = terms.includes.iter();
        let mut includes = includes.filter(|include| include.is_in(terms.format));
        let is_meant = |include: &&Include| self.is_same(include.option.get_ref(), &option.name);
        let Some(include) = includes.find(is_meant) else {
            return;
        };
        let Some((path, is_certain)) = self.path(include, option) else {
            return;
        };
        let wish = Wish {
            include,
            option,
            is_certain,
        };
        if self.open.len() > MAX_DEPTH || self.room == 0 {
            return self.report(wish.option, path, Reason::Limit);
        }
        self.room -= 1;
        match include.files(&path, self.document.files, &mut self.room) {
            Ok(listed) if listed.is_empty() && include.is_pattern(&path) => {
                self.absent(wish, path, Absence::Missing);
            }
            Ok(listed) => {
                for listed in listed {
                    self.enter(wish, listed, read);
                }
            }
            Err(absence) => self.absent(wish, path, absence),
        }
    }

    fn enter(&mut self, wish: Wish<'_>, listed: Listed, read: &mut dyn FnMut(&mut Self, Text<'_>)) {
        let path = listed.path;
        if self.open.iter().any(|&open| self.paths[open] == path) {
            return self.report(wish.option, path, Reason::Cycle);
        }
        if self.room == 0 {
            return self.report(wish.option, path, Reason::Limit);
        }
        self.room -= 1;
        let text = match self.document.files.text(&path) {
            Ok(text) => text,
            Err(Absence::OtherKind) if listed.is_met => return,
            Err(absence) => return self.absent(wish, path, absence),
        };
        let Some(length) = self.length.checked_sub(text.len()) else {
            return self.report(wish.option, path, Reason::Limit);
        };
        self.length = length;
        let file = *self.indices.entry(path).or_insert_with_key(|path| {
            self.paths.push(path.clone());
            self.paths.len() - 1
        });
        self.judge(file, &text);
        self.open.push(file);
        let text = text.trim_start_matches(MARK);
        read(self, Text { file, text });
        self.open.pop();
    }

    /// Remembers what says where relative paths begin.
    fn hear(&mut self, option: &Found) {
        let roots = self.terms.includes.iter().flat_map(|include| &include.root);
        let mut roots = roots.map(|root| root.get_ref().as_str());
        let path = Path::new(&option.value);
        if let Some(root) = roots.find(|root| self.is_same(root, &option.name))
            && path.is_absolute()
        {
            self.roots.insert(root, path.to_owned());
        }
    }

    /// Where an option leads, and whether that is certain.
    fn path(&mut self, include: &Include, option: &Found) -> Option<(PathBuf, bool)> {
        let value = Path::new(&option.value);
        if option.value.is_empty() {
            return None;
        }
        if option.value.contains("${") {
            self.report(option, value.to_owned(), Reason::Variable);
            return None;
        }
        let root = include.root.as_ref();
        let root = root.and_then(|root| self.roots.get(root.get_ref().as_str()));
        let main = directory(self.document.path);
        let (from, is_certain) = match (root, include.from) {
            (Some(root), _) => (root.clone(), true),
            (None, From::File) => {
                let file = self.open.last().map(|&file| &self.paths[file]);
                (file.map_or(main, |file| directory(file)).to_owned(), true)
            }
            (None, From::Main) => {
                let home = self.document.files.home(main, &include.main);
                (home.unwrap_or_else(|| main.to_owned()), true)
            }
            (None, From::Process) => (main.to_owned(), value.is_absolute()),
        };
        if !is_certain {
            let path = value.to_owned();
            self.obstacles
                .push(Obstacle::new(option, path, Reason::Relative));
        }
        Some((from.join(value), is_certain))
    }

    fn absent(&mut self, wish: Wish<'_>, path: PathBuf, absence: Absence) {
        match absence {
            Absence::Missing if wish.include.may_miss(&path) || self.conditions > 0 => {}
            Absence::Missing if wish.is_certain => self.report(wish.option, path, Reason::Missing),
            Absence::Missing => self.is_whole = false,
            Absence::OtherKind if wish.include.directory == Directory::Files => {
                self.report(wish.option, path, Reason::NoDirectory);
            }
            Absence::OtherKind => self.report(wish.option, path, Reason::NoFile),
            Absence::Refused(words) => self.report(wish.option, path, Reason::Unreadable(words)),
        }
    }

    fn report(&mut self, option: &Found, path: PathBuf, reason: Reason) {
        self.is_whole = false;
        // Once there is too much, there is no end of it.
        if reason != Reason::Limit || !self.is_full {
            self.is_full |= reason == Reason::Limit;
            self.obstacles.push(Obstacle::new(option, path, reason));
        }
    }

    fn is_same(&self, known: &str, name: &str) -> bool {
        match self.terms.ignores_case {
            true => known.eq_ignore_ascii_case(name),
            false => known == name,
        }
    }
}

impl Obstacle {
    fn new(option: &Found, path: PathBuf, reason: Reason) -> Self {
        Self {
            position: option.position,
            path,
            reason,
        }
    }
}

fn directory(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// A text's sections with their options, as tests compare them, and how many blunders stand in it.
#[cfg(test)]
pub(super) fn shown(
    terms: Terms<'_>,
    text: &str,
    sections: fn(&mut Source<'_>) -> Vec<super::Section>,
) -> (String, usize) {
    let document = Document {
        path: Path::new(""),
        text,
        files: &NoFiles,
    };
    let mut source = Source::new(document, terms);
    let shown = |section: &super::Section| {
        let pair = |option: &Found| format!(" {}={}", option.name, option.value);
        let options: String = section.options.iter().map(pair).collect();
        format!("{}:{options}", section.name)
    };
    let found: Vec<_> = sections(&mut source).iter().map(shown).collect();
    (found.join(" | "), source.finish().2.len())
}
