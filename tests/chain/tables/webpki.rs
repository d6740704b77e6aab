//! What browsers take of public CAs, and what they do not.

use certctl::pki::{
    chain::Policy,
    der,
    der::tag,
    extension::{self as ext, Extension, KeyUsage},
    general_name::GeneralName,
    key::KeyType,
    name::distinguished_name,
    octets::Spki,
    profile::Profile,
};
use x509_parser::{
    der_parser::oid,
    oid_registry::{self as oids, Oid},
};

use super::{ISSUING_CA, ROOT_CA};
use crate::{
    builder::{
        ISSUING, LEAF, ROOT, Template, ca, dns, generate, issuing, key_id, leaf, name_constraints,
        root, sans,
    },
    case::{Case, case},
};

/// A server whose common name is its name.
fn server() -> Template {
    named("node1.db.test", &["DNS:node1.db.test"])
}

fn named(common_name: &str, names: &[&str]) -> Template {
    leaf("issuing", &ISSUING)
        .but(|it| it.subject = distinguished_name(Some(common_name), None))
        .with(sans(names))
}

fn about(name: &'static str, leaf: &Template) -> Case {
    case(name, leaf.sign(&ISSUING), &[&ISSUING_CA], &[&ROOT_CA]).policy(Policy::Webpki)
}

fn about_root(name: &'static str, root: &Template) -> Case {
    let leaf = server().sign(&ISSUING);
    case(name, leaf, &[&ISSUING_CA], &[&root.sign(&ROOT)]).policy(Policy::Webpki)
}

fn purposes(more: &[Oid<'static>]) -> Extension {
    let all = [&[oid!(1.3.6.1.5.5.7.3.1)][..], more].concat();
    ext::extended_key_usage(&all)
}

pub fn cases() -> Vec<Case> {
    let lax = |case: Case, code| case.fails(code).not_rustls("does not look at it");
    let mut cases = good();
    cases.extend(names().map(|(name, leaf)| lax(about(name, &leaf), "common-name-not-in-san")));
    let others = [
        ("anyExtendedKeyUsage", oid!(2.5.29.37.0)),
        ("codeSigning", oid!(1.3.6.1.5.5.7.3.3)),
        ("emailProtection", oid!(1.3.6.1.5.5.7.3.4)),
        ("timeStamping", oid!(1.3.6.1.5.5.7.3.8)),
        ("OCSPSigning", oid!(1.3.6.1.5.5.7.3.9)),
        ("precertificates", oid!(1.3.6.1.4.1.11129.2.4.4)),
    ];
    cases.extend(others.map(|(name, other)| {
        let leaf = server().with(purposes(&[other]));
        lax(about(name, &leaf), "server-purposes")
    }));
    cases.extend([
        lax(
            about(
                "purposes critical",
                &server().with(purposes(&[]).critical()),
            ),
            "server-purposes",
        ),
        lax(
            about(
                "no purposes",
                &server().without(&oids::OID_X509_EXT_EXTENDED_KEY_USAGE),
            ),
            "server-purposes",
        ),
        about(
            "a client",
            &server().with(ext::extended_key_usage(Profile::Client.purposes())),
        )
        .fails("purpose"),
        lax(
            about(
                "SAN critical",
                &server().with(sans(&["DNS:node1.db.test"]).critical()),
            ),
            "san-critical",
        ),
        lax(
            about(
                "no SAN",
                &server().without(&oids::OID_X509_EXT_SUBJECT_ALT_NAME),
            ),
            "san-missing",
        ),
        about(
            "a CA",
            &server()
                .with(ext::basic_constraints(true, None))
                .with(ext::key_usage(&[
                    KeyUsage::DigitalSignature,
                    KeyUsage::KeyCertSign,
                ])),
        )
        .fails("leaf-is-ca"),
        about(
            "key that may do nothing",
            &server().with(ext::key_usage(&[])),
        )
        .fails("key-usage")
        .not_rustls("does not look at keyUsage"),
        lax(
            about("CRL by DNS name", &server().with(distribution_point())),
            "distribution-point-not-uri",
        ),
        about(
            "authorityInfoAccess malformed",
            &server().with(Extension::new(
                oids::OID_PKIX_AUTHORITY_INFO_ACCESS,
                b"malformed".to_vec(),
            )),
        )
        .fails("malformed-extension")
        .not_openssl("does not look at it")
        .not_rustls("does not look at it"),
    ]);
    cases.extend(keys());
    cases.extend(roots());
    cases
}

fn good() -> Vec<Case> {
    let nobody = vec![tag::SEQUENCE, 0];
    let mut not_critical = name_constraints(&[dns("db.test")], &[]);
    not_critical.critical = false;
    let constrained = issuing().with(not_critical).sign(&ROOT);
    vec![
        about("a server", &server()),
        about(
            "server and client",
            &server().with(purposes(&[oid!(1.3.6.1.5.5.7.3.2)])),
        ),
        about(
            "no subject",
            &server()
                .but(|it| it.subject = nobody.into())
                .with(sans(&["DNS:node1.db.test"]).critical()),
        ),
        about("an address", &named("10.0.0.1", &["IP:10.0.0.1"])),
        about("an address of IPv6", &named("fd00::1", &["IP:fd00::1"])),
        about("a wildcard", &named("*.db.test", &["DNS:*.db.test"])),
        case(
            "constraints of browsers need not be critical",
            server().sign(&ISSUING),
            &[&constrained],
            &[&ROOT_CA],
        )
        .policy(Policy::Webpki),
    ]
}

fn names() -> impl Iterator<Item = (&'static str, Template)> {
    [
        ("another name", named("node1", &["DNS:node1.db.test"])),
        (
            "another case",
            named("Node1.DB.test", &["DNS:node1.db.test"]),
        ),
        (
            "a U-label",
            named("bücher.test", &["DNS:xn--bcher-kva.test"]),
        ),
        ("hexadecimal", named("0x0A000001", &["IP:10.0.0.1"])),
        ("leading zeros", named("10.000.000.001", &["IP:10.0.0.1"])),
        ("upper case of IPv6", named("FD00::1", &["IP:fd00::1"])),
        ("IPv6 in full", named("fd00:0:0:0:0:0:0:1", &["IP:fd00::1"])),
        (
            "an address as a DNS name",
            named("10.0.0.1", &["DNS:node1.db.test"]),
        ),
        ("two common names", {
            let one = distinguished_name(Some("node1.db.test"), None);
            let rdn = &one[2..];
            server().but(|it| it.subject = der::sequence(&[rdn, rdn]).into())
        }),
    ]
    .into_iter()
}

fn keys() -> Vec<Case> {
    let of = |name, key: Spki| about(name, &server().but(|it| it.public_key = key));
    let curve = |curve: &Oid<'_>, length: usize| {
        let kind = der::sequence(&[der::oid(&oids::OID_KEY_TYPE_EC_PUBLIC_KEY), der::oid(curve)]);
        let point = [&[4][..], &vec![1; length * 2]].concat();
        der::sequence(&[kind, der::bit_string(&point)])
    };
    let dsa = der::sequence(&[
        der::sequence(&[der::oid(&oids::OID_KEY_TYPE_DSA)]),
        der::bit_string(&der::integer(&[1])),
    ]);
    let ed25519 = generate(KeyType::Ed25519);
    let root = ca("root", &ed25519, "root", &ed25519).sign(&ed25519);
    let below = leaf("root", &ed25519)
        .but(|it| it.subject = server().subject)
        .with(sans(&["DNS:node1.db.test"]))
        .sign(&ed25519);
    vec![
        of("RSA", generate(KeyType::Rsa2048).public_key_info()),
        of("P-384", generate(KeyType::P384).public_key_info()),
        of("Ed25519", ed25519.public_key_info())
            .fails("web-key")
            .not_rustls("does not look at it"),
        case("root of Ed25519", below, &[], &[&root])
            .policy(Policy::Webpki)
            .fails("web-key")
            .not_rustls("takes Ed25519"),
        of("DSA", dsa.into())
            .fails("weak-key")
            .not_rustls("does not look at it"),
        of("P-192", curve(&oid!(1.2.840.10045.3.1.1), 24).into())
            .fails("weak-key")
            .not_rustls("does not look at it"),
        of("another curve", curve(&oid!(1.3.132.0.10), 32).into())
            .fails("web-key")
            .not_openssl("sees that the point is not on it")
            .not_rustls("does not look at it"),
    ]
}

