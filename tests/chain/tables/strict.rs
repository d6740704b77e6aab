//! What RFC 5280 says to the letter, whether or not programs hold to it.

use certctl::pki::{
    chain::{Policy, Purpose},
    der,
    der::tag,
    extension::{self as ext, Extension, KeyUsage},
    general_name::GeneralName,
    name::distinguished_name,
};
use x509_parser::oid_registry as oids;

use super::{NODE, ROOT_CA, about_issuing, about_leaf, about_root, node};
use crate::{
    builder::{
        ISSUING, LEAF, OTHER, ROOT, Template, ca, crl, dns, issuing, leaf, name_constraints, root,
        sans,
    },
    case::{Case, case},
};

pub fn cases() -> Vec<Case> {
    let mut cases = names();
    cases.extend(authorities());
    cases.extend(leaves());
    cases
}

/// What constrains names, and who minds.
fn names() -> Vec<Case> {
    let in_the_db = || name_constraints(&[dns("db.test")], &[]);
    let mut not_critical = in_the_db();
    not_critical.critical = false;
    let policy_constraints = Extension::new(
        oids::OID_X509_EXT_POLICY_CONSTRAINTS,
        der::sequence(&[der::tlv(tag::context(0), &[3])]),
    );
    let mail = |base: &str| GeneralName::Email(base.into()).to_der();
    let lax = |case: Case, code| case.fails(code).not_rustls("does not look at it");
    let constrained =
        |name, base| about_issuing(name, &issuing().with(name_constraints(&[base], &[])));
    let without_san = |common_name: &str| {
        node()
            .but(|it| it.subject = distinguished_name(Some(common_name), None))
            .without(&oids::OID_X509_EXT_SUBJECT_ALT_NAME)
    };
    let below_the_db = |name, leaf: &Template| {
        let issuing = issuing().with(in_the_db()).sign(&ROOT);
        case(name, leaf.sign(&ISSUING), &[&issuing], &[&ROOT_CA])
    };
    vec![
        lax(
            about_issuing(
                "constraints not critical",
                &issuing().with(not_critical.clone()),
            ),
            "name-constraints-not-critical",
        ),
        about_issuing(
            "constraints not critical, for browsers",
            &issuing().with(not_critical),
        )
        .policy(Policy::Webpki)
        .fails("common-name-not-in-san")
        .not_rustls("does not look at it"),
        lax(
            about_issuing(
                "policyConstraints not critical",
                &issuing().with(policy_constraints),
            ),
            "policy-constraints-not-critical",
        ),
        lax(
            about_leaf("constraints in a leaf", &node().with(in_the_db())),
            "name-constraints-without-ca",
        ),
        lax(
            constrained("a leading dot", dns(".db.test")),
            "name-constraint-base",
        ),
        constrained("a leading dot, as OpenSSL takes it", dns(".db.test")).policy(Policy::Openssl),
        constrained("a wildcard", dns("*.db.test")).fails("name-constraint"),
        lax(
            constrained("two @", mail("x@y@db.test")),
            "name-constraint-base",
        ),
        about_issuing("no subtrees", &issuing().with(name_constraints(&[], &[])))
            .fails("malformed-extension")
            .not_openssl("takes constraints without subtrees")
            .not_rustls("takes constraints without subtrees"),
        below_the_db(
            "a host without labels before the dot",
            &node().with(raw_dns(".db.test")),
        )
        .fails("name-constraint")
        .not_openssl("takes .db.test for a name below db.test"),
        below_the_db("a common name beside names", &node_called("node1.web.test")),
        below_the_db(
            "a common name that is a host, and no names",
            &without_san("node1.web.test"),
        )
        .fails("name-constraint")
        .not_rustls("never looks at the common name"),
        below_the_db("a common name that is no host", &without_san("node 1, web")),
        below_the_db(
            "a common name that is a host, and an address",
            &node_called("node1.web.test").with(sans(&["IP:10.0.0.1"])),
        ),
        below_the_db(
            "the same, as OpenSSL takes it",
            &node_called("node1.web.test").with(sans(&["IP:10.0.0.1"])),
        )
        .policy(Policy::Openssl)
        .fails("name-constraint")
        .not_rustls("never looks at the common name"),
    ]
}

/// What CAs have, and need not have.
fn authorities() -> Vec<Case> {
    let no_usage = |template: Template| template.without(&oids::OID_X509_EXT_KEY_USAGE);
    let bare = no_usage(issuing()).sign(&ROOT);
    let cross_signed = ca("root", &ROOT, "other", &OTHER)
        .without(&oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER)
        .sign(&OTHER);
    let from_root = leaf("root", &ROOT).sign(&ROOT);
    vec![
        about_issuing("CA without keyUsage", &no_usage(issuing())),
        case(
            "CA without keyUsage, and its CRL",
            NODE.clone(),
            &[&bare],
            &[&ROOT_CA],
        )
        .crls(&[crl("issuing", &ISSUING).sign(&ISSUING)]),
        about_root(
            "root with a negative serial",
            &root().but(|it| it.serial = vec![0x80]),
        )
        .fails("serial")
        .not_openssl("does not look at it")
        .not_rustls("does not look at it"),
        case(
            "cross-signed anchor without authority key",
            from_root,
            &[],
            &[&cross_signed],
        )
        .fails("authority-key-missing")
        .not_openssl("does not look at it")
        .not_rustls("does not look at it"),
    ]
}

/// What a leaf may be.
fn leaves() -> Vec<Case> {
    let negative = leaf("node1", &LEAF)
        .but(|it| it.serial = vec![0x80])
        .sign(&LEAF);
    let pathlen = Extension::new(
        oids::OID_X509_EXT_BASIC_CONSTRAINTS,
        der::sequence(&[der::integer(&[0])]),
    );
    let below = || {
        ca("below", &LEAF, "issuing", &ISSUING)
            .with(ext::basic_constraints(true, Some(0)))
            .sign(&ISSUING)
    };
    let issuing_0 = issuing()
        .with(ext::basic_constraints(true, Some(0)))
        .sign(&ROOT);
    let ca_as_leaf = |name| case(name, below(), &[&issuing_0], &[&ROOT_CA]);
    vec![
        about_leaf("pathlen in a leaf", &node().with(pathlen)),
        ca_as_leaf("CA as the leaf").not_rustls("takes no CA as the leaf"),
        ca_as_leaf("CA as the leaf, for any purpose")
            .purpose(Purpose::Any)
            .not_rustls("takes no CA as the leaf"),
        ca_as_leaf("CA as the leaf, as OpenSSL takes it")
            .policy(Policy::Openssl)
            .fails("key-usage"),
        about_leaf(
            "a leaf whose key may not serve",
            &node().with(ext::key_usage(&[KeyUsage::CrlSign])),
        )
        .fails("key-usage")
        .not_rustls("does not look at keyUsage"),
        case(
            "trusted leaf with a negative serial",
            negative.clone(),
            &[],
            &[&negative],
        )
        .fails("serial")
        .not_openssl("does not look at it")
        .not_rustls("does not look at it"),
    ]
}

/// `node1` under another common name.
fn node_called(common_name: &str) -> Template {
    node().but(|it| it.subject = distinguished_name(Some(common_name), None))
}

/// A DNS name that no host could have, among others.
fn raw_dns(name: &str) -> Extension {
    let names = [name, "node1.db.test"].map(|name| GeneralName::Dns(name.into()));
    ext::subject_alternative_name(&names)
}
