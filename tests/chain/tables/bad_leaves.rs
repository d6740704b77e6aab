//! Leaves that are not for this time, purpose or host.

use certctl::pki::{
    chain::Purpose, der, der::tag, extension as ext, extension::Extension, extension::KeyUsage,
    profile::Profile,
};
use time::Duration;
use x509_parser::{der_parser::oid, oid_registry as oids};

use super::{about_leaf, node};
use crate::{
    builder::{NOW, name, sans},
    case::Case,
};

pub fn cases() -> Vec<Case> {
    let purposes = |profile: Profile| ext::extended_key_usage(profile.purposes());
    let any = ext::extended_key_usage(&[oid!(2.5.29.37.0)]);
    let weak = der::sequence(&[der::integer(&[0xc5; 128]), der::integer(&[1, 0, 1])]);
    let weak = der::sequence(&[
        der::sequence(&[der::oid(&oids::OID_PKCS1_RSAENCRYPTION), der::null()]),
        der::bit_string(&weak),
    ]);
    let san = oids::OID_X509_EXT_SUBJECT_ALT_NAME;
    let host = |name, host| about_leaf(name, &node()).host(host).fails("host");
    vec![
        about_leaf(
            "expired leaf",
            &node().but(|it| it.not_after = NOW - Duration::SECOND),
        )
        .fails("expired"),
        about_leaf(
            "young leaf",
            &node().but(|it| it.not_before = NOW + Duration::SECOND),
        )
        .fails("not-yet-valid"),
        about_leaf("client as server", &node().with(purposes(Profile::Client))).fails("purpose"),
        about_leaf("server as client", &node().with(purposes(Profile::Server)))
            .purpose(Purpose::Client)
            .fails("purpose"),
        about_leaf("any purpose is not this one", &node().with(any)).fails("purpose"),
        about_leaf(
            "keyUsage of a CRL signer",
            &node().with(ext::key_usage(&[KeyUsage::CrlSign])),
        )
        .fails("key-usage")
        .not_rustls("does not look at keyUsage"),
        about_leaf(
            "keyEncipherment is for servers",
            &node().with(ext::key_usage(&[KeyUsage::KeyEncipherment])),
        )
        .purpose(Purpose::Client)
        .fails("key-usage")
        .not_rustls("does not look at keyUsage"),
        about_leaf(
            "short RSA key",
            &node().but(|it| it.public_key = weak.into()),
        )
        .fails("weak-key")
        .not_rustls("does not look at a leaf's key"),
        about_leaf(
            "unknown critical extension",
            &node().with(Extension::new(oid!(1.2.3.4), der::null()).critical()),
        )
        .fails("critical-extension"),
        about_leaf(
            "extension twice",
            &node().but(|it| it.extensions.push(it.extensions[0].clone())),
        )
        .fails("duplicate-extension"),
        about_leaf(
            "octets after a value",
            &node().with(
                Extension::new(
                    oids::OID_X509_EXT_BASIC_CONSTRAINTS,
                    [vec![tag::SEQUENCE, 0], der::null()].concat(),
                )
                .critical(),
            ),
        )
        .fails("malformed-extension")
        .not_openssl("passes over them"),
        host("other host", "node2.db.test"),
        host("other address", "10.0.0.2"),
        host("below the name", "a.node1.db.test"),
        about_leaf(
            "wildcard for one label",
            &node().with(sans(&["DNS:*.db.test"])),
        )
        .host("a.b.db.test")
        .fails("host"),
        about_leaf(
            "wildcard above a top level",
            &node().with(sans(&["DNS:*.test"])),
        )
        .host("db.test")
        .fails("host"),
        about_leaf(
            "common name",
            &node()
                .but(|it| it.subject = name("node1.db.test"))
                .without(&san),
        )
        .host("node1.db.test")
        .fails("host")
        .not_openssl("falls back to the common name"),
        about_leaf("address as DNS name", &node().with(sans(&["DNS:10.0.0.1"])))
            .host("10.0.0.1")
            .fails("host"),
    ]
}
