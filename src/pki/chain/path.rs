//! Checks one path as a whole (RFC 5280 §6.1.3 to §6.1.5) and reports every rule that it breaks.

use x509_parser::prelude::CertificateRevocationList;

use super::{
    Request, browsers,
    budget::Budget,
    facts::Facts,
    failure::{Fault, Rule},
    place::Place,
    revocation::Question,
};
use crate::pki::{
    general_name::GeneralName,
    name_constraints::{ca_names, leaf_names, leaf_names_of_openssl},
    rules::{Policy, breaches_in_chain},
};

/// Certificates from the leaf upward; the last is the anchor where `anchored`.
pub(super) struct Path<'p, 'a> {
    pub(super) certificates: Vec<&'p Facts<'a>>,
    pub(super) anchored: bool,
}

impl Path<'_, '_> {
    fn place(&self, index: usize) -> Place {
        Place::at(index, self.certificates.len(), self.anchored)
    }

    /// A fault of the certificate at `index`.
    pub(super) fn fault(&self, index: usize, rule: Rule) -> Fault {
        Fault {
            subject: self.certificates[index].label(),
            place: self.place(index),
            rule,
        }
    }

    /// All faults of the path, the gravest first; signatures were checked when it was built.
    pub(super) fn check(
        &self,
        request: &Request<'_>,
        crls: &[CertificateRevocationList<'_>],
        budget: &mut Budget,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, certificate) in self.certificates.iter().enumerate() {
            let mut rules = self.own_rules(index, request);
            rules.extend(purpose_rules(certificate, index, request));
            if index == 0 {
                rules.extend(host_rule(certificate, request));
            } else {
                rules.extend(self.issuer_rules(index));
            }
            faults.extend(rules.into_iter().map(|rule| self.fault(index, rule)));
        }
        faults.extend(self.name_faults(request.policy, budget));
        if !crls.is_empty() {
            faults.extend(self.revocation_faults(request, crls, budget));
        }
        faults.sort_by_key(|fault| fault.rule.rank());
        faults
    }

    /// What is wrong with a certificate whatever stands around it.
    fn own_rules(&self, index: usize, request: &Request<'_>) -> Vec<Rule> {
        let certificate = self.certificates[index];
        let unknown = certificate.unknown_critical();
        let mut rules: Vec<_> = unknown.map(Rule::UnknownCriticalExtension).collect();
        let validity = certificate.certificate.validity();
        if request.at > validity.not_after {
            rules.push(Rule::Expired(validity.not_after));
        }
        if request.at < validity.not_before {
            rules.push(Rule::NotYetValid(validity.not_before));
        }
        let mut breaches = breaches_in_chain(&certificate.view, request.policy, request.at);
        if self.anchored && self.certificates.len() == 1 {
            breaches.retain(|breach| COUNT_ALONE.contains(&breach.rule.code));
        }
        rules.extend(breaches.into_iter().map(Rule::Form));
        if request.policy == Policy::Webpki {
            let broken = browsers::broken_rules(certificate, self.place(index));
            rules.extend(broken.map(Rule::Browser));
        }
        rules
    }

    /// What a certificate must be to have issued the one below it (RFC 5280 §6.1.4 (k) to (n)).
    fn issuer_rules(&self, index: usize) -> Vec<Rule> {
        let certificate = self.certificates[index];
        let mut rules = Vec::new();
        if !certificate.view.is_ca() {
            rules.push(Rule::NotCa);
        }
        if certificate
            .view
            .key_usage()
            .is_some_and(|usage| !usage.key_cert_sign())
        {
            rules.push(Rule::KeyCertSignMissing);
        }
        let below = &self.certificates[1..index];
        let found = below.iter().filter(|ca| !ca.view.is_self_issued()).count();
        let allowed = certificate
            .view
            .basic_constraints()
            .and_then(|found| found.path_len_constraint);
        rules.extend(
            allowed
                .filter(|&allowed| u32::try_from(found).is_ok_and(|found| found > allowed))
                .map(|allowed| Rule::PathTooLong { allowed, found }),
        );
        rules
    }

