//! Subject alternative names, as they are asked for.

use super::Report;
use crate::pki::{
    entry_name::EntryName,
    general_name::{GeneralName, MAX_NAMES, each_once},
    san::{self, SanError},
};

/// Subject alternative names that are asked for.
#[derive(Clone, Copy)]
pub(crate) struct Sans<'a> {
    /// As they were given; the placeholder in them stands for the entry's name
    pub(crate) given: &'a [String],
    /// Those of this machine too
    pub(crate) local: bool,
    /// Not the entry's name by itself
    pub(crate) without_own: bool,
}

impl Sans<'_> {
    /// Whether names were asked for besides the entry's own.
    pub(crate) fn is_given(&self) -> bool {
        self.local || !self.given.is_empty()
    }

    /// Whether anything is said of names.
    pub(crate) fn says_anything(&self) -> bool {
        self.is_given() || self.without_own
    }

    /// Every mistake in what --san was given.
    pub(crate) fn mistakes(&self, names: &[EntryName]) -> Vec<Report> {
        let names: Vec<&str> = match names {
            [] => vec!["name"],
            names => names.iter().map(EntryName::as_str).collect(),
        };
        if let Err(many) = bounded(self.given) {
            return vec![many];
        }
        let mut mistakes = Vec::new();
        for given in self.given.iter().flat_map(|text| text.split(',')) {
            // Without `{name}` it is the same for all.
            let varies = given.contains(san::NAME_PLACEHOLDER);
            let names = if varies { &names[..] } else { &names[..1] };
            let found = names
                .iter()
                .filter_map(|name| san::parse_list(given, name).err());
            mistakes.extend(found.flatten().map(mistake));
        }
        mistakes
    }

    /// The names of one entry: its own, those of --san, those of --local; each once.
    pub(crate) fn of(&self, name: &EntryName) -> Vec<GeneralName> {
        let own = (!self.without_own).then(|| own_name(name)).flatten();
        let local = self.local.then_some(san::LOCAL);
        let given = self.given.iter().map(String::as_str).chain(local);
        let given = given.flat_map(|text| san::parse_list(text, name.as_str()).unwrap_or_default());
        each_once(own.into_iter().chain(given))
    }
}

/// Refuses more names than a certificate takes.
fn bounded(given: &[String]) -> Result<(), Report> {
    let count: usize = given.iter().map(|text| text.split(',').count()).sum();
    if count <= MAX_NAMES {
        return Ok(());
    }
    Err(Report::usage(format!(
        "--san: {count} names; a certificate takes {MAX_NAMES} at most"
    )))
}

fn mistake(error: SanError) -> Report {
    let report = Report::usage(format!("--san: {error}"));
    match error {
        SanError::NotAnIp(text) if san::host_name(&text).is_ok() => report.hint(format!(
            "where a host is really called so, write `DNS:{text}`"
        )),
        _ => report,
    }
}

/// Reads what --san was given for the entry `name`; reports all mistakes.
pub(crate) fn parse(given: &[String], name: &EntryName) -> Result<Vec<GeneralName>, Report> {
    bounded(given)?;
    let mut names = Vec::new();
    let mut reports = Vec::new();
    for text in given {
        match san::parse_list(text, name.as_str()) {
            Ok(found) => names.extend(found),
            Err(errors) => reports.extend(errors.into_iter().map(mistake)),
        }
    }
    Report::none(reports).map(|()| names)
}

/// A SAN of the entry's own name: a host name, or an address.
fn own_name(name: &EntryName) -> Option<GeneralName> {
    san::parse(name.as_str()).ok()
}
