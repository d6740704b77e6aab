//! A CRL is followed by the next in time.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule, of_each_crl};
use crate::{
    check::{Terms, facts::Site},
    pki::validity::rfc3339,
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "crl-expired",
    severity: Severity::Error,
    source: "RFC 5280 §5.1.2.5",
    meaning: "The CRL's time is over, or it does not say when the next one comes; servers that look into it refuse everybody",
    hint: "sign a new one with `certctl crl --ca {name}`, and have the servers load it: they refuse everybody until then",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    of_each_crl(site, |item, list| match list.next_update() {
        None => Some(Fault::new(item, "it does not say when the next one comes")),
        Some(next) if next < terms.now => Some(Fault::new(
            item,
            format!("the next one was due on {}", rfc3339(next)),
        )),
        Some(_) => None,
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("no CRL", root()),
        good("a new one", with_crl(&KIT.root, &[], NOW)),
        good(
            "the last second",
            with_crl(&KIT.root, &[], NOW - Duration::days(30)),
        ),
        bad(
            "a second later",
            with_crl(&KIT.root, &[], NOW - Duration::days(30) - Duration::SECOND),
        ),
    ]
}
