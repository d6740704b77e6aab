//! What `--permit-dns` and `--permit-ip` write, as OpenSSL and rustls enforce it on certificates that certctl would not issue.

use std::{fs, process::Command};

use certctl::pki::{
    chain::{Policy, Purpose, Request, rustls_accepts},
    recognize::certificates,
};
use support::Certctl;

mod support;

fn openssl(certctl: &Certctl, arguments: &[&str]) -> bool {
    let mut command = Command::new("openssl");
    command.args(arguments).current_dir(certctl.home());
    let output = command.output().expect("openssl is there");
    output.status.success()
}

/// Whether webpki takes the leaf, in its first second.
fn rustls(certctl: &Certctl) -> bool {
    let read = |path: &str| {
        let octets = fs::read(certctl.home().join(path)).expect("it is there");
        certificates(&octets).expect("it is one")
    };
    let leaf = &read("leaf.pem")[0];
    let (untrusted, trust) = (
        read("pki/ca/issuing/chain.pem"),
        read("pki/ca/root/cert.pem"),
    );
    rustls_accepts(&Request {
        leaf,
        untrusted: &untrusted,
        trust: &trust,
        crls: &[],
        purpose: Purpose::Any,
        host: None,
        at: leaf
            .validity()
            .not_before
            .max(untrusted[0].validity().not_before),
        policy: Policy::Strict,
    })
    .is_ok()
}

/// A leaf with this name, signed with the CA's key behind certctl's back.
fn forge(certctl: &Certctl, name: &str) {
    let extensions = format!("subjectAltName=critical,{name}\nbasicConstraints=CA:FALSE\n");
    fs::write(certctl.home().join("leaf.cnf"), extensions).expect("writable");
    let request =
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -out r -subj /";
    let request: Vec<_> = request.split(' ').collect();
    assert!(openssl(certctl, &request), "{name}");
    let sign = "x509 -req -in r -CA pki/ca/issuing/cert.pem -CAkey pki/ca/issuing/key.pem -out leaf.pem \
                -days 3 -extfile leaf.cnf";
    let sign: Vec<_> = sign.split_whitespace().collect();
    assert!(openssl(certctl, &sign), "{name}");
}

#[test]
fn the_kind_that_is_not_named_is_not_allowed() {
    let (dns, ip) = (
        ["--permit-dns", "example.com"],
        ["--permit-ip", "10.0.0.0/8"],
    );
    for (flags, allowed) in [
        (&dns[..], &["DNS:a.example.com", "DNS:example.com"][..]),
        (&ip, &["IP:10.0.0.1"]),
        (
            &[dns, ip].concat(),
            &["DNS:a.example.com", "DNS:example.com", "IP:10.0.0.1"],
        ),
    ] {
        let certctl = Certctl::new();
        let _ = certctl.run(&["init-ca", "-q"]).expect_status(0);
        let make = [&["init-intermediate", "issuing", "-q"], flags].concat();
        let _ = certctl.run(&make).expect_status(0);
        for name in [
            "DNS:a.example.com",
            "DNS:example.com",
            "DNS:evil.com",
            "DNS:node1",
            "IP:10.0.0.1",
            "IP:192.168.0.1",
            "IP:::1",
        ] {
            let is_allowed = allowed.contains(&name);
            let status = if is_allowed { 0 } else { 4 };
            let issue = ["issue", "x", "--no-name-san", "--san", name, "-n"];
            let _ = certctl.run(&issue).expect_status(status);
            forge(&certctl, name);
            let verify = "verify -x509_strict -no_check_time -CAfile pki/ca/root/cert.pem \
                          -untrusted pki/ca/issuing/chain.pem leaf.pem";
            let verify: Vec<_> = verify.split_whitespace().collect();
            assert_eq!(
                openssl(&certctl, &verify),
                is_allowed,
                "OpenSSL: {flags:?} {name}"
            );
            assert_eq!(rustls(&certctl), is_allowed, "rustls: {flags:?} {name}");
        }
    }
}
