//! What commands find, as other programs read it: one file a format. Values in, text out.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use ::time::OffsetDateTime;

use crate::{
    check::Finding,
    pki::{certificate::Certificate, name::visible},
    rulebook::{Entry, Teller},
    severity::Severity,
    wire::{Probed, Session},
};

mod junit;
mod prometheus;
mod sarif;

/// A format for findings alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Test reports, as CI systems read them
    Junit,
    /// Metrics, in the text format 0.0.4 that is OpenMetrics 1.0 as well
    Prometheus,
    /// SARIF 2.1.0 (OASIS)
    Sarif,
}

/// The commands that write them.
pub const TELLERS: [Teller; 4] = [Teller::Check, Teller::Verify, Teller::Probe, Teller::Prove];

impl Format {
    /// Writes all that a command has to say, with a line feed at its end.
    #[must_use]
    pub fn write(self, account: &Account) -> String {
        match self {
            Self::Junit => junit::write(account),
            Self::Prometheus => prometheus::write(account),
            Self::Sarif => sarif::write(account),
        }
    }
}

/// What a command has looked at, and what it has found.
#[derive(Clone, Debug)]
pub struct Account {
    /// The command
    pub teller: Teller,
    /// When it ran
    pub now: OffsetDateTime,
    /// From here on a finding makes the command exit with 3
    pub fails_from: Severity,
    /// In its order; whatever is there twice counts once
    pub subjects: Vec<Subject>,
    /// In its order
    pub findings: Vec<Finding>,
    /// What the codes stand for
    pub rules: Vec<Entry>,
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The file, directory or address
    pub path: PathBuf,
    /// What kind of thing it is
    pub kind: SubjectKind,
    /// The certificates that are in use there, each with its file
    pub certificates: Vec<(PathBuf, Certificate)>,
}

/// What was looked at.
#[derive(Clone, Debug)]
pub enum SubjectKind {
    /// An address, and what was agreed on there; `None` where there was no handshake
    Endpoint(Option<Box<Session>>),
    /// A file or directory
    File,
    /// What came on standard input
    Stream,
}

impl Subject {
    /// A file or directory, with the certificates that are in use there.
    #[must_use]
    pub fn file(path: PathBuf, certificates: Vec<(PathBuf, Certificate)>) -> Self {
        Self {
            path,
            kind: SubjectKind::File,
            certificates,
        }
    }

    /// An address, with what was agreed on there.
    #[must_use]
    pub fn address(probed: &Probed) -> Self {
        let Probed { target, seen, .. } = probed;
        let session = seen.is_met().then(|| Box::new(seen.session.clone()));
        Self {
            path: target.location.to_string().into(),
            kind: SubjectKind::Endpoint(session),
            certificates: Vec::new(),
        }
    }
}

impl Account {
    /// What was looked at, each once.
    fn subjects(&self) -> impl Iterator<Item = &Subject> {
        let mut seen = HashSet::new();
        let all = self.subjects.iter();
        all.filter(move |subject| seen.insert(&subject.path))
    }

    /// Each path that was looked at, or that something is wrong with, and what is. What is found below a directory
    /// that was looked at is found there.
    fn cases(&self) -> Vec<(&Path, Vec<&Finding>)> {
        let mut cases: Vec<(&Path, Vec<&Finding>)> = Vec::new();
        let mut index: HashMap<&Path, usize> = HashMap::new();
        for subject in self.subjects() {
            index.insert(&subject.path, cases.len());
            cases.push((&subject.path, Vec::new()));
        }
        for finding in &self.findings {
            let place = finding.place.as_ref().map(|place| place.path.as_path());
            let above = [place, Some(&finding.path)].into_iter().flatten();
            let known = above
                .flat_map(Path::ancestors)
                .find(|it| index.contains_key(it));
            let path = known.unwrap_or(&finding.path);
            let case = *index.entry(path).or_insert_with(|| {
                cases.push((path, Vec::new()));
                cases.len() - 1
            });
            cases[case].1.push(finding);
        }
        cases
    }

    fn is_file(&self, path: &Path) -> bool {
        let subject = self.subjects.iter().find(|it| it.path == path);
        let is_file = |subject: &Subject| matches!(subject.kind, SubjectKind::File);
        subject.map_or(self.teller != Teller::Probe, is_file)
    }

    fn fails(&self, finding: &Finding) -> bool {
        finding.severity >= self.fails_from
    }
}

/// A path as text that forges nothing.
fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

/// What is wrong, with the file that it is about where it stands below another.
fn message(finding: &Finding) -> Cow<'_, str> {
    let message = visible(&finding.message);
    match &finding.place {
        Some(place) if place.path != finding.path => {
            format!("{}: {message}", shown(&finding.path)).into()
        }
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Place;

    /// What nobody should be able to break out of a format with.
    pub(super) const HOSTILE: &str =
        "a\"b'<c>&]]>\n\u{0}\u{1b}[2J\u{fffe}\u{202e}\\{0}[x](http://e.test) ü";

    pub(super) fn finding(path: &str, severity: Severity) -> Finding {
        Finding {
            code: "key-mode".into(),
            severity,
            path: path.into(),
            place: None,
            message: format!("it is {HOSTILE}"),
            hint: format!("mend {HOSTILE}"),
            mend: None,
        }
    }

    pub(super) fn account(subjects: &[&str], findings: Vec<Finding>) -> Account {
        let subject = |path: &&str| Subject::file(path.into(), Vec::new());
        Account {
            teller: Teller::Check,
            now: OffsetDateTime::UNIX_EPOCH,
            fails_from: Severity::Warning,
            subjects: subjects.iter().map(subject).collect(),
            findings,
            rules: crate::rulebook::entries(&[]),
        }
    }

    #[test]
    fn findings_belong_to_what_was_looked_at() {
        let mut placed = finding("/etc/key.pem", Severity::Error);
        placed.place = Some(Place {
            path: "redis.conf".into(),
            line: 2,
        });
        let findings = vec![
            finding("pki/certs/a/key.pem", Severity::Error),
            finding("pki/ledger.jsonl", Severity::Error),
            finding("elsewhere", Severity::Error),
            finding("elsewhere", Severity::Info),
            placed,
        ];
        let account = account(
            &["pki", "pki/certs/a", "pki/certs/b", "redis.conf", "pki"],
            findings,
        );
        let cases = account.cases();
        let counts: Vec<_> = cases
            .iter()
            .map(|(path, found)| (path.to_str().expect("text"), found.len()))
            .collect();
        let expected = [
            ("pki", 1),
            ("pki/certs/a", 1),
            ("pki/certs/b", 0),
            ("redis.conf", 1),
            ("elsewhere", 2),
        ];
        assert_eq!(counts, expected);
    }
}
