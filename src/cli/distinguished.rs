//! Subjects of new certificates: what `--subject` asks for, and what is said of those that are not taken.

use clap::Args;

use super::Report;
use crate::pki::{
    entry_name::EntryName,
    octets::Name,
    san::NAME_PLACEHOLDER,
    subject::{self, SubjectError},
};
pub(crate) use crate::session::extfiles::note_passed_over;

/// The subject that was asked for.
#[derive(Args, Debug)]
pub(crate) struct SubjectArgs {
    /// Subject, as in CN=node,OU=db,O=Acme (RFC 4514); {name} stands for the entry's name [default: CN={name}, where the CAs allow it]
    #[arg(long, value_name = "DN")]
    pub(crate) subject: Option<String>,
}

impl SubjectArgs {
    /// Whether one was asked for.
    pub(crate) fn is_given(&self) -> bool {
        self.subject.is_some()
    }

    /// Every mistake in what was asked for.
    pub(crate) fn mistakes(&self, names: &[EntryName]) -> Vec<Report> {
        let Some(text) = &self.subject else {
            return Vec::new();
        };
        // Without `{name}` it is the same for all.
        let varies = text.contains(NAME_PLACEHOLDER);
        let names = if varies {
            names
        } else {
            &names[..names.len().min(1)]
        };
        let found = names
            .iter()
            .filter_map(|name| subject::parse(text, name.as_str()).err());
        let mut errors: Vec<_> = found.collect();
        errors.dedup();
        errors.iter().map(mistake).collect()
    }

    /// The subject that was asked for of one entry.
    pub(crate) fn asked(&self, name: &EntryName) -> Option<Name> {
        let asked = self.subject.as_ref();
        asked.and_then(|text| subject::parse(text, name.as_str()).ok())
    }
}

fn mistake(error: &SubjectError) -> Report {
    let report = Report::usage(format!("--subject: {error}"));
    match error {
        SubjectError::Slashes(_) => report.hint("`/O=Acme/CN=node1` is written `CN=node1,O=Acme`"),
        _ => report,
    }
}
