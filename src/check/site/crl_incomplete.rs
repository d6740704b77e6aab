//! All that the ledger knows to be revoked is in the CRL.

use std::collections::HashSet;

use x509_parser::prelude::CertificateRevocationList;

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};
use crate::pki::{revocation_list::RevocationList, serial::Serial};

pub(super) const RULE: SiteRule = SiteRule {
    code: "crl-incomplete",
    severity: Severity::Warning,
    source: "RFC 5280 §5.1.2.6",
    meaning: "Certificates were revoked, and the CRL does not list them: servers let them in",
    hint: "sign a new one with `certctl crl --ca {name}`, and have the servers load it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let Some(item) = site.item(Part::Crl).filter(|item| item.found.is_some()) else {
        return Vec::new();
    };
    let lists: Vec<_> = item
        .revocation_lists()
        .iter()
        .map(RevocationList::parsed)
        .collect();
    let listed: HashSet<_> = lists
        .iter()
        .flat_map(CertificateRevocationList::iter_revoked_certificates)
        .map(|revoked| Serial::from_integer(revoked.raw_serial()))
        .collect();
    let missing = site
        .revoked
        .iter()
        .filter(|revoked| revoked.not_after >= terms.now && !listed.contains(&revoked.serial));
    let missing = missing.count();
    let found = (!lists.is_empty() && missing > 0).then(|| {
        Fault::new(
            item,
            format!("it lacks {missing} of the certificates that were revoked"),
        )
    });
    found.into_iter().collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let serials = [KIT.leaf.certificate.serial()];
    let revoked = |not_after, mut site: Site| {
        let serial = serials[0].clone();
        site.revoked = vec![Revoked { serial, not_after }];
        site
    };
    vec![
        good("nothing revoked", with_crl(&KIT.root, &[], NOW)),
        good("no CRL", revoked(NOW, root())),
        good("listed", revoked(NOW, with_crl(&KIT.root, &serials, NOW))),
        good(
            "its time is over",
            revoked(NOW - Duration::SECOND, with_crl(&KIT.root, &[], NOW)),
        ),
        bad("not listed", revoked(NOW, with_crl(&KIT.root, &[], NOW))),
    ]
}
