//! Name constraints (RFC 5280 §4.2.1.10): which names a CA's certificates may carry.
//!
//! Read strictly and by ourselves: a parser that skips what it does not know lifts a constraint.

mod subtree;

use std::net::IpAddr;

use x509_parser::{
    asn1_rs::Class,
    oid_registry as oids,
    prelude::{FromDer as _, X509Name},
};

use subtree::{Subtree, elements, host_of, is_host_name, kind, sequence};

use super::{certificate::Certificate, general_name::GeneralName};

/// Why a CA does not allow a name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NameViolation {
    /// It lies in a subtree that is forbidden, or may lie there.
    #[error("{name} is excluded ({subtree})")]
    Excluded {
        /// The name in question
        name: GeneralName,
        /// What forbids it
        subtree: String,
    },
    /// The constraints do not hold together.
    #[error("names are constrained in a malformed way")]
    Malformed,
    /// It lies in none of the subtrees that are allowed for its kind.
    #[error("{name} is not permitted (only {permitted})")]
    NotPermitted {
        /// The name in question
        name: GeneralName,
        /// What is allowed
        permitted: String,
    },
}

/// Checks names against the constraints of one CA; one without constraints permits all.
///
/// `names` come from [`leaf_names`] or [`ca_names`].
///
/// # Errors
///
/// The first name that the CA may not certify.
pub fn permits(ca: &Certificate, names: &[GeneralName]) -> Result<(), NameViolation> {
    let parsed = ca.parsed();
    let extension = parsed
        .extensions()
        .iter()
        .find(|extension| extension.oid == oids::OID_X509_EXT_NAME_CONSTRAINTS);
    let Some(extension) = extension else {
        return Ok(());
    };
    let constraints = NameConstraints::from_der(extension.value).ok_or(NameViolation::Malformed)?;
    names.iter().try_for_each(|name| constraints.check(name))
}

/// Checks names as [`permits`] does, and by what is meant besides: where a CA says nothing of URIs and mail
/// addresses, but of DNS names or addresses, their hosts are held to that. RFC 5280 has no subtree that
/// would say so in the certificate.
///
/// # Errors
///
/// The first name that the CA is not meant to certify.
pub fn permits_hosts(ca: &Certificate, names: &[GeneralName]) -> Result<(), NameViolation> {
    permits(ca, names)?;
    let hosts: Vec<_> = names.iter().filter_map(host_of).collect();
    let found = permits(ca, &hosts);
    found.map_err(|violation| match (violation, names) {
        (NameViolation::NotPermitted { permitted, .. }, [name]) => NameViolation::NotPermitted {
            name: name.clone(),
            permitted,
        },
        (NameViolation::Excluded { subtree, .. }, [name]) => NameViolation::Excluded {
            name: name.clone(),
            subtree,
        },
        (violation, _) => violation,
    })
}

/// The subtrees of a `NameConstraints` value as text, permitted and excluded; `None` where it is malformed.
#[must_use]
pub fn name_subtrees(value: &[u8]) -> Option<(Vec<String>, Vec<String>)> {
    let constraints = NameConstraints::from_der(value)?;
    let shown = |subtrees: &[Subtree]| subtrees.iter().map(Subtree::to_string).collect();
    Some((shown(&constraints.permitted), shown(&constraints.excluded)))
}

/// All names of a CA that constraints apply to: its SANs, its subject, email addresses in the subject.
#[must_use]
pub fn ca_names(subject: &[u8], sans: &[GeneralName]) -> Vec<GeneralName> {
    let mut names = sans.to_vec();
    let Ok((_, parsed)) = X509Name::from_der(subject) else {
        return names;
    };
    names.extend(
        parsed
            .iter_email()
            .filter_map(|email| Some(GeneralName::Email(email.as_str().ok()?.to_owned()))),
    );
    if parsed.iter_rdn().next().is_some() {
        names.push(GeneralName::Directory(subject.into()));
    }
    names
}

/// All names of a leaf that constraints apply to: as for a CA, and a common name that looks like a host
/// where there is no alternative name at all.
#[must_use]
pub fn leaf_names(subject: &[u8], sans: &[GeneralName]) -> Vec<GeneralName> {
    let mut names = ca_names(subject, sans);
    if sans.is_empty() {
        let hosts = common_hosts(subject).into_iter();
        let hosts = hosts.filter(|host| host.parse::<IpAddr>().is_err());
        names.extend(hosts.map(GeneralName::Dns));
    }
    names
}

