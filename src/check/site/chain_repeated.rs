//! A server sends each certificate of its chain once.

use std::collections::{BTreeSet, HashSet};

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};
use crate::pki::name::display;

pub(super) const RULE: SiteRule = SiteRule {
    code: "chain-repeated",
    severity: Severity::Warning,
    source: "RFC 8446 §4.4.2",
    meaning: "The file holds one certificate several times; some peers refuse that, and every handshake carries them all",
    hint: "keep one of them, behind what it signed",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let Some(item) = site.item(Part::Certificate) else {
        return Vec::new();
    };
    let mut seen = HashSet::new();
    let all = site.certificates(Part::Certificate).iter();
    let repeated = all.filter(|it| !seen.insert(it.der()));
    let message = |name| format!("it holds {name} more than once");
    let names: BTreeSet<_> = repeated.map(|it| display(&it.subject())).collect();
    let faults = names
        .into_iter()
        .map(|name| Fault::new(item, message(name)));
    faults.collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let (issuing, leaf) = (&KIT.issuing, &KIT.leaf);
    let chain = |all: &[&Made]| lone().with_content(Part::Certificate, &certificates(all));
    vec![
        good("an entry", entry()),
        good("a renewed CA", chain(&[leaf, issuing, &KIT.impostor])),
        bad("issuer twice", chain(&[leaf, issuing, issuing])),
        bad("issuer first and last", chain(&[issuing, leaf, issuing])),
    ]
}
