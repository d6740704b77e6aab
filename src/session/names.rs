//! Names of entries and CAs, and what has them.

use std::{collections::HashSet, ops::ControlFlow, slice};

use super::Report;
use crate::{
    nearest::nearest,
    pki::{
        entry_name::{EntryName, EntryNameError},
        range,
    },
    store::{
        Pki,
        layout::{Area, Place},
        ledger::{Record, Selection},
    },
};

/// Parses an entry's or CA's name.
pub(crate) fn entry_name(text: &str) -> Result<EntryName, String> {
    text.parse()
        .map_err(|error: EntryNameError| error.to_string())
}

/// The names of all arguments, and what is wrong with them; one that is given twice is a mistake.
pub(crate) fn several(texts: &[String]) -> (Vec<EntryName>, Vec<Report>) {
    let (mut names, mut mistakes) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for text in texts {
        if names.len() > range::MAX_NAMES {
            let most = range::MAX_NAMES;
            mistakes.push(Report::usage(format!("more than {most} names are given")));
            break;
        }
        let parsed = range::expand(text).map_err(|error| error.to_string());
        let parsed = parsed.and_then(|all| all.iter().map(|name| entry_name(name)).collect());
        let parsed: Vec<EntryName> = parsed.unwrap_or_else(|mistake| {
            mistakes.push(Report::usage(mistake));
            Vec::new()
        });
        let twice = parsed.iter().find(|name| !seen.insert((*name).clone()));
        mistakes
            .extend(twice.map(|name| Report::usage(format!("the name `{name}` is given twice"))));
        names.extend(parsed);
    }
    (names, mistakes)
}

/// An entry or a CA.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Target {
    /// In which directory it lies; an entry goes first where nobody says
    pub(crate) area: Option<Area>,
    pub(crate) name: EntryName,
}

/// Parses `NAME`, `certs/NAME` or `ca/NAME`.
pub(crate) fn target(text: &str) -> Result<Target, String> {
    let prefixed = Area::ALL.into_iter().find_map(|area| {
        let name = text.strip_prefix(area.directory())?.strip_prefix('/')?;
        Some((area, name))
    });
    let (area, name) = match prefixed {
        Some((area, name)) => (Some(area), name),
        None => (None, text),
    };
    entry_name(name).map(|name| Target { area, name })
}

/// Parses one argument, which may stand for several: `node{1..9}`.
pub(crate) fn targets(text: &str) -> Result<Vec<Target>, String> {
    let names = range::expand(text).map_err(|error| error.to_string())?;
    names.iter().map(|name| target(name)).collect()
}

impl Target {
    /// The certificate that is in use under the name: of an entry or, where there is none, of a CA.
    pub(crate) fn record(&self, pki: &Pki) -> Result<Option<Record>, Report> {
        let areas = match &self.area {
            Some(area) => slice::from_ref(area),
            None => &[Area::Entries, Area::Authorities],
        };
        for area in areas {
            let found = pki.ledger().current(*area, &self.name)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The error for a name that nothing has, with the nearest that something has.
    pub(crate) fn unknown(&self, pki: &Pki) -> Result<Report, Report> {
        let mut names = Vec::new();
        let _: ControlFlow<()> = pki.ledger().select(&Selection::default(), |record| {
            names.push(record.name);
            ControlFlow::Continue(())
        })?;
        let message = format!("there is no entry or CA `{}`", self.name);
        let report = Report::failed("no-entry", message);
        let names = names.iter().map(EntryName::as_str);
        Ok(match nearest(self.name.as_str(), names) {
            Some(name) => report.hint(format!("is `{name}` meant?")),
            None => report.hint("`certctl list` shows what there is"),
        })
    }
}

/// Refuses to replace entries unless that was asked for.
pub(crate) fn refuse_existing(pki: &Pki, names: &[EntryName], force: bool) -> Result<(), Report> {
    if force {
        return Ok(());
    }
    let mut reports = Vec::new();
    for name in names {
        if pki.is_given(&Place::entry(name.clone()))? {
            reports.push(Report::refused(
                "exists",
                format!("the entry `{name}` exists"),
            ));
        }
    }
    Report::none(reports).map_err(|report| {
        report.hint("replace it with `--force`; what is replaced goes to the archive")
    })
}
