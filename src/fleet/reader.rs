//! Reads TOML tables key by key, and keeps every mistake with its place.

use std::{collections::HashSet, fmt::Display, iter, ops::Range, str::FromStr};

use time::Duration;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::keys::Key;
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    nearest::nearest,
    pki::validity::MAX_LIFE,
};

/// A file and its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    pub(super) index: &'a Index,
}

/// Finds lines and columns: asked for each entry, a place must cost no search of the text, nor of a line,
/// which may be all the text.
#[derive(Debug)]
pub(super) struct Index {
    /// Where lines begin, in octets
    lines: Vec<usize>,
    /// How many characters begin before every [`STEP`]th octet
    characters: Vec<usize>,
}

/// Octets that are counted one by one at most.
const STEP: usize = 1024;

impl Index {
    pub(super) fn of(text: &str) -> Self {
        let after = text.match_indices('\n').map(|(position, _)| position + 1);
        let steps = text.as_bytes().chunks(STEP);
        let before = steps.scan(0, |count, step| {
            Some(std::mem::replace(count, *count + characters(step)))
        });
        Self {
            lines: iter::once(0).chain(after).collect(),
            characters: before.collect(),
        }
    }

    /// How many characters begin before an octet.
    fn characters_before(&self, text: &str, octet: usize) -> usize {
        let step = octet / STEP;
        let Some(before) = self.characters.get(step) else {
            return text.chars().count();
        };
        let rest = text.as_bytes().get(step * STEP..octet);
        before + rest.map_or(0, characters)
    }

    /// The line and the column of an octet, from 1.
    fn place(&self, text: &str, octet: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|begin| *begin <= octet).max(1);
        let begin = self.lines.get(line - 1).copied().unwrap_or_default();
        let characters = |octet| self.characters_before(text, octet);
        (line, characters(octet) - characters(begin) + 1)
    }
}

/// Characters that begin in these octets of UTF-8.
fn characters(octets: &[u8]) -> usize {
    octets.iter().filter(|octet| *octet & 0xc0 != 0x80).count()
}

impl Source<'_> {
    /// A mistake at a range of octets; at the beginning where there is none.
    pub(super) fn at(&self, span: Option<Range<usize>>, message: &str) -> Diagnostic {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        let (line, column) = self.index.place(self.text, start);
        Diagnostic {
            file: self.name.to_owned(),
            line,
            column,
            message: message.to_owned(),
            hint: None,
        }
    }
}

/// Longest string in octets, that of a path: every entry has its own copy of what stands in the defaults.
const MAX_TEXT: usize = 4096;
/// Longest string of a list: it can be a list itself, with commas.
const MAX_LIST: usize = 1 << 16;

/// Strings, each with its place.
pub(super) type Strings = Vec<(String, Range<usize>)>;

/// Mistakes so far.
#[derive(Debug, Default)]
pub(super) struct Mistakes(HashSet<Diagnostic>);

impl Mistakes {
    /// Adds one, unless it is known: what is wrong in the defaults is found in every entry.
    pub(super) fn add(&mut self, mistake: Diagnostic) {
        self.0.insert(mistake);
    }

    /// The value, or a mistake at its place.
    pub(super) fn taken<T, E: Display>(
        &mut self,
        source: Source<'_>,
        span: &Range<usize>,
        result: Result<T, E>,
    ) -> Option<T> {
        result
            .map_err(|error| self.add(source.at(Some(span.clone()), &error.to_string())))
            .ok()
    }

    pub(super) fn or<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.0.is_empty() {
            return Ok(value);
        }
        let mut mistakes: Vec<_> = self.0.into_iter().collect();
        let place = |it: &Diagnostic| (it.file.clone(), it.line, it.column, it.message.clone());
        mistakes.sort_by_cached_key(place);
        Err(Diagnostics(mistakes))
    }
}

/// One table of a file.
#[derive(Clone, Debug)]
pub(super) struct Table<'a> {
    pub(super) source: Source<'a>,
    keys: &'a DeTable<'a>,
    span: Range<usize>,
}