    /// The names below each CA that constrains them; self-issued intermediates are left out
    /// (RFC 5280 §6.1.3 (b), (c)).
    fn name_faults(&self, policy: Policy, budget: &mut Budget) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, certificate) in self.certificates.iter().enumerate() {
            if index > 0 && certificate.view.is_self_issued() {
                continue;
            }
            let names = constrained_names(certificate, index, policy);
            for ca in &self.certificates[index + 1..] {
                let Some(constraints) = &ca.name_constraints else {
                    continue;
                };
                let rule = budget
                    .spend_name_comparisons(names.len().saturating_mul(constraints.cost()))
                    .and_then(|()| {
                        let mut checked = names.iter().map(|name| constraints.check(name));
                        checked.find_map(Result::err).map_or(Ok(()), |violation| {
                            Err(Rule::NameConstraint {
                                ca: ca.label(),
                                violation,
                            })
                        })
                    });
                faults.extend(rule.err().map(|rule| self.fault(index, rule)));
            }
        }
        faults
    }

    fn revocation_faults(
        &self,
        request: &Request<'_>,
        crls: &[CertificateRevocationList<'_>],
        budget: &mut Budget,
    ) -> Vec<Fault> {
        let pairs = self.certificates.windows(2).enumerate();
        pairs
            .filter_map(|(index, pair)| {
                let must_be_covered = index == 0;
                let question = Question {
                    certificate: pair[0],
                    issuer: pair[1],
                    must_be_covered,
                    policy: request.policy,
                    at: request.at,
                };
                let rule = question.answer(crls, budget)?;
                Some(self.fault(index, rule))
            })
            .collect()
    }
}

/// Rules of form that hold for a certificate that is trusted by itself, too: of the others it is exempt
/// (RFC 6818 §2).
const COUNT_ALONE: [&str; 4] = [
    "duplicate-extension",
    "malformed-extension",
    "serial",
    "weak-key",
];

/// Whether the key may do what the purpose needs (RFC 5280 §4.2.1.12); a CA's purposes bound those
/// of all that is below it.
fn purpose_rules(certificate: &Facts<'_>, index: usize, request: &Request<'_>) -> Vec<Rule> {
    let (purpose, view) = (request.purpose, &certificate.view);
    let mut rules = Vec::new();
    if view
        .extended_key_usage()
        .is_some_and(|usage| !purpose.is_among(usage))
    {
        rules.push(Rule::ExtendedKeyUsage(purpose));
    }
    // A CA may stand as the leaf (RFC 5280 §4.2.1.9): then the purpose is that of what it issues.
    let stands_for_itself = !view.is_ca() || request.policy == Policy::Openssl;
    if index == 0
        && stands_for_itself
        && view
            .key_usage()
            .is_some_and(|usage| !purpose.is_served_by(usage))
    {
        rules.push(Rule::KeyUsage(purpose));
    }
    rules
}

/// The names of a certificate that the CAs above it constrain.
fn constrained_names(certificate: &Facts<'_>, index: usize, policy: Policy) -> Vec<GeneralName> {
    let subject = certificate.view.parsed.subject().as_raw();
    let names = &certificate.names;
    match (index, policy) {
        (0, Policy::Openssl) => leaf_names_of_openssl(subject, names),
        (0, _) => leaf_names(subject, names),
        _ => ca_names(subject, names),
    }
}

fn host_rule(leaf: &Facts<'_>, request: &Request<'_>) -> Option<Rule> {
    let host = request.host?;
    let names = &leaf.names;
    if host.is_named_by(names) {
        return None;
    }
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let host = host.clone();
    Some(Rule::Host {
        host,
        names: names.join(", "),
    })
}