/// The same as OpenSSL has it: a common name stands in for a missing DNS name, whatever other names there are.
#[must_use]
pub fn leaf_names_of_openssl(subject: &[u8], sans: &[GeneralName]) -> Vec<GeneralName> {
    let mut names = ca_names(subject, sans);
    if !sans.iter().any(|name| matches!(name, GeneralName::Dns(_))) {
        names.extend(common_hosts(subject).into_iter().map(GeneralName::Dns));
    }
    names
}

/// Common names that look like host names of more than one label.
fn common_hosts(subject: &[u8]) -> Vec<String> {
    let Ok((_, parsed)) = X509Name::from_der(subject) else {
        return Vec::new();
    };
    let common_names = parsed.iter_common_name();
    let texts = common_names.filter_map(|name| name.as_str().ok());
    let hosts = texts.filter(|text| text.contains('.') && is_host_name(text));
    hosts.map(str::to_owned).collect()
}

/// The content of a `NameConstraints` extension.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameConstraints {
    permitted: Vec<Subtree>,
    excluded: Vec<Subtree>,
}

impl NameConstraints {
    /// Reads the extension's value; `None` where it breaks RFC 5280 in any way.
    #[must_use]
    pub fn from_der(value: &[u8]) -> Option<Self> {
        let (mut permitted, mut excluded) = (Vec::new(), Vec::new());
        let mut last = None;
        for part in elements(sequence(value)?)? {
            if part.class() != Class::ContextSpecific || last >= Some(part.tag().0) {
                return None;
            }
            last = Some(part.tag().0);
            let subtrees = match part.tag().0 {
                0 => &mut permitted,
                1 => &mut excluded,
                _ => return None,
            };
            for subtree in elements(part.data)? {
                subtrees.push(Subtree::from_any(&subtree)?);
            }
            if subtrees.is_empty() {
                return None;
            }
        }
        // One of the two is there, and what is there has a subtree in it.
        last?;
        Some(Self {
            permitted,
            excluded,
        })
    }

    /// The first base that RFC 5280 does not know for its kind, though programs make something of it.
    #[must_use]
    pub fn odd_base(&self) -> Option<String> {
        let mut all = self.permitted.iter().chain(&self.excluded);
        all.find(|subtree| subtree.is_odd()).map(Subtree::to_string)
    }

    /// How many comparisons one name costs.
    pub(super) fn cost(&self) -> usize {
        self.permitted.len() + self.excluded.len()
    }

