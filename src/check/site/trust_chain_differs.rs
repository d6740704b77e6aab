//! The long trust bundle is the short one and the intermediates.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::{
    check::{
        Terms,
        facts::{Part, Site},
    },
    pki::{certificate::Certificate, plan::signature_holds},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "trust-chain-differs",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The file ca-chain.pem is not the trust bundle and the intermediates, so that peers that read no chain trust too little or too much",
    hint: "in the PKI directory `certctl check --fix` makes it anew; elsewhere write it from the two others: `cat ca.pem` and all but the first of cert.pem",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let (Some(item), true) = (site.item(Part::TrustChain), site.has(Part::TrustChain)) else {
        return Vec::new();
    };
    // What the chain lacks is told once.
    if matches!(site.path(terms), Some(Err(_))) {
        return Vec::new();
    }
    let found = item.certificates();
    let parts = [
        site.certificates(Part::Trust),
        site.certificates(Part::Certificate),
    ];
    if found.is_empty() || parts.iter().any(|part| part.is_empty()) {
        return Vec::new(); // that one of them is missing or malformed tell other rules
    }
    let own = site.own();
    let [trust, sent] = parts;
    let wanted = || {
        trust.iter().chain(
            sent.iter()
                .filter(|it| Some(*it) != own || trust.contains(it)),
        )
    };
    let lacks = wanted().any(|it| !found.contains(it));
    // While a CA is rotated, the intermediates of both are there: no trust comes of what a root here has signed.
    let below = below(trust, found);
    let exceeds = found
        .iter()
        .any(|it| wanted().all(|wanted| wanted != it) && !below.contains(&it));
    let message = match (lacks, exceeds) {
        (false, false) => return Vec::new(),
        (true, false) => "it lacks certificates of cert.pem or ca.pem",
        (false, true) => "it holds certificates that neither cert.pem nor ca.pem has",
        (true, true) => "it holds other certificates than cert.pem and ca.pem",
    };
    vec![Fault::new(item, message)]
}

/// Those that lead to one of these roots.
fn below<'c>(roots: &'c [Certificate], all: &'c [Certificate]) -> Vec<&'c Certificate> {
    let mut known: Vec<&Certificate> = roots.iter().collect();
    // Each round goes one step down.
    for _ in 0..all.len() {
        let next = all.iter().find(|it| {
            !known.contains(it) && known.iter().any(|issuer| signature_holds(it, issuer))
        });
        match next {
            Some(next) => known.push(next),
            None => break,
        }
    }
    known.split_off(roots.len())
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let both = |all: &[&Made]| entry().with_content(Part::TrustChain, &certificates(all));
    vec![
        good("an entry", entry()),
        good("another order", both(&[&KIT.issuing, &KIT.root])),
        good("missing", entry().without(Part::TrustChain)),
        good(
            "another intermediate of the root",
            both(&[&KIT.root, &KIT.issuing, &KIT.next_issuing]),
        ),
        bad("the root alone", both(&[&KIT.root])),
        bad("another root", both(&[&KIT.impostor, &KIT.issuing])),
        bad(
            "one too many",
            both(&[&KIT.root, &KIT.issuing, &KIT.old_root]),
        ),
    ]
}
