//! A server sends every certificate between its own and the root.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site, SiteKind},
};
use crate::pki::name::display;

pub(super) const RULE: SiteRule = SiteRule {
    code: "chain-incomplete",
    severity: Severity::Error,
    source: "RFC 8446 §4.4.2",
    meaning: "The file lacks a certificate between the entry's own and the root; peers that do not have it refuse the connection",
    hint: "append what is missing to the file, or issue it again",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let (Some(own), Some(Err(_))) = (site.own(), site.path(terms)) else {
        return Vec::new();
    };
    let given = site.intermediates();
    let at_hand = [given, site.certificates(Part::TrustChain), &site.known].concat();
    let Some(Ok(chain)) = site.verify(&at_hand, terms) else {
        return Vec::new();
    };
    let inner = chain
        .certificates
        .split_last()
        .map_or(&[][..], |(_, inner)| inner);
    let missing = inner.iter().filter(|it| *it != own && !given.contains(it));
    let names: Vec<_> = missing.map(|it| display(&it.subject())).collect();
    let part = match site.kind {
        SiteKind::Authority => Part::Chain,
        _ => Part::Certificate,
    };
    let message = format!("the chain to the root lacks {}", names.join(", "));
    site.item(part)
        .map(|item| Fault::new(item, message))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let alone = |site: Site| site.with_content(Part::Certificate, &certificates(&[&KIT.leaf]));
    let other = certificates(&[&KIT.old_root]);
    vec![
        good("an entry", entry()),
        good("a CA", authority()),
        good(
            "the bundle is another's",
            entry().with_content(Part::Trust, &other),
        ),
        bad("the leaf alone", alone(entry())),
        bad("of a copy", alone(copy())),
    ]
}
