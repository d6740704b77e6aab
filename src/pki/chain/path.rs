//! Checks one path as a whole (RFC 5280 §6.1.3 to §6.1.5) and reports every rule that it breaks.

use time::OffsetDateTime;
use x509_parser::prelude::CertificateRevocationList;

use super::{
    Purpose, Request,
    budget::Budget,
    facts::Facts,
    failure::{Fault, Place, Rule},
    name_constraints::{ca_names, leaf_names},
    profile, revocation,
};
use crate::pki::signature::{MIN_RSA_BITS, rsa_bits};

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
            let mut rules = self.own_rules(index, request.at);
            rules.extend(purpose_rules(certificate, index, request.purpose));
            if index == 0 {
                rules.extend(host_rule(certificate, request));
            } else {
                rules.extend(self.issuer_rules(index));
            }
            faults.extend(rules.into_iter().map(|rule| self.fault(index, rule)));
        }
        faults.extend(self.name_faults(budget));
        if !crls.is_empty() {
            faults.extend(self.revocation_faults(request.at, crls, budget));
        }
        faults.sort_by_key(|fault| fault.rule.rank());
        faults
    }

    /// What is wrong with a certificate whatever stands around it.
    fn own_rules(&self, index: usize, at: OffsetDateTime) -> Vec<Rule> {
        let certificate = self.certificates[index];
        let mut rules = certificate.extension_faults();
        let validity = certificate.certificate.validity();
        if at > validity.not_after {
            rules.push(Rule::Expired(validity.not_after));
        }
        if at < validity.not_before {
            rules.push(Rule::NotYetValid(validity.not_before));
        }
        let bits = rsa_bits(certificate.parsed.public_key());
        rules.extend(bits.filter(|&bits| bits < MIN_RSA_BITS).map(Rule::WeakKey));
        let alone = self.anchored && self.certificates.len() == 1;
        if !alone {
            let broken = profile::broken_rules(certificate, self.place(index));
            rules.extend(broken.map(Rule::Profile));
        }
        rules
    }

    /// What a certificate must be to have issued the one below it (RFC 5280 §6.1.4 (k) to (n)).
    fn issuer_rules(&self, index: usize) -> Vec<Rule> {
        let certificate = self.certificates[index];
        let mut rules = Vec::new();
        if !certificate.is_ca() {
            rules.push(Rule::NotCa);
        }
        if certificate
            .key_usage()
            .is_some_and(|usage| !usage.key_cert_sign())
        {
            rules.push(Rule::KeyCertSignMissing);
        }
        let below = &self.certificates[1..index];
        let found = below.iter().filter(|ca| !ca.is_self_issued()).count();
        let allowed = certificate
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
    fn name_faults(&self, budget: &mut Budget) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, certificate) in self.certificates.iter().enumerate() {
            if index > 0 && certificate.is_self_issued() {
                continue;
            }
            let sans = certificate.names.as_deref().unwrap_or_default();
            let subject = certificate.parsed.subject().as_raw();
            let names = if index == 0 {
                leaf_names(subject, sans)
            } else {
                ca_names(subject, sans)
            };
            for ca in &self.certificates[index + 1..] {
                let Some(constraints) = &ca.name_constraints else {
                    continue;
                };
                let rule = budget
                    .spend_name_comparisons(names.len().saturating_mul(constraints.len()))
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
        at: OffsetDateTime,
        crls: &[CertificateRevocationList<'_>],
        budget: &mut Budget,
    ) -> Vec<Fault> {
        let pairs = self.certificates.windows(2).enumerate();
        pairs
            .filter_map(|(index, pair)| {
                let must_be_covered = index == 0;
                let rule = revocation::check(pair[0], pair[1], crls, must_be_covered, at, budget)?;
                Some(self.fault(index, rule))
            })
            .collect()
    }
}

/// Whether the key may do what the purpose needs (RFC 5280 §4.2.1.12); a CA's purposes bound those
/// of all that is below it.
fn purpose_rules(certificate: &Facts<'_>, index: usize, purpose: Purpose) -> Vec<Rule> {
    let mut rules = Vec::new();
    if certificate
        .extended_key_usage()
        .is_some_and(|usage| !purpose.is_among(usage))
    {
        rules.push(Rule::ExtendedKeyUsage(purpose));
    }
    if index == 0
        && certificate
            .key_usage()
            .is_some_and(|usage| !purpose.is_served_by(usage))
    {
        rules.push(Rule::KeyUsage(purpose));
    }
    rules
}

fn host_rule(leaf: &Facts<'_>, request: &Request<'_>) -> Option<Rule> {
    let host = request.host?;
    let names = leaf.names.as_deref().unwrap_or_default();
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
