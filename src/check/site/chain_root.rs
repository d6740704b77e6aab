//! A server does not send its root.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "chain-root",
    severity: Severity::Info,
    source: "RFC 8446 §4.4.2",
    meaning: "The file holds the root too, which peers must have anyway; every handshake carries it for nothing",
    hint: "take it out: peers have it, and every handshake carries it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let roots = site.certificates(Part::Certificate).iter().skip(1);
    let found = roots.filter(|it| it.is_self_signed()).count();
    let item = site.item(Part::Certificate).filter(|_| found > 0);
    item.map(|item| Fault::new(item, "it holds a root, which peers have already"))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let chain = |all: &[&Made]| entry().with_content(Part::Certificate, &certificates(all));
    vec![
        good("an entry", entry()),
        good("a root itself", root()),
        bad(
            "with the root",
            chain(&[&KIT.leaf, &KIT.issuing, &KIT.root]),
        ),
    ]
}