impl<'a> Table<'a> {
    pub(super) fn new(source: Source<'a>, table: &'a DeTable<'a>, span: Range<usize>) -> Self {
        Self {
            source,
            keys: table,
            span,
        }
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.keys
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// A mistake at a key's value, or at the table where the key is missing.
    pub(super) fn position(&self, key: &str, message: &str) -> Diagnostic {
        let span = self
            .value(key)
            .map_or_else(|| self.span.clone(), Spanned::span);
        self.source.at(Some(span), message)
    }

    /// Reports every key that is none of `known`, with the nearest that is.
    pub(super) fn only(&self, known: &[Key], mistakes: &mut Mistakes) {
        for (key, _) in self.keys {
            let name = key.get_ref().as_ref();
            if known.iter().any(|known| known.name == name) {
                continue;
            }
            let message = format!("unknown key `{name}`");
            let mut mistake = self.source.at(Some(key.span()), &message);
            let near = nearest(name, known.iter().map(|known| known.name));
            mistake.hint = near.map(|word| format!("did you mean `{word}`?"));
            mistakes.add(mistake);
        }
    }

    fn wrong(&self, key: &str, expected: &str, mistakes: &mut Mistakes) {
        mistakes.add(self.position(key, &format!("`{key}` must be {expected}")));
    }

    pub(super) fn string(&self, key: &str, mistakes: &mut Mistakes) -> Option<String> {
        match self.value(key)?.get_ref() {
            DeValue::String(text) if text.len() <= MAX_TEXT => Some(text.to_string()),
            DeValue::String(_) => {
                self.wrong(key, &format!("{MAX_TEXT} octets long at most"), mistakes);
                None
            }
            _ => {
                self.wrong(key, "a string", mistakes);
                None
            }
        }
    }

    pub(super) fn boolean(&self, key: &str, mistakes: &mut Mistakes) -> Option<bool> {
        match self.value(key)?.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            _ => {
                self.wrong(key, "true or false", mistakes);
                None
            }
        }
    }

    pub(super) fn integer(
        &self,
        key: &str,
        least: i64,
        most: i64,
        mistakes: &mut Mistakes,
    ) -> Option<i64> {
        let number = match self.value(key)?.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.wrong(
                key,
                &format!("a whole number from {least} to {most}"),
                mistakes,
            );
        }
        number
    }

    /// `days`, as a duration.
    pub(super) fn days(&self, mistakes: &mut Mistakes) -> Option<Duration> {
        let most = MAX_LIFE.whole_days();
        self.integer("days", 1, most, mistakes).map(Duration::days)
    }

    /// A string that is read as something else.
    pub(super) fn parsed<T: FromStr<Err: Display>>(
        &self,
        key: &str,
        mistakes: &mut Mistakes,
    ) -> Option<T> {
        let text = self.string(key, mistakes)?;
        text.parse()
            .map_err(|error: T::Err| mistakes.add(self.position(key, &error.to_string())))
            .ok()
    }

    /// Like [`Self::parsed`], and a mistake where the key is missing.
    pub(super) fn required<T: FromStr<Err: Display>>(
        &self,
        key: &str,
        mistakes: &mut Mistakes,
    ) -> Option<T> {
        if self.value(key).is_none() {
            mistakes.add(self.position(key, &format!("`{key}` is missing")));
        }
        self.parsed(key, mistakes)
    }

    /// A string, or a list of strings, with the place of each.
    pub(super) fn strings(&self, key: &str, mistakes: &mut Mistakes) -> Strings {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let values: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            _ => vec![value],
        };
        let mut strings = Vec::new();
        for value in values {
            match value.get_ref() {
                DeValue::String(text) if text.len() <= MAX_LIST => {
                    strings.push((text.to_string(), value.span()));
                }
                DeValue::String(_) => {
                    let message = format!("a string of `{key}` has {MAX_LIST} octets at most");
                    mistakes.add(self.source.at(Some(value.span()), &message));
                }
                _ => mistakes.add(
                    self.source
                        .at(Some(value.span()), &format!("`{key}` must hold strings")),
                ),
            }
        }
        strings
    }

    pub(super) fn table(&self, key: &str, mistakes: &mut Mistakes) -> Option<Self> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::new(self.source, table, value.span())),
            _ => {
                self.wrong(key, &format!("a table: [{key}]"), mistakes);
                None
            }
        }
    }

    /// An array of tables, `[[key]]`.
    pub(super) fn tables(&self, key: &str, mistakes: &mut Mistakes) -> Vec<Self> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong(key, &format!("a list of tables: [[{key}]]"), mistakes);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in array {
            match value.get_ref() {
                DeValue::Table(table) => tables.push(Self::new(self.source, table, value.span())),
                _ => mistakes.add(self.source.at(
                    Some(value.span()),
                    &format!("`{key}` must hold tables: [[{key}]]"),
                )),
            }
        }
        tables
    }
}
