//! What is known of revocations besides the CRLs that a chain was verified with.

use super::{Chain, Failure, Fault, Rule, budget::Budget, facts::Facts, revocation::Question};
use crate::pki::{
    certificate::Certificate, revocation::Revocation, revocation_list::RevocationList,
    rules::Policy,
};
use time::OffsetDateTime;

/// Adds what a CA's own records say: `revoked` gives a certificate's revocation.
///
/// # Errors
///
/// Where something was wrong before, or a certificate of the chain is revoked.
pub fn with_records(
    found: Result<Chain, Failure>,
    revoked: impl Fn(&Certificate) -> Option<Revocation>,
) -> Result<Chain, Failure> {
    let mut failure = match found {
        Ok(chain) => Failure {
            faults: Vec::new(),
            chain: chain.certificates,
            anchored: true,
        },
        Err(failure) => failure,
    };
    for (index, certificate) in failure.chain.iter().enumerate() {
        let place = failure.place(index);
        let is_told =
            |fault: &Fault| fault.place == place && matches!(fault.rule, Rule::Revoked { .. });
        if failure.faults.iter().any(is_told) {
            continue;
        }
        failure
            .faults
            .extend(revoked(certificate).map(|found| Fault {
                subject: Facts::new(certificate).label(),
                place,
                rule: Rule::Revoked {
                    on: found.at,
                    reason: Some(found.reason.name()),
                },
            }));
    }
    failure.faults.sort_by_key(|fault| fault.rule.rank());
    match failure.faults.is_empty() {
        true => Ok(Chain {
            certificates: failure.chain,
        }),
        false => Err(failure),
    }
}

/// Certificates below the anchor of which no CRL that counts at the time says whether they were revoked.
#[must_use]
pub fn unlisted<'c>(
    chain: &'c [Certificate],
    crls: &[RevocationList],
    policy: Policy,
    at: OffsetDateTime,
) -> Vec<&'c Certificate> {
    let crls: Vec<_> = crls.iter().map(RevocationList::parsed).collect();
    let facts: Vec<_> = chain.iter().map(Facts::new).collect();
    let mut budget = Budget::new();
    let mut is_listed = |pair: &[Facts<'_>]| match pair {
        [certificate, issuer] => {
            let question = Question {
                certificate,
                issuer,
                must_be_covered: true,
                policy,
                at,
            };
            matches!(
                question.answer(&crls, &mut budget),
                None | Some(Rule::Revoked { .. })
            )
        }
        _ => true,
    };
    let pairs = chain.iter().zip(facts.windows(2));
    pairs
        .filter(|(_, pair)| !is_listed(pair))
        .map(|(certificate, _)| certificate)
        .collect()
}
