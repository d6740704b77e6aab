//! What was found, and what became of it where it was to be mended.

use std::{io, path::PathBuf};

use super::Inspection;
use crate::check::{Finding, Mend};

/// What is done about findings that certctl can mend itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fix {
    /// Nothing
    No,
    /// What would be done is told
    Rehearsed,
    /// They are mended
    Done,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mended {
    /// It is left
    No,
    /// In a rehearsal, which ends as what it rehearses
    Would,
    /// It is gone
    Yes,
}

/// What came of a change of a mode; nothing in a rehearsal.
pub type Done<'a> = Option<&'a io::Result<()>>;

/// All that was found, and for each finding whether it was mended.
#[derive(Debug, Default)]
pub struct Found {
    /// What was found
    pub inspection: Inspection,
    /// Chains and bundles that were made anew, or would be
    pub rebuilt: Vec<PathBuf>,
    mended: Vec<Mended>,
}

impl Found {
    /// Every finding, with what became of it.
    pub fn findings(&self) -> impl Iterator<Item = (&Finding, Mended)> + Clone {
        let findings = self.inspection.findings.iter();
        findings.zip(self.mended.iter().copied())
    }

    /// What is still wrong, or would be.
    pub fn left(&self) -> impl Iterator<Item = &Finding> {
        let left = |(finding, mended)| (mended == Mended::No).then_some(finding);
        self.findings().filter_map(left)
    }

    /// What is wrong now, whatever a rehearsal would mend.
    pub fn there(&self) -> impl Iterator<Item = &Finding> {
        let there = |(finding, mended)| (mended != Mended::Yes).then_some(finding);
        self.findings().filter_map(there)
    }

    /// How often this became of a finding.
    #[must_use]
    pub fn count(&self, mended: Mended) -> usize {
        self.mended.iter().filter(|it| **it == mended).count()
    }

    /// Whether anything was mended, or would be.
    #[must_use]
    pub fn changes_anything(&self) -> bool {
        !self.rebuilt.is_empty() || self.mended.iter().any(|&mended| mended != Mended::No)
    }

    /// Adds what was found. What can be mended is mended by `change_mode`, and told with what came of it.
    pub fn add(
        &mut self,
        inspection: Inspection,
        fix: Fix,
        change_mode: &dyn Fn(&Finding, Mend) -> io::Result<()>,
        tell: &dyn Fn(&Finding, Mend, Done<'_>),
    ) {
        for finding in &inspection.findings {
            let is_rebuilt = || fix == Fix::Rehearsed && self.rebuilt.contains(&finding.path);
            let came = match finding.mend.filter(|_| fix != Fix::No) {
                Some(mend) => {
                    let done = (fix == Fix::Done).then(|| change_mode(finding, mend));
                    tell(finding, mend, done.as_ref());
                    match done {
                        None => Mended::Would,
                        Some(Ok(())) => Mended::Yes,
                        Some(Err(_)) => Mended::No,
                    }
                }
                None => Mended::No,
            };
            self.mended.push(match came {
                Mended::No if is_rebuilt() => Mended::Would,
                came => came,
            });
        }
        self.inspection.merge(inspection);
    }
}
