//! No CA above a certificate in use is revoked.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "issuer-revoked",
    severity: Severity::Error,
    source: "RFC 5280 §6.1.3",
    meaning: "A CA above the certificate was revoked; peers that look into its CRL refuse the certificate",
    hint: "have another CA sign it: peers that know of the revocation refuse it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let fault = |(item, ca)| Fault::new(item, format!("the CA `{ca}` above it was revoked"));
    let certificate = site.item(Part::Certificate);
    certificate
        .zip(site.revoked_issuer.as_ref())
        .map(fault)
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let below = |mut site: Site| {
        site.revoked_issuer = Some(String::from("issuing"));
        site
    };
    vec![
        good("an entry", entry()),
        bad("an entry below it", below(entry())),
        bad("a CA below it", below(authority())),
    ]
}
