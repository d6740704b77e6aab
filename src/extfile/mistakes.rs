//! Mistakes of an extfile, gathered while it is read.

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    nearest::nearest,
};

/// A place in one of the files, counted from 1 but for the file.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Position {
    /// Index among the files that were read
    pub(super) file: usize,
    pub(super) line: usize,
    /// In characters
    pub(super) column: usize,
}

/// A diagnostic whose file still is an index.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Mistake {
    position: Position,
    message: String,
    hint: Option<String>,
}

impl Mistake {
    pub(super) fn new(position: Position, message: impl Into<String>) -> Self {
        Self {
            position,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the nearest of the words that would have been right, where one is near.
    pub(super) fn nearest<'a>(
        mut self,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.hint = nearest(word, known).map(|near| format!("did you mean `{near}`?"));
        self
    }
}

/// Mistakes gathered so far. None of them, as an error, stands for a consequence of one reported elsewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Mistakes(Vec<Mistake>);

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

/// More mistakes than anybody mends at once; what follows them is not looked at.
const MAX_MISTAKES: usize = 1000;

impl Mistakes {
    /// Whether there are so many that no more are looked for: each has its cost, above all its nearest word.
    pub(super) fn are_enough(&self) -> bool {
        self.0.len() >= MAX_MISTAKES
    }

    pub(super) fn add(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names the files, in the order of the text; what two uses of one section found stands once.
    pub(super) fn diagnostics(mut self, files: &[String]) -> Diagnostics {
        self.0.sort();
        self.0.dedup();
        let diagnostic = |mistake: Mistake| Diagnostic {
            file: files
                .get(mistake.position.file)
                .cloned()
                .unwrap_or_default(),
            line: mistake.position.line,
            column: mistake.position.column,
            message: mistake.message,
            hint: mistake.hint,
        };
        Diagnostics(self.0.into_iter().map(diagnostic).collect())
    }
}

/// Takes all values, or all mistakes rather than the first alone.
pub(super) fn all<T>(
    results: impl IntoIterator<Item = Result<T, Mistakes>>,
) -> Result<Vec<T>, Mistakes> {
    let mut values = Vec::new();
    let mut failed = None;
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(mistakes) => {
                let failed = failed.get_or_insert_with(Mistakes::default);
                failed.add(mistakes);
                if failed.are_enough() {
                    break;
                }
            }
        }
    }
    failed.map_or(Ok(values), Err)
}

/// Takes both values, or the mistakes of both.
pub(super) fn both<A, B>(
    first: Result<A, Mistakes>,
    second: Result<B, Mistakes>,
) -> Result<(A, B), Mistakes> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(mut mistakes), Err(more)) => {
            mistakes.add(more);
            Err(mistakes)
        }
        (Err(mistakes), _) | (_, Err(mistakes)) => Err(mistakes),
    }
}
