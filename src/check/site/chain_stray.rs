//! A server sends no certificate that its chain does not need.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};
use crate::pki::{certificate::Certificate, name::display};

pub(super) const RULE: SiteRule = SiteRule {
    code: "chain-stray",
    severity: Severity::Warning,
    source: "RFC 8446 §4.4.2",
    meaning: "The file holds a certificate that is not part of the chain; some peers stop there and refuse the connection",
    hint: "take it out: some peers stop at the first certificate that does not fit",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let Some(Ok(chain)) = site.path(terms) else {
        return Vec::new();
    };
    let all = site.certificates(Part::Certificate);
    let ways_on = ways_on(&chain.certificates, all);
    let is_stray = |it: &&Certificate| {
        !chain.certificates.contains(it) && !it.is_self_signed() && !ways_on.contains(it)
    };
    let strays = all.iter().filter(is_stray);
    let names: Vec<_> = strays.map(|it| display(&it.subject())).collect();
    let item = site.item(Part::Certificate).filter(|_| !names.is_empty());
    let message = format!("it holds {}, which is not in the chain", names.join(", "));
    item.map(|item| Fault::new(item, message))
        .into_iter()
        .collect()
}

/// Cross certificates of the chain's CAs, and the CAs above those: peers who do not know the chain's root find another
/// by them.
fn ways_on<'c>(chain: &[Certificate], all: &'c [Certificate]) -> Vec<&'c Certificate> {
    let crosses = |it: &Certificate| {
        let is_same = |ca: &Certificate| {
            ca.parsed().is_ca()
                && ca.subject() == it.subject()
                && ca.public_key() == it.public_key()
        };
        chain.iter().any(is_same)
    };
    let mut found: Vec<&Certificate> = Vec::new();
    // Each round goes one step up.
    for _ in all {
        let is_next = |it: &&Certificate| {
            let is_above = found.iter().any(|below| below.issuer() == it.subject());
            !chain.contains(it) && !found.contains(it) && (crosses(it) || is_above)
        };
        match all.iter().find(is_next) {
            Some(next) => found.push(next),
            None => break,
        }
    }
    found
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let chain = |all: &[&Made]| entry().with_content(Part::Certificate, &certificates(all));
    vec![
        good("an entry", entry()),
        good(
            "a cross certificate of the root",
            chain(&[&KIT.leaf, &KIT.issuing, &KIT.cross]),
        ),
        bad(
            "a cross certificate of another root",
            chain(&[&KIT.leaf, &KIT.issuing, &KIT.stray_cross]),
        ),
        bad(
            "another leaf",
            chain(&[&KIT.leaf, &KIT.long_lived, &KIT.issuing]),
        ),
    ]
}
