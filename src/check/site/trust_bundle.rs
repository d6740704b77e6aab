//! The trust bundle holds the root of the own chain.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};
use crate::pki::chain::Rule;

pub(super) const RULE: SiteRule = SiteRule {
    code: "trust-bundle",
    severity: Severity::Error,
    source: "RFC 5280 §6.1.1 (d)",
    meaning: "The trust bundle beside the certificate does not hold the root of its chain: peers with the same bundle refuse each other",
    hint: "put the root of this chain there: peers of the same bundle would refuse it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let Some(Err(failure)) = site.path(terms) else {
        return Vec::new();
    };
    let at_hand = [
        site.intermediates(),
        site.certificates(Part::TrustChain),
        &site.known,
    ]
    .concat();
    let completed = matches!(site.verify(&at_hand, terms), Some(Ok(_)));
    let unknown = failure.faults.iter().find_map(|fault| match &fault.rule {
        Rule::IssuerUnknown { issuer } => Some(format!("it does not hold the issuer {issuer:?}")),
        Rule::SelfSigned => Some(format!(
            "it does not hold {:?}, where the chain ends",
            fault.subject
        )),
        _ => None,
    });
    let item = site.item(Part::Trust).or(site.item(Part::Chain));
    match (item, unknown) {
        (Some(item), Some(message)) if !completed => vec![Fault::new(item, message)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let trust = |all: &[&Made]| entry().with_content(Part::Trust, &certificates(all));
    let chain = certificates(&[&KIT.leaf, &KIT.issuing, &KIT.root]);
    vec![
        good("an entry", entry()),
        good("old and new", trust(&[&KIT.old_root, &KIT.root])),
        good(
            "the chain is cut",
            entry().with_content(Part::Certificate, &certificates(&[&KIT.leaf])),
        ),
        bad("another root", trust(&[&KIT.old_root])),
        bad(
            "the chain has its own",
            trust(&[&KIT.old_root]).with_content(Part::Certificate, &chain),
        ),
    ]
}