    /// A name that cannot be understood is not permitted, and excluded, as soon as its kind is constrained.
    ///
    /// # Errors
    ///
    /// What speaks against it.
    pub fn check(&self, name: &GeneralName) -> Result<(), NameViolation> {
        let of_kind = |subtree: &&Subtree| subtree.kind() == kind(name);
        let mut permitted = self.permitted.iter().filter(of_kind).peekable();
        if permitted.peek().is_some()
            && !permitted.any(|subtree| subtree.contains(name).unwrap_or(false))
        {
            let all: Vec<_> = self
                .permitted
                .iter()
                .filter(of_kind)
                .map(Subtree::to_string)
                .collect();
            return Err(NameViolation::NotPermitted {
                name: name.clone(),
                permitted: all.join(", "),
            });
        }
        let mut excluded = self.excluded.iter().filter(of_kind);
        match excluded.find(|subtree| subtree.may_contain(name)) {
            None => Ok(()),
            Some(subtree) => Err(NameViolation::Excluded {
                name: name.clone(),
                subtree: subtree.to_string(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{
        der::{self, tag},
        name::distinguished_name,
    };

    fn subtree(base: &[u8]) -> Vec<u8> {
        der::sequence(&[base])
    }

    /// The value of an extension with these bases.
    fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Vec<u8> {
        let parts: Vec<_> = [(0, permitted), (1, excluded)]
            .into_iter()
            .filter(|(_, bases)| !bases.is_empty())
            .map(|(number, bases)| {
                let subtrees: Vec<_> = bases.iter().map(|base| subtree(base)).collect();
                der::constructed(tag::context_constructed(number), &subtrees)
            })
            .collect();
        der::sequence(&parts)
    }

    fn dns(base: &str) -> Vec<u8> {
        GeneralName::Dns(base.into()).to_der()
    }

    fn email(base: &str) -> Vec<u8> {
        GeneralName::Email(base.into()).to_der()
    }

    fn uri(base: &str) -> Vec<u8> {
        GeneralName::Uri(base.into()).to_der()
    }

    fn ip(octets: &[u8]) -> Vec<u8> {
        der::tlv(tag::context(7), octets)
    }

    fn directory(organization: &str) -> Vec<u8> {
        GeneralName::Directory(distinguished_name(None, Some(organization))).to_der()
    }

    #[test]
    fn names_lie_within_subtrees_or_not() {
        let permitted = |base: Vec<u8>| constraints(&[base], &[]);
        let excluded = |base: Vec<u8>| constraints(&[], &[base]);
        let name = |text: &str| crate::pki::san::parse(text).expect("a name");
        for (value, text, holds) in [
            (permitted(dns("a.test")), "DNS:a.test", true),
            (permitted(dns("a.test")), "DNS:b.A.TEST", true),
            (permitted(dns("a.test")), "DNS:*.a.test", true),
            (permitted(dns("a.test")), "DNS:ba.test", false),
            (permitted(dns("a.test")), "DNS:test", false),
            (permitted(dns("b.a.test")), "DNS:*.a.test", false),
            (permitted(dns(".a.test")), "DNS:b.a.test", true),
            (permitted(dns(".a.test")), "DNS:a.test", false),
            (permitted(dns("")), "DNS:a.test", true),
            (permitted(dns("a.test")), "IP:10.0.0.1", true),
            (excluded(dns("a.test")), "DNS:b.a.test", false),
            (excluded(dns("a.test")), "DNS:b.test", true),
            (excluded(dns("b.a.test")), "DNS:*.a.test", false),
            (excluded(dns("c.b.a.test")), "DNS:*.a.test", true),
            (excluded(dns("")), "DNS:a.test", false),
            (
                permitted(ip(&[10, 0, 0, 0, 255, 0, 0, 0])),
                "IP:10.9.8.7",
                true,
            ),
            (
                permitted(ip(&[10, 0, 0, 0, 255, 0, 0, 0])),
                "IP:11.0.0.1",
                false,
            ),
            (permitted(ip(&[10, 0, 0, 0, 255, 0, 0, 0])), "IP:::1", false),
            (excluded(ip(&[10, 0, 0, 0, 255, 0, 0, 0])), "IP:::1", true),
            (excluded(ip(&[0; 8])), "IP:1.2.3.4", false),
            (permitted(email("a.test")), "email:x@a.test", true),
            (permitted(email("a.test")), "email:x@b.a.test", false),
            (permitted(email(".a.test")), "email:x@b.a.test", true),
            (permitted(email(".a.test")), "email:x@a.test", false),
            (permitted(email("x@a.test")), "email:x@A.test", true),
            (permitted(email("x@a.test")), "email:y@a.test", false),
            (permitted(uri("a.test")), "URI:https://u@a.test:8/p", true),
            (permitted(uri("a.test")), "URI:https://b.a.test/p", false),
            (permitted(uri(".a.test")), "URI:https://b.a.test?q", true),
            (permitted(uri(".a.test")), "URI:https://a.test", false),
            (permitted(uri("a.test")), "URI:https://10.0.0.1/", false),
            (excluded(uri("a.test")), "URI:https://10.0.0.1/", false),
            (excluded(uri("a.test")), "URI:urn:a:b", false),
        ] {
            let constraints = NameConstraints::from_der(&value).expect("well-formed");
            let found = constraints.check(&name(text));
            assert_eq!(found.is_ok(), holds, "{constraints:?} {text}: {found:?}");
        }
    }

    #[test]
    fn subjects_count_as_names() {
        let subject = distinguished_name(Some("a.test"), Some("Acme"));
        let check = |value: &[u8], names: &[GeneralName]| {
            let constraints = NameConstraints::from_der(value).expect("well-formed");
            names
                .iter()
                .try_for_each(|name| constraints.check(name))
                .is_ok()
        };
        let only_acme = constraints(&[directory("acme")], &[]);
        let not_acme = constraints(&[], &[directory("ACME")]);
        let other_dns = constraints(&[dns("b.test")], &[]);
        assert!(check(&only_acme, &ca_names(&subject, &[])));
        assert!(!check(&not_acme, &ca_names(&subject, &[])));
        assert!(check(&only_acme, &ca_names(&[tag::SEQUENCE, 0], &[])));
        assert!(check(&other_dns, &ca_names(&subject, &[])));
        assert!(!check(&other_dns, &leaf_names(&subject, &[])));
        let address = [GeneralName::Ip([10, 0, 0, 1].into())];
        assert!(check(&other_dns, &leaf_names(&subject, &address)));
        assert!(!check(
            &other_dns,
            &leaf_names_of_openssl(&subject, &address)
        ));
        let numbers = distinguished_name(Some("10.0.0.1"), None);
        assert!(check(&other_dns, &leaf_names(&numbers, &[])));
        let san = [GeneralName::Dns("x.b.test".into())];
        assert!(check(&other_dns, &leaf_names(&subject, &san)));
    }

    #[test]
    fn constraints_are_read_strictly() {
        let sequence = |parts: &[Vec<u8>]| der::sequence(parts);
        let part = |number, content: &[u8]| der::tlv(tag::context_constructed(number), content);
        let whole = constraints(&[dns("a.test")], &[dns("b.test")]);
        let with_minimum = der::sequence(&[dns("a.test"), der::tlv(tag::context(0), &[1])]);
        for (name, value, holds) in [
            ("both", whole.clone(), true),
            ("octets after it", [&whole[..], &[5, 0]].concat(), false),
            ("minimum", sequence(&[part(0, &with_minimum)]), false),
            (
                "unknown part",
                sequence(&[part(2, &subtree(&dns("a")))]),
                false,
            ),
            (
                "wrong order",
                sequence(&[part(1, &subtree(&dns("a"))), part(0, &subtree(&dns("a")))]),
                false,
            ),
            ("cut off", sequence(&[part(0, &[0x30, 9, 1])]), false),
            (
                "mask with holes",
                constraints(&[ip(&[10, 0, 0, 0, 255, 0, 255, 0])], &[]),
                false,
            ),
            ("seven octets", constraints(&[ip(&[1; 7])], &[]), false),
            ("not ASCII", constraints(&[dns("ä.test")], &[]), false),
            ("neither part", sequence(&[]), false),
            ("a part without subtrees", sequence(&[part(0, &[])]), false),
            (
                "one of two parts without subtrees",
                sequence(&[part(0, &subtree(&dns("a"))), part(1, &[])]),
                false,
            ),
        ] {
            assert_eq!(NameConstraints::from_der(&value).is_some(), holds, "{name}");
        }
    }

    /// They come from certificates, which hold whatever somebody put there.
    #[test]
    fn names_that_cannot_be_understood_lie_nowhere_and_everywhere() {
        for (base, name) in [
            (dns("a.test"), GeneralName::Dns(".a.test".into())),
            (dns("a.test"), GeneralName::Dns("b..a.test".into())),
            (dns("a.test"), GeneralName::Dns("b*.a.test".into())),
            (dns("a.test"), GeneralName::Dns("b c.a.test".into())),
            (dns(""), GeneralName::Dns(String::new())),
            (email("a.test"), GeneralName::Email("x@y@a.test".into())),
            (email("a.test"), GeneralName::Email("a.test".into())),
            (email("a.test"), GeneralName::Email("@a.test".into())),
            (
                ip(&[10, 0, 0, 0, 255, 0, 0, 0]),
                GeneralName::Opaque(ip(&[10, 0, 0, 0, 255, 0, 0, 0])),
            ),
        ] {
            for value in [
                constraints(std::slice::from_ref(&base), &[]),
                constraints(&[], &[base]),
            ] {
                let constraints = NameConstraints::from_der(&value).expect("well-formed");
                assert!(constraints.check(&name).is_err(), "{constraints:?} {name}");
            }
        }
    }

    #[test]
    fn bases_are_odd_or_not() {
        for (base, odd) in [
            (dns("a.test"), false),
            (dns(""), false),
            (dns("a_b.test"), false),
            (dns(".a.test"), true),
            (dns("*.a.test"), true),
            (dns("a b"), true),
            (email("a.test"), false),
            (email(".a.test"), false),
            (email("x@a.test"), false),
            (email("x@y@a.test"), true),
            (email("@a.test"), true),
            (uri(".a.test"), false),
            (uri("a.test"), false),
            (uri("https://a.test/"), true),
            (ip(&[10, 0, 0, 0, 255, 0, 0, 0]), false),
        ] {
            let value = constraints(&[base], &[]);
            let constraints = NameConstraints::from_der(&value).expect("well-formed");
            assert_eq!(constraints.odd_base().is_some(), odd, "{constraints:?}");
        }
    }

    #[test]
    fn kinds_that_are_not_compared_are_refused_where_constrained() {
        let other = GeneralName::RegisteredId(vec![42]);
        for value in [
            constraints(&[other.to_der()], &[]),
            constraints(&[], &[other.to_der()]),
        ] {
            let constraints = NameConstraints::from_der(&value).expect("well-formed");
            assert!(constraints.check(&other).is_err());
            assert!(constraints.check(&GeneralName::Dns("a".into())).is_ok());
        }
    }
}
