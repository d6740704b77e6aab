//! No certificate is valid for longer than its issuer.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};
use crate::pki::validity::rfc3339;

pub(super) const RULE: SiteRule = SiteRule {
    code: "outlives-issuer",
    severity: Severity::Warning,
    source: "certctl-issue(1)",
    meaning: "The certificate is valid for longer than the CA that issued it; from the CA's end on no chain holds",
    hint: "renew the issuer in time: from then on the chain does not hold",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let Some(Ok(chain)) = site.path(terms) else {
        return Vec::new();
    };
    let [own, issuer, ..] = &chain.certificates[..] else {
        return Vec::new();
    };
    let end = issuer.validity().not_after;
    let item = site.item(Part::Certificate);
    let longer = item.filter(|_| own.validity().not_after > end);
    let message = format!(
        "it is valid for longer than its issuer, which ends on {}",
        rfc3339(end)
    );
    longer
        .map(|item| Fault::new(item, message))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("an entry", entry()),
        good("a CA", authority()),
        bad("a year longer", entry_of(&KIT.long_lived)),
    ]
}
