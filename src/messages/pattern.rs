//! Many patterns found in one pass over a text: the time is that of the text's length, whatever it holds.
//!
//! A pattern is literal text, in which `*` stands for anything within the line, blanks around it included. It matches whole words only, and
//! does not tell capitals from small letters.

use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

/// All patterns, compiled.
#[derive(Debug)]
pub(super) struct Patterns {
    automaton: AhoCorasick,
    /// For each piece the patterns that it stands in, and the where among their pieces
    uses: Vec<Vec<(usize, usize)>>,
    /// How many pieces each pattern has, and how many octets they are
    shapes: Vec<(usize, usize)>,
}

/// How far each pattern has come within a line.
#[derive(Debug)]
pub(super) struct Progress {
    /// Pieces seen, where the first began and the last ended
    of: Vec<(usize, Range<usize>)>,
    touched: Vec<usize>,
}

/// A pattern that a line holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Hit {
    pub(super) pattern: usize,
    pub(super) span: Range<usize>,
}

impl Patterns {
    pub(super) fn new<'p>(patterns: impl Iterator<Item = &'p str>) -> Result<Self, BuildError> {
        let (mut pieces, mut uses, mut shapes): (Vec<&str>, Vec<Vec<_>>, _) = Default::default();
        let mut known = std::collections::HashMap::new();
        for (number, pattern) in patterns.enumerate() {
            let parts = pattern.split('*').map(str::trim);
            let parts = parts.filter(|part| !part.is_empty());
            let mut shape = (0, 0);
            for (place, piece) in parts.enumerate() {
                let id = *known.entry(piece.to_ascii_lowercase()).or_insert_with(|| {
                    pieces.push(piece);
                    uses.push(Vec::new());
                    pieces.len() - 1
                });
                uses[id].push((number, place));
                shape = (place + 1, shape.1 + piece.len());
            }
            Vec::push(&mut shapes, shape);
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(pieces)?;
        Ok(Self {
            automaton,
            uses,
            shapes,
        })
    }

    /// Nothing seen yet.
    pub(super) fn progress(&self) -> Progress {
        Progress {
            of: vec![(0, 0..0); self.shapes.len()],
            touched: Vec::new(),
        }
    }

    /// The patterns in a line, from left to right; of those that overlap, the longest alone.
    pub(super) fn hits(&self, line: &[u8], progress: &mut Progress) -> Vec<Hit> {
        let mut hits = Vec::new();
        for found in self.automaton.find_overlapping_iter(line) {
            for &(pattern, place) in &self.uses[found.pattern().as_usize()] {
                let (seen, span) = &mut progress.of[pattern];
                let is_first = place == 0;
                let is_last = place + 1 == self.shapes[pattern].0;
                if *seen != place
                    || !is_first && found.start() < span.end
                    || is_first && !begins_word(line, found.start())
                    || is_last && !ends_word(line, found.end())
                {
                    continue;
                }
                if is_first {
                    progress.touched.push(pattern);
                    span.start = found.start();
                }
                span.end = found.end();
                *seen += 1;
                if is_last {
                    let span = span.clone();
                    hits.push(Hit { pattern, span });
                }
            }
        }
        for pattern in progress.touched.drain(..) {
            progress.of[pattern] = (0, 0..0);
        }
        self.longest(hits)
    }

    fn longest(&self, mut hits: Vec<Hit>) -> Vec<Hit> {
        hits.sort_by_key(|hit| (usize::MAX - self.shapes[hit.pattern].1, hit.pattern));
        let mut kept: Vec<Hit> = Vec::new();
        for hit in hits {
            let apart =
                |other: &Hit| hit.span.end <= other.span.start || other.span.end <= hit.span.start;
            if kept.iter().all(apart) {
                kept.push(hit);
            }
        }
        kept.sort_by_key(|hit| hit.span.start);
        kept
    }
}

fn is_word(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'_'
}

fn begins_word(line: &[u8], start: usize) -> bool {
    start == 0 || !is_word(line[start]) || !is_word(line[start - 1])
}

fn ends_word(line: &[u8], end: usize) -> bool {
    end == line.len() || !is_word(line[end]) || !is_word(line[end - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_whole_words_and_the_longest() {
        let all = [
            "unknown ca",
            "alert unknown ca",
            "reading * failed (SSL: *)",
            "key values mismatch",
            "alert 4",
        ];
        let patterns = Patterns::new(all.into_iter()).expect("few");
        let mut progress = patterns.progress();
        for (line, expected) in [
            ("", &[][..]),
            ("tlsv1 alert unknown CA:s3_pkt.c", &[1]),
            ("Unknown CA", &[0]),
            ("unknown cause, an unknown call", &[]),
            ("my_unknown ca", &[]),
            ("reading x failed (SSL: key values mismatch)", &[2]),
            ("failed (SSL: reading )", &[]),
            ("unknown ca, key values mismatch", &[0, 3]),
            ("key values mismatch, unknown ca, unknown ca", &[3, 0]),
            ("alert 48", &[]),
            ("alert 4", &[4]),
        ] {
            let hits = patterns.hits(line.as_bytes(), &mut progress);
            let found: Vec<_> = hits.iter().map(|hit| hit.pattern).collect();
            assert_eq!(found, expected, "{line}");
        }
    }
}
