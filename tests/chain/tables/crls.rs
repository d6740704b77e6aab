//! Certificates that CRLs speak of.

use certctl::pki::{
    chain::Policy, der, der::tag, extension as ext, extension::Extension, extension::KeyUsage,
    revocation_list::RevocationList,
};
use time::Duration;
use x509_parser::{der_parser::oid, oid_registry as oids};

use super::{ISSUING_CA, NODE, ROOT_CA, node};
use crate::{
    builder::{ISSUING, NOW, OTHER, ROOT, crl, issuing, name},
    case::{Case, case},
};

pub fn cases() -> Vec<Case> {
    let with = |name, crl: RevocationList| {
        case(name, NODE.clone(), &[&ISSUING_CA], &[&ROOT_CA]).crls(&[crl])
    };
    let ours = || crl("issuing", &ISSUING);
    let serial = node().serial;
    let user_certificates_only = |number: u8| {
        let flag = der::tlv(tag::context(number), &[0xff]);
        Extension::new(
            oids::OID_X509_EXT_ISSUER_DISTRIBUTION_POINT,
            der::sequence(&[flag]),
        )
        .critical()
    };
    let without_number = || ours().but(|it| it.extensions.truncate(1));
    let twice = || ours().but(|it| it.revoked = vec![vec![1], vec![1]]);
    let scoped = |number| ours().but(|it| it.extensions.push(user_certificates_only(number)));
    let unknown = Extension::new(oid!(1.2.3.4), der::null()).critical();
    let delta =
        Extension::new(oids::OID_X509_EXT_DELTA_CRL_INDICATOR, der::integer(&[1])).critical();
    let no_crl_sign = issuing()
        .with(ext::key_usage(&[KeyUsage::KeyCertSign]))
        .sign(&ROOT);
    let root_crl = |serial: &[u8]| {
        crl("root", &ROOT)
            .but(|it| it.revoked = vec![serial.to_vec()])
            .sign(&ROOT)
    };
    vec![
        with(
            "not revoked",
            ours()
                .but(|it| it.revoked = vec![vec![1], vec![2]])
                .sign(&ISSUING),
        ),
        with("for users only", scoped(1).sign(&ISSUING))
            .not_rustls("wants a name in the distribution point"),
        with(
            "revoked",
            ours()
                .but(|it| it.revoked = vec![vec![1], serial.clone()])
                .sign(&ISSUING),
        )
        .fails("revoked"),
        with(
            "revoked by an old CRL",
            ours()
                .but(|it| {
                    it.revoked = vec![serial.clone()];
                    it.next_update = Some(NOW - Duration::DAY);
                })
                .sign(&ISSUING),
        )
        .fails("revoked"),
        with(
            "expired CRL",
            ours()
                .but(|it| it.next_update = Some(NOW - Duration::SECOND))
                .sign(&ISSUING),
        )
        .fails("crl-expired"),
        with(
            "young CRL",
            ours()
                .but(|it| it.this_update = NOW + Duration::SECOND)
                .sign(&ISSUING),
        )
        .fails("crl-not-yet-valid")
        .not_rustls("does not look at thisUpdate"),
        with(
            "no nextUpdate",
            ours().but(|it| it.next_update = None).sign(&ISSUING),
        )
        .fails("crl-unusable")
        .not_openssl("takes it as endless"),
        with("CRL signed by another", ours().sign(&OTHER)).fails("crl-bad-signature"),
        with("CRL of another CA", crl("root", &ROOT).sign(&ROOT)).fails("crl-missing"),
        with("for CAs only", scoped(2).sign(&ISSUING)).fails("crl-missing"),
        with("without number", without_number().sign(&ISSUING))
            .fails("crl-unusable")
            .not_rustls("does not look at it"),
        with(
            "without number, as OpenSSL takes it",
            without_number().sign(&ISSUING),
        )
        .policy(Policy::Openssl),
        with(
            "revoked by a CRL without number",
            without_number()
                .but(|it| it.revoked = vec![serial.clone()])
                .sign(&ISSUING),
        )
        .fails("revoked"),
        with(
            "number critical",
            ours()
                .but(|it| {
                    let number = it.extensions.pop().expect("it is the last");
                    it.extensions.push(number.critical());
                })
                .sign(&ISSUING),
        )
        .fails("crl-unusable")
        .not_openssl("knows a critical number, and we with its policy do not look at it")
        .not_rustls("does not look at it"),
        with("a certificate twice", twice().sign(&ISSUING)),
        with("a certificate twice, for browsers", twice().sign(&ISSUING))
            .policy(Policy::Webpki)
            .fails("crl-unusable")
            .not_rustls("does not look at it"),
        case(
            "the root's CRL is for users only",
            NODE.clone(),
            &[&ISSUING_CA],
            &[&ROOT_CA],
        )
        .crls(&[
            ours().sign(&ISSUING),
            crl("root", &ROOT)
                .but(|it| it.extensions.push(user_certificates_only(1)))
                .sign(&ROOT),
        ])
        .fails("crl-missing")
        .not_openssl("was asked about the leaf only"),
        with(
            "CRL with the CA's name in another case",
            ours().but(|it| it.issuer = name("ISSUING")).sign(&ISSUING),
        )
        .fails("crl-missing")
        .not_openssl("compares names as people read them"),
        with("indirect", scoped(4).sign(&ISSUING)).fails("crl-unusable"),
        with(
            "unknown critical extension",
            ours().but(|it| it.extensions.push(unknown)).sign(&ISSUING),
        )
        .fails("crl-unusable"),
        with(
            "delta",
            ours().but(|it| it.extensions.push(delta)).sign(&ISSUING),
        )
        .fails("crl-unusable"),
        case(
            "issuer signs no CRLs",
            NODE.clone(),
            &[&no_crl_sign],
            &[&ROOT_CA],
        )
        .crls(&[ours().sign(&ISSUING)])
        .fails("crl-bad-signature"),
        case("old and new CRL", NODE.clone(), &[&ISSUING_CA], &[&ROOT_CA])
            .crls(&[
                ours()
                    .but(|it| it.next_update = Some(NOW - Duration::DAY))
                    .sign(&ISSUING),
                ours().sign(&ISSUING),
            ])
            .not_rustls("takes the first CRL of the issuer"),
        case(
            "revoked intermediate",
            NODE.clone(),
            &[&ISSUING_CA],
            &[&ROOT_CA],
        )
        .crls(&[ours().sign(&ISSUING), root_crl(&issuing().serial)])
        .fails("revoked")
        .not_openssl("was asked about the leaf only")
        .not_rustls("was asked about the leaf only"),
    ]
}
