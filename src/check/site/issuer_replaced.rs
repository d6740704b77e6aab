//! What is in use was signed by the CAs that are in use, not by others that had their names.

use x509_parser::extensions::ParsedExtension;

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::{
    check::{
        Terms,
        facts::{Part, Recorded, Site},
    },
    pki::{certificate::Certificate, name::display},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "issuer-replaced",
    severity: Severity::Error,
    source: "RFC 5280 §6.1.3",
    meaning: "The certificate, or a CA above it, was signed by a CA that another has replaced since, under its name and with another key: peers that trust the CA in use refuse it",
    hint: "have the CA in use sign it: `certctl renew --all --force`; copies of the old files still trust the old CA only. `certctl rotate-ca start` changes a CA without that",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let is_signed_here = matches!(&site.recorded, Recorded::As(row) if row.issuer.is_some());
    let certificate = site.item(Part::Certificate);
    let (Some(own), Some(item), true) = (site.own(), certificate, is_signed_here) else {
        return Vec::new();
    };
    // What fell with a revoked CA is told of by another rule.
    if site.authorities.is_empty() || site.revoked_issuer.is_some() {
        return Vec::new();
    }
    let message = |gone: &Certificate| {
        let issuer = display(&gone.issuer());
        match gone == own {
            true => format!("the CA {issuer:?} that signed it is not the one in use"),
            false => format!(
                "the CA {issuer:?} that signed {:?} above it is not the one in use",
                display(&gone.subject())
            ),
        }
    };
    let fault = |gone: Certificate| Fault::new(item, message(&gone));
    gone(site, own).map(fault).into_iter().collect()
}

/// The first on the way up that no CA in use has signed.
fn gone(site: &Site, own: &Certificate) -> Option<Certificate> {
    let mut next = own;
    // No CA is above itself; the number of CAs bounds it all the same.
    for _ in 0..=site.authorities.len() {
        if next.is_self_signed() {
            return None;
        }
        let mut in_use = site.authorities.iter();
        match in_use.find(|issuer| names(next, issuer)) {
            Some(issuer) => next = issuer,
            None => return Some(next.clone()),
        }
    }
    None
}

/// Whether a certificate names this CA as its issuer, by name and key identifier (RFC 5280 §4.2.1.1).
fn names(certificate: &Certificate, issuer: &Certificate) -> bool {
    if certificate.issuer() != issuer.subject() {
        return false;
    }
    let (own, above) = (certificate.parsed(), issuer.parsed());
    let mut extensions = own.extensions().iter();
    let wanted = extensions.find_map(|it| match it.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(found) => Some(found.key_identifier.as_ref()?.0),
        _ => None,
    });
    let mut extensions = above.extensions().iter();
    let found = extensions.find_map(|it| match it.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(found) => Some(found.0),
        _ => None,
    });
    wanted
        .zip(found)
        .is_none_or(|(wanted, found)| wanted == found)
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let with = |mut site: Site, all: &[&Made]| {
        site.authorities = all.iter().map(|made| made.certificate.clone()).collect();
        site
    };
    let mut revoked = with(entry(), &[&KIT.root]);
    revoked.revoked_issuer = Some(String::from("issuing"));
    vec![
        good("an entry", entry()),
        good("a CA", authority()),
        good("a root", root()),
        good("nothing is known of CAs", with(entry(), &[])),
        good("its CA was revoked", revoked),
        bad(
            "another issuing CA",
            with(entry(), &[&KIT.root, &KIT.next_issuing]),
        ),
        bad(
            "another root of the same name",
            with(entry(), &[&KIT.impostor, &KIT.issuing]),
        ),
        bad(
            "a CA below another root of the same name",
            with(authority(), &[&KIT.impostor, &KIT.issuing]),
        ),
    ]
}
