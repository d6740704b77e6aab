//! A CA and a request that rcgen made, as programs in Rust do: one is adopted, the other signed by it.

mod support;

use std::{fs, os::unix::fs::PermissionsExt as _};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use support::Certctl;

const NOW: &str = "2030-01-01T00:00:00Z";

#[test]
fn a_ca_is_adopted_and_signs_a_request() {
    let certctl = Certctl::at(NOW);
    let write = |name: &str, text: String| {
        let path = certctl.home().join(name);
        fs::write(&path, text).expect("our own directory");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our own file");
    };
    let key = KeyPair::generate().expect("random source");
    let root = authority().self_signed(&key).expect("a root");
    write("root.pem", root.pem());
    write("root.key", key.serialize_pem());
    let names = vec![String::from("node1"), String::from("10.0.0.1")];
    let request = CertificateParams::new(names).expect("names");
    let key = KeyPair::generate().expect("random source");
    let request = request.serialize_request(&key).expect("a request");
    write("node1.csr", request.pem().expect("a request"));

    for line in [
        "init-ca --cert root.pem --key root.key",
        "sign node1.csr --name node1",
        "issue node2",
        "verify pki/certs/node1/cert.pem --host 10.0.0.1",
        "verify pki/certs/node2/cert.pem --host node2",
        "check --fail-on info",
    ] {
        let arguments: Vec<_> = line.split(' ').collect();
        let _ = certctl.run(&arguments).expect_status(0);
    }
    let adopted = fs::read_to_string(certctl.pki("certs/node1/ca.pem")).expect("a bundle");
    let adopted = pem::parse(adopted).expect("one block");
    assert_eq!(adopted.contents(), &root.der()[..]);
}

/// A root as rcgen makes it, with what RFC 5280 wants of one.
fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2029, 1, 1);
    params.not_after = date_time_ymd(2039, 1, 1);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let names = &mut params.distinguished_name;
    names.push(DnType::CommonName, "Root of rcgen");
    params
}
