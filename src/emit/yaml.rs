//! YAML as trees whose nodes know their lines. What an alias stands for is shared, not copied.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use thiserror::Error;

/// How deep a text may be nested.
const MAX_DEPTH: usize = 64;

/// How many merged mappings are looked into, one below the other.
const MAX_MERGES: usize = 8;

/// Why a text is no tree.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{message}")]
pub struct YamlError {
    /// From 1
    pub line: usize,
    /// In the parser's words
    pub message: String,
}

pub(super) type Rc = std::rc::Rc<Node>;

/// A part of a document.
#[derive(Debug)]
pub(super) struct Node {
    /// From 1
    pub(super) line: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Keys and values in turn
    Mapping(Vec<Rc>),
    /// A text, and whether it stands without quotes
    Scalar(String, bool),
    Sequence(Vec<Rc>),
}

/// A node that has begun.
struct Open {
    anchor: usize,
    line: usize,
    is_mapping: bool,
    parts: Vec<Rc>,
}

/// The documents of a text.
pub(super) fn documents(text: &str) -> Result<Vec<Rc>, YamlError> {
    let mut builder = Builder::default();
    // To the parser, what is missing at the end stands in a line that may not be there any more.
    let last = text.lines().count().max(1);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| YamlError {
            line: error.marker().line().clamp(1, last),
            message: error.info().to_owned(),
        })?;
        builder.take(event, span.start.line().clamp(1, last))?;
    }
    Ok(builder.documents)
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Rc>,
    documents: Vec<Rc>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), YamlError> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let is_plain = style == ScalarStyle::Plain;
                self.add(anchor, line, Kind::Scalar(text.into_owned(), is_plain));
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, line, false)?,
            Event::MappingStart(anchor, _) => self.begin(anchor, line, true)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let kind = match open.is_mapping {
                        true => Kind::Mapping(open.parts),
                        false => Kind::Sequence(open.parts),
                    };
                    self.add(open.anchor, open.line, kind);
                }
            }
            Event::Alias(anchor) => {
                if let Some(node) = self.anchors.get(&anchor) {
                    let node = Rc::clone(node);
                    self.put(node);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, line: usize, is_mapping: bool) -> Result<(), YamlError> {
        if self.open.len() == MAX_DEPTH {
            let message = format!("it is nested deeper than {MAX_DEPTH}");
            return Err(YamlError { line, message });
        }
        self.open.push(Open {
            anchor,
            line,
            is_mapping,
            parts: Vec::new(),
        });
        Ok(())
    }

    fn add(&mut self, anchor: usize, line: usize, kind: Kind) {
        let node = Rc::new(Node { line, kind });
        // What has none has 0.
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.put(node);
    }

    fn put(&mut self, node: Rc) {
        match self.open.last_mut() {
            Some(open) => open.parts.push(node),
            None => self.documents.push(node),
        }
    }
}

impl Node {
    /// The value of a key, perhaps of a mapping that is merged.
    pub(super) fn get(&self, key: &str) -> Option<&Rc> {
        self.find(key, MAX_MERGES)
    }

    fn find(&self, key: &str, merges: usize) -> Option<&Rc> {
        let named = |name: &str| {
            let mut pairs = self.pairs();
            let found = pairs.find(|(key, _)| key.text() == Some(name));
            found.map(|(_, value)| value)
        };
        if let Some(value) = named(key) {
            return Some(value);
        }
        let base = named("<<").filter(|_| merges > 0)?;
        let one = std::iter::once(base).filter(|it| matches!(it.kind, Kind::Mapping(_)));
        let mut all = one.chain(base.items());
        all.find_map(|mapping| mapping.find(key, merges - 1))
    }

    /// The value below several keys.
    pub(super) fn below(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter()
            .try_fold(self, |node, key| node.get(key).map(|it| &**it))
    }

    /// A value that is one text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Whether it is one text without quotes, which may be a number or a truth.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Scalar(_, true))
    }

    /// The text of a key's value.
    pub(super) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// Keys and values, with those of the mappings that are merged below `<<`; the node's own come first.
    pub(super) fn merged(&self) -> Vec<(&Rc, &Rc)> {
        self.gathered(MAX_MERGES)
    }

    fn gathered(&self, merges: usize) -> Vec<(&Rc, &Rc)> {
        let is_merged = |key: &Rc| key.text() == Some("<<") && key.is_plain() && merges > 0;
        let (bases, mut all): (Vec<_>, Vec<_>) = self.pairs().partition(|(key, _)| is_merged(key));
        for (_, base) in bases {
            let one = std::iter::once(base).filter(|it| matches!(it.kind, Kind::Mapping(_)));
            for mapping in one.chain(base.items()) {
                for (key, value) in mapping.gathered(merges - 1) {
                    if !all.iter().any(|(own, _)| own.text() == key.text()) {
                        all.push((key, value));
                    }
                }
            }
        }
        all
    }

    /// Keys and values.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&Rc, &Rc)> {
        let parts = match &self.kind {
            Kind::Mapping(parts) => &parts[..],
            _ => &[],
        };
        parts.chunks_exact(2).map(|pair| (&pair[0], &pair[1]))
    }

    /// The parts of a list.
    pub(super) fn items(&self) -> impl Iterator<Item = &Rc> {
        let parts = match &self.kind {
            Kind::Sequence(parts) => &parts[..],
            _ => &[],
        };
        parts.iter()
    }
}
