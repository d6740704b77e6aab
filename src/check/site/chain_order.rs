//! Certificates stand in the order of their chain, the leaf first.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site, SiteKind},
};
use crate::pki::certificate::Certificate;

pub(super) const RULE: SiteRule = SiteRule {
    code: "chain-order",
    severity: Severity::Error,
    source: "RFC 8446 §4.4.2",
    meaning: "The certificates of the file are in another order than that of the chain; TLS 1.2 demands it, and a server may present the wrong one",
    hint: "put them in order: the key's own certificate first, then who signed it, and so on",
    broken,
    #[cfg(test)]
    cases,
};

/// By name; whether it signed is another question.
fn is_issuer(issuer: &Certificate, of: &Certificate) -> bool {
    issuer.subject() == of.issuer()
}

/// The certificate that goes first: the key's own or, with no key to tell, the first that is no CA's.
fn first(site: &Site) -> Option<&Certificate> {
    match (site.kind, site.public_key()) {
        (SiteKind::Authority, _) | (_, Some(_)) => site.own(),
        (_, None) => {
            let mut all = site.certificates(Part::Certificate).iter();
            all.find(|it| !it.parsed().is_ca())
        }
    }
}

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let part = match site.kind {
        SiteKind::Authority => Part::Chain,
        _ => Part::Certificate,
    };
    // CAs alone are no chain, and their order means nothing.
    let (Some(item), Some(own)) = (site.item(part), first(site)) else {
        return Vec::new();
    };
    let all = site.certificates(part);
    let own_first = all
        .first()
        .is_none_or(|first| first == own || !all.contains(own));
    let issuer_before = |(index, it): (usize, &Certificate)| {
        let above = !it.is_self_signed() && all[..index].iter().any(|found| is_issuer(found, it));
        above && !all[index..].iter().any(|found| is_issuer(found, it))
    };
    if own_first && !all.iter().enumerate().any(issuer_before) {
        return Vec::new();
    }
    vec![Fault::new(
        item,
        "its certificates are not in the order of the chain",
    )]
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let chain = |all: &[&Made]| entry().with_content(Part::Certificate, &certificates(all));
    let keyless = |all: &[&Made]| {
        let site = lone().without(Part::Key);
        site.with_content(Part::Certificate, &certificates(all))
    };
    let (root, issuing, leaf) = (&KIT.root, &KIT.issuing, &KIT.leaf);
    vec![
        good("leaf, issuer", entry()),
        good("with the root", chain(&[leaf, issuing, root])),
        good("a CA's", authority()),
        good(
            "something else between",
            chain(&[leaf, &KIT.old_root, issuing]),
        ),
        good("CAs alone", keyless(&[root, issuing])),
        bad("issuer, leaf", chain(&[issuing, leaf])),
        bad("issuer, leaf, issuer", keyless(&[issuing, leaf, issuing])),
        bad("leaf, root, issuer", chain(&[leaf, root, issuing])),
        bad(
            "named by itself",
            lone().with_content(Part::Certificate, &certificates(&[issuing, leaf])),
        ),
    ]
}
