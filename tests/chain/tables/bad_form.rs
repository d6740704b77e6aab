//! Certificates that are not made as RFC 5280 §4 wants them.

use certctl::pki::{
    chain::Policy, der, der::tag, extension as ext, extension::Extension, extension::KeyUsage,
    key::KeyType,
};
use x509_parser::oid_registry as oids;

use super::{about_issuing, about_leaf, about_root, node};
use crate::{
    builder::{ISSUING, LEAF, Template, issuing, key_id, root},
    case::Case,
};

pub fn cases() -> Vec<Case> {
    let no_usage = |template: Template| template.without(&oids::OID_X509_EXT_KEY_USAGE);
    let mut not_critical = ext::basic_constraints(true, None);
    not_critical.critical = false;
    let form = |case: Case, code| case.fails(code).not_rustls("does not look at it");
    let openssl = |case, code| form(case, code).policy(Policy::Openssl);
    vec![
        openssl(
            about_issuing("intermediate without keyUsage", &no_usage(issuing())),
            "ca-key-usage",
        ),
        openssl(
            about_root("root without keyUsage", &no_usage(root())),
            "ca-key-usage",
        ),
        form(
            about_issuing(
                "basicConstraints not critical",
                &issuing().with(not_critical),
            ),
            "basic-constraints-not-critical",
        ),
        form(
            about_leaf(
                "no authority key",
                &node().without(&oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER),
            ),
            "authority-key-missing",
        ),
        about_leaf(
            "authority key critical",
            &node().with(ext::authority_key_identifier(&key_id(&ISSUING)).critical()),
        )
        .fails("key-identifier-critical"),
        form(
            about_root(
                "no subject key",
                &root().without(&oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER),
            ),
            "subject-key-missing",
        ),
        about_leaf(
            "subject key critical",
            &node().with(ext::subject_key_identifier(&key_id(&LEAF)).critical()),
        )
        .fails("key-identifier-critical"),
        form(
            about_leaf(
                "keyCertSign on a leaf",
                &node().with(ext::key_usage(&[
                    KeyUsage::DigitalSignature,
                    KeyUsage::KeyCertSign,
                ])),
            ),
            "key-cert-sign-without-ca",
        ),
        openssl(
            about_leaf(
                "pathlen on a leaf",
                &node().with(
                    Extension::new(
                        oids::OID_X509_EXT_BASIC_CONSTRAINTS,
                        der::sequence(&[der::integer(&[0])]),
                    )
                    .critical(),
                ),
            ),
            "path-length-without-ca",
        ),
        form(
            about_leaf(
                "empty subject, SAN not critical",
                &node().but(|it| it.subject = vec![tag::SEQUENCE, 0].into()),
            ),
            "san-not-critical",
        ),
        form(
            about_leaf(
                "empty subject, no SAN",
                &node()
                    .but(|it| it.subject = vec![tag::SEQUENCE, 0].into())
                    .without(&oids::OID_X509_EXT_SUBJECT_ALT_NAME),
            ),
            "subject-empty",
        ),
        form(
            about_leaf("empty SAN", &node().with(sans_of_nobody())),
            "malformed-extension",
        ),
        about_leaf(
            "algorithms differ",
            &node().but(|it| it.algorithm_inside = Some(KeyType::P384.signature_algorithm())),
        )
        .fails("algorithms-differ"),
        about_leaf("version 2", &node().but(|it| it.version = Some(1))).fails("version"),
        about_leaf("serial 0", &node().but(|it| it.serial = vec![0]))
            .fails("serial")
            .not_openssl("does not look at it")
            .not_rustls("does not look at it"),
        about_leaf("negative serial", &node().but(|it| it.serial = vec![0x80]))
            .fails("serial")
            .not_openssl("does not look at it")
            .not_rustls("does not look at it"),
        about_leaf(
            "serial of 21 octets",
            &node().but(|it| it.serial = vec![1; 21]),
        )
        .fails("serial")
        .not_openssl("does not look at it")
        .not_rustls("does not look at it"),
    ]
}

fn sans_of_nobody() -> Extension {
    ext::subject_alternative_name(&[])
}
