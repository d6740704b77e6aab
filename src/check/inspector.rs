//! Applies all rules to one site after the other.

use std::collections::HashSet;

use time::OffsetDateTime;

use super::{
    Finding, Terms,
    facts::{Item, Part, Site, SiteKind},
    site,
};
use crate::pki::{
    certificate::Certificate,
    rules::{Breach, Role, View, breaches},
};

/// Applies the rules; a certificate that stands in many files is judged where it is met first.
#[derive(Clone, Debug)]
pub struct Inspector {
    terms: Terms,
    judged: HashSet<Vec<u8>>,
}

impl Inspector {
    /// Judges by `terms`.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        let judged = HashSet::new();
        Self { terms, judged }
    }

    /// The time that everything is judged at.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.terms.now
    }

    /// Everything that is wrong with a site, in the order of its paths.
    pub fn inspect(&mut self, site: &Site) -> Vec<Finding> {
        let mut findings = site::findings(site, &self.terms);
        for (item, certificate, role) in certificates(site, &self.terms) {
            // A leaf stands in no other place.
            if role == Role::Leaf || self.judged.insert(certificate.der().to_vec()) {
                findings.extend(self.judge(item, certificate, role));
            }
        }
        findings.sort_by(|one, other| one.path.cmp(&other.path));
        findings
    }

    fn judge(&self, item: &Item, certificate: &Certificate, role: Role) -> Vec<Finding> {
        let found = breaches(&View::new(certificate.parsed(), role), &self.terms.moment());
        let finding = |breach: Breach| Finding {
            code: breach.rule.code.into(),
            severity: breach.rule.severity,
            path: item.path.clone(),
            message: breach.message,
            hint: breach.rule.hint.to_owned(),
            place: None,
            mend: None,
        };
        found.into_iter().map(finding).collect()
    }
}

/// The certificates of a site, each with what it is meant to be.
///
/// Of a trust bundle only those count that the site's own certificate needs: a bundle may well hold
/// a root whose time is over.
fn certificates<'s>(site: &'s Site, terms: &Terms) -> Vec<(&'s Item, &'s Certificate, Role)> {
    let own = site.own();
    let needed: &[Certificate] = match site.path(terms) {
        Some(Ok(chain)) => &chain.certificates,
        Some(Err(failure)) => &failure.chain,
        None => &[],
    };
    let mut found = Vec::new();
    for item in &site.items {
        let is_bundle = matches!(item.part, Part::Bundle | Part::Trust);
        // A stray one is read only where somebody named it.
        let holds_certificates = matches!(
            item.part,
            Part::Beside(_) | Part::Certificate | Part::Chain | Part::Peers | Part::Stray
        );
        if !is_bundle && !holds_certificates {
            continue;
        }
        for certificate in item.certificates() {
            let is_own = own.is_some_and(|own| own == certificate);
            let role = match site.kind {
                SiteKind::Authority if is_own => Role::Authority,
                SiteKind::Copy | SiteKind::Endpoint | SiteKind::Entry if is_own => Role::Leaf,
                _ => Role::Any,
            };
            if !is_bundle || is_own || needed.contains(certificate) {
                found.push((item, certificate, role));
            }
        }
    }
    found
}
