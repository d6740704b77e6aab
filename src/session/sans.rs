//! Subject alternative names, as they are asked for.

use super::Report;
use crate::pki::{
    entry_name::EntryName,
    general_name::{GeneralName, MAX_NAMES},
    san::{self, SanError},
};

/// Refuses more names than a certificate takes.
pub(crate) fn bounded(given: &[String]) -> Result<(), Report> {
    let count: usize = given.iter().map(|text| text.split(',').count()).sum();
    if count <= MAX_NAMES {
        return Ok(());
    }
    Err(Report::usage(format!(
        "--san: {count} names; a certificate takes {MAX_NAMES} at most"
    )))
}

pub(crate) fn mistake(error: SanError) -> Report {
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
    match Report::all(reports) {
        Some(report) => Err(report),
        None => Ok(names),
    }
}

/// A SAN of the entry's own name: a host name, or an address.
pub(crate) fn own_name(name: &EntryName) -> Option<GeneralName> {
    san::parse(name.as_str()).ok()
}
