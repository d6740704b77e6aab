//! A CA's CRL is its own.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site, SiteKind},
};
use crate::pki::revocation_list::RevocationList;

pub(super) const RULE: SiteRule = SiteRule {
    code: "crl-issuer",
    severity: Severity::Error,
    source: "RFC 5280 §6.3.3 (f), (g)",
    meaning: "The CRL is another CA's, or its signature does not hold; servers do not use it, or refuse everybody",
    hint: "sign it anew: `certctl crl --ca {name}`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let (Some(item), Some(own)) = (site.item(Part::Crl), site.own()) else {
        return Vec::new();
    };
    if site.kind != SiteKind::Authority {
        return Vec::new();
    }
    let lists = item.revocation_lists().iter();
    let others = lists.filter(|list| !list.is_signed_by(own));
    let message = |list: &RevocationList| match list.differs_in_encoding(own) {
        true => "the CA has signed it, and its name has other octets there than in its certificate",
        false => "the CA has not signed it",
    };
    others.map(|list| Fault::new(item, message(list))).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("no CRL", root()),
        good("its own", with_crl(&KIT.root, &[], NOW)),
        bad(
            "of another of the same name",
            with_crl(&KIT.impostor, &[], NOW),
        ),
        bad("of a CA below it", with_crl(&KIT.issuing, &[], NOW)),
    ]
}
