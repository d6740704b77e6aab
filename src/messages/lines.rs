//! A log, line by line: what is known of it, once each, with counts.

use std::collections::HashMap;

use super::{
    book::Messages,
    pattern::{Hit, Progress},
};

/// Most octets of a line that are shown.
const SHOWN: usize = 240;

/// Octets before what was found that are shown of a longer line.
const BEFORE: usize = 60;

/// A message that was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sighting {
    /// Its number in the book
    pub message: usize,
    /// How many lines have it
    pub count: u64,
    /// The first line that has it, from 1
    pub line: u64,
    /// That line, or the part of it that matters
    pub excerpt: String,
}

impl Sighting {
    /// A message that was named, not found.
    #[must_use]
    pub fn named(message: usize, text: &str) -> Self {
        Self {
            message,
            count: 1,
            line: 1,
            excerpt: text.to_owned(),
        }
    }
}

/// Takes lines, remembers what it knows.
#[derive(Debug)]
pub struct Reader<'b> {
    book: &'b Messages,
    progress: Progress,
    sightings: Vec<Sighting>,
    places: HashMap<usize, usize>,
    lines: u64,
}

impl<'b> Reader<'b> {
    /// Nothing read yet.
    #[must_use]
    pub fn new(book: &'b Messages) -> Self {
        Self {
            progress: book.patterns.progress(),
            book,
            sightings: Vec::new(),
            places: HashMap::new(),
            lines: 0,
        }
    }

    /// Looks at the next line.
    pub fn line(&mut self, line: &[u8]) {
        self.lines += 1;
        let hits = self.book.patterns.hits(line, &mut self.progress);
        let vagueness = |hit: &Hit| self.book.vagueness(self.book.owners[hit.pattern]);
        let least = hits.iter().map(vagueness).min().unwrap_or_default();
        let mut seen = Vec::new();
        for hit in hits.iter().filter(|hit| vagueness(hit) == least) {
            let message = self.book.owners[hit.pattern];
            if seen.contains(&message) {
                continue;
            }
            seen.push(message);
            let place = *self.places.entry(message).or_insert_with(|| {
                self.sightings.push(Sighting {
                    message,
                    count: 0,
                    line: self.lines,
                    excerpt: excerpt(line, hit.span.start),
                });
                self.sightings.len() - 1
            });
            self.sightings[place].count += 1;
        }
    }

    /// How many lines there were.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// What was found, in the order of first appearance.
    #[must_use]
    pub fn sightings(self) -> Vec<Sighting> {
        self.sightings
    }
}

/// A line, or of a long one what stands around `at`.
fn excerpt(line: &[u8], at: usize) -> String {
    let start = match line.len() > SHOWN {
        true => at.saturating_sub(BEFORE),
        false => 0,
    };
    let end = line.len().min(start + SHOWN);
    let text = String::from_utf8_lossy(&line[start..end]);
    let (before, after) = (
        if start > 0 { "…" } else { "" },
        if end < line.len() { "…" } else { "" },
    );
    format!("{before}{}{after}", text.trim())
}
