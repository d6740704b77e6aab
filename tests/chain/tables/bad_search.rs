//! No chain to be found.

use certctl::pki::{
    der::{self, tag},
    extension as ext,
    general_name::GeneralName,
    octets::Name,
};
use time::Duration;
use x509_parser::{der_parser::oid, oid_registry as oids};

use super::{ISSUING_CA, NODE, ROOT_CA, about_leaf, node};
use crate::{
    builder::{ISSUING, LEAF, NOW, OTHER, ROOT, ca, issuing, key_id, leaf, name},
    case::{Case, case},
};

pub fn cases() -> Vec<Case> {
    let other_root = ca("root", &OTHER, "root", &OTHER).sign(&OTHER);
    let no_authority = issuing().without(&oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER);
    let self_signed = leaf("node1", &LEAF).sign(&LEAF);
    // As OpenSSL writes it with `authorityKeyIdentifier=keyid,issuer:always`.
    let by_certificate = |issuer: &str, serial: &[u8]| {
        let key = der::tlv(tag::context(0), &key_id(&ISSUING));
        let issuer = GeneralName::Directory(name(issuer)).to_der();
        let issuer = der::constructed(tag::context_constructed(1), &[issuer]);
        let serial = der::tlv(tag::context(2), serial);
        let mut extension = ext::authority_key_identifier(&key_id(&ISSUING));
        extension.value = der::sequence(&[key, issuer, serial]);
        node().with(extension)
    };
    let serial = issuing().serial;
    let other_case = issuing().but(|it| it.issuer = name("ROOT"));
    let expired_link = issuing()
        .but(|it| it.not_after = NOW - Duration::DAY)
        .sign(&ROOT);
    vec![
        case("no intermediate", NODE.clone(), &[], &[&ROOT_CA]).fails("issuer-unknown"),
        case(
            "nothing trusted",
            NODE.clone(),
            &[&ISSUING_CA, &ROOT_CA],
            &[&other_root],
        )
        .fails("issuer-key-differs"),
        case(
            "root not trusted",
            NODE.clone(),
            &[&ISSUING_CA, &ROOT_CA],
            &[&NODE],
        )
        .holds(1)
        .not_rustls("takes no leaf for an anchor"),
        about_leaf("issuer's certificate", &by_certificate("root", &serial)),
        about_leaf("issuer's older certificate", &by_certificate("root", &[7]))
            .fails("issuer-certificate-differs")
            .not_rustls("does not look at it"),
        about_leaf("issuer's namesake", &by_certificate("other", &serial))
            .fails("issuer-certificate-differs")
            .not_rustls("does not look at it"),
        about_leaf(
            "issuer's name in another string type",
            &node().but(|it| it.issuer = printable("issuing")),
        )
        .fails("issuer-encoding")
        .not_openssl("compares names as people read them"),
        about_leaf(
            "issuer's name in other blanks",
            &node().but(|it| it.issuer = name(" issuing ")),
        )
        .fails("issuer-encoding")
        .not_openssl("compares names as people read them"),
        case(
            "a namesake in another string type that has not signed it",
            leaf("nobody", &OTHER)
                .but(|it| it.issuer = printable("issuing"))
                .sign(&OTHER),
            &[&ISSUING_CA],
            &[&ROOT_CA],
        )
        .fails("issuer-unknown"),
        about_leaf(
            "issuer's certificate, its issuer in another case",
            &by_certificate("ROOT", &serial),
        ),
        case("self-signed", self_signed, &[], &[&ROOT_CA]).fails("self-signed"),
        case("wrong key", NODE.clone(), &[&ISSUING_CA], &[&other_root]).fails("issuer-key-differs"),
        case(
            "wrong key, no identifier",
            NODE.clone(),
            &[&no_authority.sign(&ROOT)],
            &[&other_root],
        )
        .fails("bad-signature"),
        case(
            "signed by another",
            node().sign(&OTHER),
            &[&ISSUING_CA],
            &[&ROOT_CA],
        )
        .fails("bad-signature"),
        case(
            "name in another case",
            NODE.clone(),
            &[&other_case.sign(&ROOT)],
            &[&ROOT_CA],
        )
        .fails("issuer-encoding")
        .not_openssl("compares names as people read them"),
        case(
            "one path expired, one without end",
            NODE.clone(),
            &[
                &expired_link,
                &no_authority
                    .clone()
                    .but(|it| it.issuer = name("nobody"))
                    .sign(&OTHER),
            ],
            &[&ROOT_CA],
        )
        .fails("expired"),
        about_leaf(
            "SHA-1",
            &node().but(|it| {
                let sha1 = der::sequence(&[der::oid(&oid!(1.2.840.10045.4.1))]);
                it.algorithm_inside = Some(sha1.clone());
                it.algorithm = Some(sha1);
            }),
        )
        .fails("weak-signature"),
    ]
}

/// A common name as a `PrintableString`.
fn printable(common_name: &str) -> Name {
    let text = der::tlv(tag::PRINTABLE_STRING, common_name.as_bytes());
    let attribute = der::sequence(&[der::oid(&oids::OID_X509_COMMON_NAME), text]);
    der::sequence(&[der::set_of(&[attribute])]).into()
}
