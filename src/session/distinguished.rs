//! The subject that somebody asks for, and what is said of one that is not taken.

use super::Report;
use crate::pki::{
    entry_name::EntryName,
    octets::Name,
    san::NAME_PLACEHOLDER,
    subject::{self, SubjectError},
};

/// A subject as `--subject` gives it; the placeholder stands for the entry's name.
#[derive(Clone, Copy)]
pub(crate) struct Distinguished<'a>(pub(crate) Option<&'a str>);

impl Distinguished<'_> {
    /// Whether one was asked for.
    pub(crate) fn is_given(self) -> bool {
        self.0.is_some()
    }

    /// Every mistake in what was asked for.
    pub(crate) fn mistakes(self, names: &[EntryName]) -> Vec<Report> {
        let Some(text) = self.0 else {
            return Vec::new();
        };
        // Without the placeholder it is the same for all.
        let most = match text.contains(NAME_PLACEHOLDER) {
            true => names.len(),
            false => 1,
        };
        let names = names.iter().take(most);
        let found = names.filter_map(|name| subject::parse(text, name.as_str()).err());
        let mut errors: Vec<_> = found.collect();
        errors.dedup();
        errors.iter().map(mistake).collect()
    }

    /// The subject that was asked for of one entry.
    pub(crate) fn of(self, name: &EntryName) -> Option<Name> {
        self.0
            .and_then(|text| subject::parse(text, name.as_str()).ok())
    }
}

fn mistake(error: &SubjectError) -> Report {
    let report = Report::usage(format!("--subject: {error}"));
    match error {
        SubjectError::Slashes(_) => report.hint("`/O=Acme/CN=node1` is written `CN=node1,O=Acme`"),
        _ => report,
    }
}
