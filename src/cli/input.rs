//! Files that a command was asked to look at; `-` is standard input.

use std::{
    fs::File,
    io::{self, Read as _},
    os::fd::AsFd as _,
    path::Path,
};

use zeroize::Zeroizing;

use super::Report;
use crate::pki::{
    certificate::Certificate,
    inspect::InspectError,
    recognize::{Foreign, ReadError, certificates},
    revocation_list::RevocationList,
};

/// What was read, under the name that the user knows.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) octets: Zeroizing<Vec<u8>>,
}

/// What messages call `-`.
const STANDARD_INPUT: &str = "standard input";
/// Larger than any CRL, and small enough to hold in memory.
const MAX_OCTETS: usize = 256 << 20;
/// What is expected of a pipe.
const SMALLEST: usize = 16 << 10;

/// Reads at most so many octets. There may be a key in them: what is outgrown is wiped.
fn read_whole(mut file: File, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let expected = usize::try_from(file.metadata()?.len()).unwrap_or(limit);
    let mut octets = Zeroizing::new(vec![0; expected.min(limit) + 1]);
    let mut length = 0;
    loop {
        match file.read(&mut octets[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length > limit {
            break;
        }
        if length == octets.len() {
            let mut larger = Zeroizing::new(vec![0; length.saturating_mul(2).max(SMALLEST)]);
            larger[..length].copy_from_slice(&octets);
            octets = larger;
        }
    }
    octets.truncate(length.min(limit));
    Ok(octets)
}

impl Input {
    /// Reads a file whole, or standard input where it is called `-`.
    pub(crate) fn read(path: &Path) -> Result<Self, Report> {
        let (name, file) = if path.as_os_str() == "-" {
            let past_its_buffer = io::stdin().as_fd().try_clone_to_owned().map(File::from);
            (String::from(STANDARD_INPUT), past_its_buffer)
        } else {
            (path.display().to_string(), File::open(path))
        };
        match file.and_then(|file| read_whole(file, MAX_OCTETS)) {
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
        RevocationList::read(&self.octets).map_err(|error| self.unusable(&error))
    }

    /// The error for content that is no use, with the command that makes some use of it.
    pub(crate) fn not_inspectable(&self, error: &InspectError) -> Report {
        let report = self.unusable(error);
        match error {
            InspectError::Foreign(foreign) => self.converted(report, *foreign),
            _ => report,
        }
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
            name => command.replace("FILE", name),
        };
        report.hint(format!("`{command}` converts it"))
    }
}
