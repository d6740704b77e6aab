//! Bounds the work of a search, so that no set of certificates makes it run on and on.

use super::failure::Rule;

/// Signatures that are checked: what Go came to after CVE-2018-16875, and rustls-webpki took over.
const SIGNATURES: usize = 100;
/// Certificates that are tried as an issuer: a hundredth of what mozilla::pkix allows, because each
/// may end a path that is then checked as a whole.
const STEPS: usize = 2_000;
/// Names compared with name constraints: as in Go's crypto/x509.
const NAME_COMPARISONS: usize = 250_000;

/// What is left of the work that one search may do.
pub(super) struct Budget {
    signatures: usize,
    steps: usize,
    name_comparisons: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            signatures: SIGNATURES,
            steps: STEPS,
            name_comparisons: NAME_COMPARISONS,
        }
    }

    pub(super) fn spend_signature(&mut self) -> Result<(), Rule> {
        spend(&mut self.signatures, 1, "100 signatures")
    }

    pub(super) fn spend_step(&mut self) -> Result<(), Rule> {
        spend(&mut self.steps, 1, "2,000 possible issuers")
    }

    pub(super) fn spend_name_comparisons(&mut self, count: usize) -> Result<(), Rule> {
        spend(
            &mut self.name_comparisons,
            count,
            "250,000 name comparisons",
        )
    }
}

fn spend(left: &mut usize, count: usize, what: &'static str) -> Result<(), Rule> {
    *left = left.checked_sub(count).ok_or(Rule::Budget(what))?;
    Ok(())
}
