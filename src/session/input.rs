//! Files that a command was asked to look at; `-` is standard input.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{
    Report,
    bounded::{Allowance, Kind},
};
use crate::emit::shell_word;
use crate::pki::{
    certificate::Certificate,
    inspect::InspectError,
    name::visible,
    recognize::{Foreign, ReadError, certificates, instead},
    revocation_list::RevocationList,
};

/// What was read, under the name that the user knows.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) octets: Zeroizing<Vec<u8>>,
}

/// What messages call `-`.
pub(crate) const STANDARD_INPUT: &str = "standard input";

impl Input {
    /// Reads a file whole, or standard input where it is called `-`.
    pub(crate) fn read(path: &Path, kind: Kind) -> Result<Self, Report> {
        let mut allowance = Allowance::of(kind);
        let (name, octets) = if path.as_os_str() == "-" {
            let octets = allowance.read_standard_input();
            (String::from(STANDARD_INPUT), octets)
        } else {
            (
                visible(&path.to_string_lossy()).into_owned(),
                allowance.read(path),
            )
        };
        match octets {
            Ok(octets) => Ok(Self { name, octets }),
            Err(error) => Err(Report::failed("io", format!("cannot read {name}: {error}"))),
        }
    }

    /// Its certificates, at least one.
    pub(crate) fn certificates(&self) -> Result<Vec<Certificate>, Report> {
        certificates(&self.octets).map_err(|error| {
            let report = self.unusable(&error);
            match error {
                ReadError::Foreign(foreign) => self.converted(report, foreign),
                _ => report,
            }
        })
    }

    /// Its CRLs, at least one.
    pub(crate) fn revocation_lists(&self) -> Result<Vec<RevocationList>, Report> {
        RevocationList::read(&self.octets).map_err(|error| {
            let unusable = || self.unusable(&error);
            self.foreign("content", "a CRL").unwrap_or_else(unusable)
        })
    }

    /// The error for content that is no use, with the command that makes some use of it.
    pub(crate) fn not_inspectable(&self, error: &InspectError) -> Report {
        let report = self.unusable(error);
        match error {
            InspectError::Foreign(foreign) => self.converted(report, *foreign),
            _ => report,
        }
    }

    /// That the file is something else than what is wanted, and the command that converts it.
    pub(crate) fn foreign(&self, code: &'static str, wanted: &str) -> Option<Report> {
        let found = instead(&self.octets).filter(|found| found.name != wanted)?;
        let message = format!("{}: this is {}, not {wanted}", self.name, found.name);
        Some(self.converted(Report::failed(code, message), found))
    }

    fn unusable(&self, error: &dyn std::fmt::Display) -> Report {
        Report::failed("content", format!("{}: {error}", self.name))
    }

    fn converted(&self, report: Report, foreign: Foreign) -> Report {
        let Some(command) = foreign.conversion else {
            return report;
        };
        let command = match self.name.as_str() {
            STANDARD_INPUT => command.to_owned(),
            name => command.replace("FILE", &shell_word(name)),
        };
        report.hint(format!("`{command}` converts it"))
    }
}

pub(crate) fn all_certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>, Report> {
    let mut certificates = Vec::new();
    for path in paths {
        certificates.extend(Input::read(path, Kind::Certificates)?.certificates()?);
    }
    Ok(certificates)
}

/// All CRLs of several files.
pub(crate) fn all_revocation_lists(paths: &[PathBuf]) -> Result<Vec<RevocationList>, Report> {
    let mut lists = Vec::new();
    for path in paths {
        lists.extend(Input::read(path, Kind::RevocationList)?.revocation_lists()?);
    }
    Ok(lists)
}
