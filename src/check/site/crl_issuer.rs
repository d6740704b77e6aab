//! A CA's CRL is its own.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site, SiteKind},
};
use crate::pki::{revocation_list::RevocationList, signature::check};

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
    let own = own.parsed();
    let is_own = |list: &&RevocationList| {
        let list = list.parsed();
        let issuer = list.tbs_cert_list.issuer.as_raw() == own.subject().as_raw();
        issuer
            && check(
                own.public_key(),
                &list.signature_algorithm,
                &list.signature_value,
                list.tbs_cert_list.as_ref(),
            )
            .is_ok()
    };
    let lists = item.revocation_lists().iter();
    let others = lists.filter(|list| !is_own(list));
    others
        .map(|_| Fault::new(item, "the CA has not signed it"))
        .collect()
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
