//! What was proven, with the files that it is about.

use std::path::PathBuf;

use super::{Party, Proof, Refusal};
use crate::check::Finding;

/// How many of those who refuse are named.
const NAMED: usize = 3;

/// What was proven of whom.
#[derive(Debug)]
pub struct Proven {
    /// The entries
    pub parties: Vec<Party>,
    /// Their certificates' files, in the same order
    pub paths: Vec<PathBuf>,
    /// What was proven
    pub proof: Proof,
}

impl Proven {
    /// Each refusal as a finding about the certificate that is refused.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let refusals = self.proof.refusals.iter();
        refusals.map(|it| self.finding(it)).collect()
    }

    fn finding(&self, it: &Refusal) -> Finding {
        let named = it.by.iter().take(NAMED);
        let mut by: Vec<_> = named.map(|by| self.parties[*by].name.clone()).collect();
        if it.by.len() > NAMED {
            by.push(format!("{} more", it.by.len() - NAMED));
        }
        Finding {
            code: it.code.clone().into(),
            severity: it.severity,
            path: self.paths[it.refused].clone(),
            place: None,
            message: format!(
                "as a {} it is refused by {}: {}",
                it.role.name(),
                by.join(", "),
                it.message
            ),
            hint: it.hint.clone(),
            mend: None,
        }
    }
}
