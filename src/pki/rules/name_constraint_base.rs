//! Name constraints are written as RFC 5280 has them for each kind of name.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::name_constraints::NameConstraints;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "name-constraint-base",
    severity: Severity::Warning,
    source: "RFC 5280 §4.2.1.10",
    meaning: "A name constraint of the CA has a form that RFC 5280 does not know for its kind of name, such as a DNS name with a leading dot: programs read different things in it, and strict ones refuse what the CA has issued",
    hint: "make the CA's certificate again with the constraint as a domain, without a dot or a wildcard before it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let constraints = it.extension(&oids::OID_X509_EXT_NAME_CONSTRAINTS)?;
    let odd = NameConstraints::from_der(constraints.value)?.odd_base()?;
    Some(format!(
        "its name constraint {odd} has a form that RFC 5280 does not know"
    ))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let constrained = |base: &str| {
        let subtree = der::sequence(&[Name::Dns(base.into()).to_der()]);
        let permitted = der::constructed(tag::context_constructed(0), &[subtree]);
        let value = der::sequence(&[permitted]);
        let constraints = Extension::new(oids::OID_X509_EXT_NAME_CONSTRAINTS, value);
        Sample::authority().with(constraints.critical())
    };
    vec![
        good("without any", Sample::root()),
        good("a domain", constrained("a.test")),
        bad("a leading dot", constrained(".a.test")),
        bad("a wildcard", constrained("*.a.test")),
        bad("no host name", constrained("a test")),
    ]
}