fn roots() -> Vec<Case> {
    let lax = |case: Case, code| case.fails(code).not_rustls("does not look at it");
    let key = der::tlv(tag::context(0), &key_id(&ROOT));
    let issuer = GeneralName::Directory(distinguished_name(Some("root"), None)).to_der();
    let issuer = der::constructed(tag::context_constructed(1), &[issuer]);
    let serial = der::tlv(tag::context(2), &[1]);
    let authority = |parts: &[&[u8]]| {
        let oid = oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER;
        root().with(Extension::new(oid, der::sequence(parts)))
    };
    vec![
        about_root("root that names its key", &authority(&[&key])),
        lax(
            about_root("root that names nothing", &authority(&[])),
            "root-authority-key",
        ),
        lax(
            about_root("root that names its issuer", &authority(&[&key, &issuer])),
            "root-authority-key",
        ),
        lax(
            about_root("root that names a serial", &authority(&[&key, &serial])),
            "root-authority-key",
        ),
        lax(
            about_root(
                "root that names another key",
                &root().with(ext::authority_key_identifier(&key_id(&LEAF))),
            ),
            "root-authority-key",
        ),
        lax(
            about_root("root with purposes", &root().with(purposes(&[]))),
            "root-purposes",
        ),
    ]
}

fn distribution_point() -> Extension {
    let full_name = der::constructed(tag::context_constructed(0), &[dns("db.test")]);
    let point = der::constructed(tag::context_constructed(0), &[full_name]);
    Extension::new(
        oids::OID_X509_EXT_CRL_DISTRIBUTION_POINTS,
        der::sequence(&[der::sequence(&[point])]),
    )
}
