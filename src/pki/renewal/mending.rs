//! What a successor has right where its predecessor has not, of what nobody can have meant otherwise: certificates of
//! other tools are renewed, and strict programs refuse them for the same fault no more.

use x509_parser::{
    extensions::{BasicConstraints, KeyUsage as Uses},
    oid_registry::{self as oids, Oid},
    prelude::FromDer as _,
};

use crate::pki::extension::{
    Extension, KeyUsage, authority_key_identifier, key_usage, subject_key_identifier,
};

/// The keys that a certificate has to name.
pub(super) struct Named<'a> {
    /// Identifier of its own
    pub(super) own: &'a [u8],
    /// Identifier of its issuer's, where that is another
    pub(super) issuer: Option<&'a [u8]>,
}

/// These extensions as RFC 5280 demands them.
pub(super) fn mended(mut extensions: Vec<Extension>, named: &Named<'_>) -> Vec<Extension> {
    let is_authority = extensions.iter().any(says_authority);
    for extension in &mut extensions {
        extension.critical = criticality(&extension.oid, is_authority, extension.critical);
        if is_authority && extension.oid == oids::OID_X509_EXT_KEY_USAGE {
            *extension = signing_too(extension);
        }
    }
    let mut add = |missing: Extension| {
        if extensions.iter().all(|it| it.oid != missing.oid) {
            extensions.push(missing);
        }
    };
    if is_authority {
        add(key_usage(&SIGNING));
        add(subject_key_identifier(named.own));
    }
    if let Some(issuer) = named.issuer {
        add(authority_key_identifier(issuer));
    }
    extensions
}

/// What a CA's key is for.
const SIGNING: [KeyUsage; 2] = [KeyUsage::KeyCertSign, KeyUsage::CrlSign];

fn says_authority(extension: &Extension) -> bool {
    let is_it = extension.oid == oids::OID_X509_EXT_BASIC_CONSTRAINTS;
    let parsed = || BasicConstraints::from_der(&extension.value).ok();
    is_it && parsed().is_some_and(|(_, it)| it.ca)
}

/// Whether an extension is critical (RFC 5280 §4.2.1).
fn criticality(oid: &Oid<'_>, is_authority: bool, now: bool) -> bool {
    let always = [
        oids::OID_X509_EXT_BASIC_CONSTRAINTS,
        oids::OID_X509_EXT_NAME_CONSTRAINTS,
        oids::OID_X509_EXT_POLICY_CONSTRAINTS,
    ];
    let never = [
        oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
        oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
    ];
    now && !never.contains(oid) || is_authority && always.contains(oid)
}

/// The same uses of a CA's key, and that it signs.
fn signing_too(old: &Extension) -> Extension {
    let Ok((_, uses)) = Uses::from_der(&old.value) else {
        return old.clone();
    };
    if uses.key_cert_sign() && uses.crl_sign() {
        return old.clone();
    }
    let kept = KeyUsage::ALL.into_iter();
    let kept = kept.filter(|it| uses.flags & *it as u16 != 0 || SIGNING.contains(it));
    key_usage(&kept.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{der, extension::basic_constraints};

    fn plain(mut extension: Extension) -> Extension {
        extension.critical = false;
        extension
    }

    #[test]
    fn faults_do_not_go_on() {
        let named = Named {
            own: &[1],
            issuer: Some(&[2]),
        };
        let [own, theirs] = [subject_key_identifier(&[1]), authority_key_identifier(&[2])];
        let authority = || basic_constraints(true, Some(0));
        let signing = || key_usage(&SIGNING);
        let more = || key_usage(&[KeyUsage::DigitalSignature, SIGNING[0], SIGNING[1]]);
        let all = |first: Vec<Extension>| [first, vec![own.clone(), theirs.clone()]].concat();
        let constraints = || {
            let oid = oids::OID_X509_EXT_NAME_CONSTRAINTS;
            Extension::new(oid, der::sequence(&[[0_u8; 0]]))
        };
        for (case, old, expected) in [
            (
                "as easy-rsa makes a CA",
                all(vec![plain(authority()), plain(signing())]),
                all(vec![authority(), plain(signing())]),
            ),
            (
                "as `openssl req -x509` makes a CA",
                all(vec![authority()]),
                [all(vec![authority()]), vec![signing()]].concat(),
            ),
            (
                "a CA that names no key",
                vec![authority(), signing()],
                all(vec![authority(), signing()]),
            ),
            (
                "a CA whose key only signs other things",
                all(vec![authority(), key_usage(&[KeyUsage::DigitalSignature])]),
                all(vec![authority(), more()]),
            ),
            (
                "a CA with names that may be passed over",
                all(vec![authority(), signing(), constraints()]),
                all(vec![authority(), signing(), constraints().critical()]),
            ),
            (
                "a critical identifier",
                vec![own.clone().critical(), theirs.clone().critical()],
                vec![own.clone(), theirs.clone()],
            ),
            ("a leaf that says nothing", vec![], vec![theirs.clone()]),
            (
                "a leaf",
                vec![plain(basic_constraints(false, None)), theirs.clone()],
                vec![plain(basic_constraints(false, None)), theirs.clone()],
            ),
        ] {
            assert_eq!(mended(old, &named), expected, "{case}");
        }
    }

    #[test]
    fn a_root_names_no_issuer() {
        let named = Named {
            own: &[1],
            issuer: None,
        };
        assert_eq!(mended(Vec::new(), &named), []);
    }
}
