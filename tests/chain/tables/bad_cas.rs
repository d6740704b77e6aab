//! CAs that may not have issued.

use certctl::pki::{
    der, extension as ext, extension::Extension, extension::KeyUsage, general_name::GeneralName,
    profile::Profile,
};
use time::Duration;
use x509_parser::{der_parser::oid, oid_registry as oids};

use super::{ROOT_CA, about_issuing, about_root};
use crate::{
    builder::{
        ISSUING, NOW, OTHER, ROOT, Template, ca, dns, issuing, leaf, name, name_constraints,
        network, root,
    },
    case::{Case, case},
};

pub fn cases() -> Vec<Case> {
    let usage = |uses: &[KeyUsage]| ext::key_usage(uses);
    let old = |it: &mut Template| it.not_after = NOW - Duration::SECOND;
    let young = |it: &mut Template| it.not_before = NOW + Duration::SECOND;
    let bc = oids::OID_X509_EXT_BASIC_CONSTRAINTS;
    vec![
        about_issuing("expired intermediate", &issuing().but(old)).fails("expired"),
        about_issuing("young intermediate", &issuing().but(young)).fails("not-yet-valid"),
        about_root("expired root", &root().but(old))
            .fails("expired")
            .not_rustls("does not look at a root's validity"),
        about_root("young root", &root().but(young))
            .fails("not-yet-valid")
            .not_rustls("does not look at a root's validity"),
        about_issuing(
            "CA:FALSE",
            &issuing().with(ext::basic_constraints(false, None)),
        )
        .fails("not-a-ca"),
        about_issuing("no basicConstraints", &issuing().without(&bc)).fails("not-a-ca"),
        about_root("root without basicConstraints", &root().without(&bc))
            .fails("not-a-ca")
            .not_rustls("takes any anchor"),
        about_issuing(
            "no keyCertSign",
            &issuing().with(usage(&[KeyUsage::CrlSign])),
        )
        .fails("no-key-cert-sign")
        .not_rustls("does not look at keyUsage"),
        about_root(
            "root without keyCertSign",
            &root().with(usage(&[KeyUsage::CrlSign])),
        )
        .fails("no-key-cert-sign")
        .not_rustls("does not look at keyUsage"),
        about_root(
            "pathlen of the root",
            &root().with(ext::basic_constraints(true, Some(0))),
        )
        .fails("path-too-long")
        .not_rustls("takes any anchor"),
        path_len_of_an_intermediate(),
        about_issuing(
            "purpose of the intermediate",
            &issuing().with(ext::extended_key_usage(Profile::Client.purposes())),
        )
        .fails("purpose"),
        about_root(
            "purpose of the root",
            &root().with(ext::extended_key_usage(Profile::Client.purposes())),
        )
        .fails("purpose")
        .not_rustls("takes any anchor"),
        about_issuing(
            "unknown critical extension",
            &issuing().with(Extension::new(oid!(1.2.3.4), der::null()).critical()),
        )
        .fails("critical-extension"),
        about_issuing(
            "leaf as issuer",
            &issuing()
                .with(ext::basic_constraints(false, None))
                .with(usage(&[KeyUsage::DigitalSignature])),
        )
        .fails("not-a-ca"),
        about_root(
            "version 1 root",
            &root().but(|it| {
                it.version = None;
                it.extensions.clear();
            }),
        )
        .fails("not-a-ca")
        .not_rustls("takes any anchor"),
        constrained_by(
            "name not permitted",
            name_constraints(&[dns("web.test")], &[]),
        ),
        constrained_by(
            "name excluded",
            name_constraints(&[dns("test")], &[dns("db.test")]),
        ),
        constrained_by(
            "address not permitted",
            name_constraints(&[network(&[10, 1, 0, 0, 255, 255, 0, 0])], &[]),
        ),
        constrained_by(
            "address excluded",
            name_constraints(&[], &[network(&[10, 0, 0, 0, 255, 0, 0, 0])]),
        ),
        constrained_by(
            "other family",
            name_constraints(&[network(&[&[0xfd; 16][..], &[0xff; 16]].concat())], &[]),
        ),
        constrained_by(
            "directory",
            name_constraints(&[GeneralName::Directory(name("other")).to_der()], &[]),
        ),
        constrained_by(
            "directory excluded in another case",
            name_constraints(&[], &[GeneralName::Directory(name("NODE1")).to_der()]),
        ),
        about_root(
            "constraints of the root",
            &root().with(name_constraints(&[dns("web.test")], &[])),
        )
        .fails("name-constraint"),
        about_issuing(
            "malformed constraints",
            &issuing().with(name_constraints(&[network(&[1, 2, 3])], &[])),
        )
        .fails("malformed-extension"),
    ]
}

fn constrained_by(name: &'static str, constraints: Extension) -> Case {
    about_issuing(name, &issuing().with(constraints)).fails("name-constraint")
}

fn path_len_of_an_intermediate() -> Case {
    let first = issuing()
        .with(ext::basic_constraints(true, Some(0)))
        .sign(&ROOT);
    let second = ca("second", &OTHER, "issuing", &ISSUING).sign(&ISSUING);
    case(
        "pathlen of an intermediate",
        leaf("second", &OTHER).sign(&OTHER),
        &[&first, &second],
        &[&ROOT_CA],
    )
    .fails("path-too-long")
}
