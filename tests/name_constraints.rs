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

/// A common name that nobody asked for is left out where OpenSSL would hold a CA's constraints against it; one that
/// was asked for is refused.
#[test]
fn the_usual_common_name_gives_way() {
    let (dns, ip) = (
        &["--permit-dns", "db.internal"][..],
        &["--permit-ip", "10.0.0.0/8"][..],
    );
    for (flags, name, sans) in [
        (&[dns, ip].concat()[..], "10.0.0.1", &[][..]),
        (ip, "10.0.0.1", &[]),
        (
            ip,
            "n1.db.internal",
            &["--no-name-san", "--san", "10.0.0.1"],
        ),
        (
            &[dns, ip].concat(),
            "n1.test",
            &["--no-name-san", "--san", "10.0.0.1"],
        ),
    ] {
        let certctl = Certctl::new();
        let _ = certctl
            .run(&[&["init-ca", "-q"], flags].concat())
            .expect_status(0);
        let asked = [&["issue", name, "--subject", "CN={name}"], sans].concat();
        let refused = certctl.run(&asked).expect_status(4);
        assert!(
            refused.stderr.contains(&format!("DNS:{name} is ")),
            "{}",
            refused.stderr
        );

        let _ = certctl
            .run(&[&["issue", name], sans].concat())
            .expect_status(0);
        let own = format!("pki/certs/{name}/cert.pem");
        let holds = |step: &str| {
            let verify = ["verify", "-x509_strict", "-no_check_time", "-CAfile"];
            let files = ["pki/ca/root/cert.pem", &own];
            assert!(
                openssl(&certctl, &[&verify[..], &files].concat()),
                "{step}: {name}"
            );
        };
        holds("issue");
        let _ = certctl.run(&["renew", name, "--force"]).expect_status(0);
        holds("renew");

        // What `fleet init` says of it and what is left open in a file are both up to date.
        let local = if sans.is_empty() {
            ""
        } else {
            "name_san = false\nsan = [\"10.0.0.1\"]\n"
        };
        let fleet = format!("[[entry]]\nname = \"{name}\"\n{local}");
        fs::write(certctl.home().join("fleet.toml"), fleet).expect("writable");
        let _ = certctl
            .run(&["apply", "fleet.toml", "--detailed-exitcode"])
            .expect_status(0);
        let _ = certctl
            .run(&["revoke", name, "--yes", "-q"])
            .expect_status(0);
        let _ = certctl.run(&["apply", "fleet.toml"]).expect_status(0);
        holds("apply");

        let node = [&["--dir", "node", "request", name], sans].concat();
        let _ = certctl.run(&node).expect_status(0);
        let request = format!("node/certs/{name}/request.csr");
        let sign = ["sign", &request, "--force"];
        let kept = certctl
            .run(&[&sign[..], &["--keep-subject"]].concat())
            .expect_status(4);
        assert!(
            kept.stderr.contains(&format!("DNS:{name} is ")),
            "{}",
            kept.stderr
        );
        let _ = certctl.run(&sign).expect_status(0);
        holds("sign");
    }
}
