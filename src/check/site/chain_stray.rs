//! A server sends no certificate that its chain does not need.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};
use crate::pki::name::display;

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
    let all = site.certificates(Part::Certificate).iter();
    let strays = all.filter(|it| !chain.certificates.contains(it) && !it.is_self_signed());
    let names: Vec<_> = strays.map(|it| display(&it.subject())).collect();
    let item = site.item(Part::Certificate).filter(|_| !names.is_empty());
    let message = format!("it holds {}, which is not in the chain", names.join(", "));
    item.map(|item| Fault::new(item, message))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let chain = |all: &[&Made]| entry().with_content(Part::Certificate, &certificates(all));
    vec![
        good("an entry", entry()),
        bad(
            "another leaf",
            chain(&[&KIT.leaf, &KIT.long_lived, &KIT.issuing]),
        ),
    ]
}
