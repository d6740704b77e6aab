//! Renewal, as OpenSSL sees it: what stays, what is new, and that all below a renewed CA still holds.

mod support;

use std::fs;

use support::{Certctl, Run, program};

/// Runs a command line; returns what it said on stderr.
fn run(certctl: &Certctl, arguments: &[&str], status: i32) -> String {
    certctl.run(arguments).expect_status(status).stderr
}

/// Runs a script in the PKI directory; returns what it printed.
fn shell(certctl: &Certctl, script: &str) -> String {
    let mut shell = program("sh");
    shell.args(["-euc", script]).current_dir(certctl.pki(""));
    Run::of(&mut shell).expect_status(0).stdout
}

/// All that openssl prints of a certificate, but for what a renewal changes.
fn lasting(certctl: &Certctl, certificate: &str) -> String {
    shell(
        certctl,
        &format!(
            "openssl x509 -in {certificate} -noout -text \
                -certopt no_serial,no_validity,no_pubkey,no_sigdump | grep -v '^ *\\([0-9A-F][0-9A-F]:\\)*[0-9A-F]*$'"
        ),
    )
}

fn field(certctl: &Certctl, certificate: &str, option: &str) -> String {
    shell(
        certctl,
        &format!("openssl x509 -in {certificate} -noout {option}"),
    )
}

fn assert_verifies(certctl: &Certctl, trust: &str, name: &str) {
    let certificate = format!("certs/{name}/cert.pem");
    let script = format!(
        "openssl verify -x509_strict -CAfile {trust} -untrusted {certificate} {certificate}"
    );
    assert_eq!(shell(certctl, &script), format!("{certificate}: OK\n"));
}

const EXTFILE: &str = "
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:node1, IP:10.0.0.1, dirName:where, otherName:1.2.3.4;UTF8:what
certificatePolicies = 1.2.3.4
authorityInfoAccess = caIssuers;URI:http://ca.test/ca.crt
crlDistributionPoints = URI:http://ca.test/ca.crl
tlsfeature = status_request
1.2.3.4.5 = ASN1:UTF8String:own
keyUsage = digitalSignature, nonRepudiation
extendedKeyUsage = serverAuth, clientAuth, 1.3.6.1.5.5.7.3.17
[where]
O = Example
";

#[test]
fn subject_names_and_extensions_stay() {
    let certctl = Certctl::new();
    run(&certctl, &["init-ca"], 0);
    fs::write(certctl.home().join("node.cnf"), EXTFILE).expect("writable");
    for (name, options) in [
        ("plain", &["--san", "a.db.internal,10.0.0.1"][..]),
        ("client", &["--profile", "client", "--days", "30"]),
        ("rsa", &["--key-type", "rsa2048", "--profile", "server"]),
        (
            "ed25519",
            &[
                "--key-type",
                "ed25519",
                "--no-name-san",
                "--san",
                "URI:spiffe://a/b",
            ],
        ),
        ("extfile", &["--extfile", "node.cnf"]),
        ("alone", &["--self-signed"]),
    ] {
        let certificate = format!("certs/{name}/cert.pem");
        run(&certctl, &[&["issue", name], options].concat(), 0);
        let before = lasting(&certctl, &certificate);
        let fields = ["-serial", "-pubkey", "-ext subjectKeyIdentifier"];
        let old = fields.map(|option| field(&certctl, &certificate, option));
        run(&certctl, &["renew", name, "--force"], 0);
        assert_eq!(lasting(&certctl, &certificate), before, "{name}");
        let new = fields.map(|option| field(&certctl, &certificate, option));
        for (field, (old, new)) in fields.iter().zip(old.iter().zip(&new)) {
            assert!(old != new, "{name}: {field} stayed");
        }
        assert_verifies(&certctl, &format!("certs/{name}/ca.pem"), name);
        run(&certctl, &["renew", name, "--force", "--keep-key"], 0);
        let kept = fields.map(|option| field(&certctl, &certificate, option));
        assert!(
            kept[0] != new[0] && kept[1..] == new[1..],
            "{name}: {kept:?}"
        );
        assert_verifies(&certctl, &format!("certs/{name}/ca.pem"), name);
        let key = shell(
            &certctl,
            &format!("openssl pkey -pubout -in certs/{name}/key.pem"),
        );
        assert_eq!(key, kept[1], "{name}");
    }
}

#[test]
fn a_key_that_is_elsewhere_stays_there() {
    let certctl = Certctl::new();
    run(&certctl, &["init-ca"], 0);
    run(&certctl, &["request", "node1", "--dir", "node"], 0);
    run(&certctl, &["sign", "node/certs/node1/request.csr"], 0);
    let before =
        ["-pubkey", "-serial"].map(|option| field(&certctl, "certs/node1/cert.pem", option));
    let renewed = run(&certctl, &["renew", "node1", "--force"], 0);
    assert!(renewed.contains("certctl install node1"), "{renewed}");
    let after =
        ["-pubkey", "-serial"].map(|option| field(&certctl, "certs/node1/cert.pem", option));
    assert!(before[0] == after[0] && before[1] != after[1], "{after:?}");
    assert!(!certctl.pki("certs/node1/key.pem").exists());
    let install = [
        "install",
        "node1",
        "pki/certs/node1/cert.pem",
        "--trust",
        "pki/certs/node1/ca.pem",
    ];
    run(&certctl, &[&install[..], &["--dir", "node"]].concat(), 0);
    let refused = run(&certctl, &["renew", "node1", "--force", "--dir", "node"], 1);
    assert!(refused.contains("signed by a CA elsewhere"), "{refused}");
}

/// A root, an intermediate below it that may have another below it, and that one; a leaf below each.
fn three_levels() -> Certctl {
    let certctl = Certctl::new();
    run(&certctl, &["init-ca", "--key-type", "p384"], 0);
    run(
        &certctl,
        &[
            "init-intermediate",
            "policy",
            "--path-len",
            "1",
            "--permit-dns",
            "test",
        ],
        0,
    );
    run(
        &certctl,
        &["init-intermediate", "issuing", "--key-type", "ed25519"],
        0,
    );
    for ca in ["root", "policy", "issuing"] {
        let san = format!("{ca}.test");
        run(
            &certctl,
            &["issue", ca, "--ca", ca, "--no-name-san", "--san", &san],
            0,
        );
    }
    certctl
}

const LEVELS: [&str; 3] = ["root", "policy", "issuing"];

#[test]
fn what_a_renewed_ca_has_signed_stays_valid() {
    for (index, renewed) in LEVELS.into_iter().enumerate() {
        let certctl = three_levels();
        let certificate = format!("ca/{renewed}/cert.pem");
        let before = lasting(&certctl, &certificate);
        let lasting_fields = ["-subject", "-pubkey", "-ext subjectKeyIdentifier"];
        let old = lasting_fields.map(|option| field(&certctl, &certificate, option));
        let serial = field(&certctl, &certificate, "-serial");
        let keys = "sha256sum ca/*/key.pem certs/*/key.pem; for name in root policy issuing
            do openssl x509 -in certs/$name/cert.pem -noout -serial; done";
        let kept = shell(&certctl, keys);
        shell(&certctl, "cp ca/root/bundle.pem old-root.pem");

        run(&certctl, &["renew", &format!("ca/{renewed}"), "--force"], 0);

        assert_eq!(lasting(&certctl, &certificate), before, "{renewed}");
        let new = lasting_fields.map(|option| field(&certctl, &certificate, option));
        assert_eq!(old, new, "{renewed}");
        assert!(
            serial != field(&certctl, &certificate, "-serial"),
            "{renewed}"
        );
        assert_eq!(shell(&certctl, keys), kept, "{renewed}");
        let serial = serial.trim().trim_start_matches("serial=");
        let archived = format!("archive/{renewed}-{serial}");
        assert_eq!(
            field(&certctl, &format!("{archived}/cert.pem"), "-serial").trim(),
            format!("serial={serial}")
        );
        assert!(!certctl.pki(format!("{archived}/key.pem")).exists());
        for name in LEVELS {
            // Peers that have the new trust bundle, and peers that do not yet.
            assert_verifies(&certctl, &format!("certs/{name}/ca.pem"), name);
            assert_verifies(&certctl, "old-root.pem", name);
            let own =
                fs::read_to_string(certctl.pki(format!("certs/{name}/cert.pem"))).expect("there");
            let new = fs::read_to_string(certctl.pki(&certificate)).expect("there");
            let is_below = LEVELS[index..].contains(&name);
            assert_eq!(
                own.contains(&new),
                is_below && renewed != "root",
                "{renewed} and {name}"
            );
        }
        run(&certctl, &["check"], 0);
        run(
            &certctl,
            &["issue", "later", "--no-name-san", "--san", "later.test"],
            0,
        );
        assert_verifies(&certctl, "certs/later/ca.pem", "later");
    }
}

#[test]
fn everything_is_renewed_from_the_top() {
    let certctl = three_levels();
    let chain = |name: &str| shell(&certctl, &format!("cat ca/*/cert.pem certs/{name}/*.pem"));
    let before = chain("issuing");
    run(&certctl, &["renew", "--all", "--force"], 0);
    assert!(before != chain("issuing"));
    for name in LEVELS {
        assert_verifies(&certctl, &format!("certs/{name}/ca.pem"), name);
    }
    run(&certctl, &["check"], 0);
}

#[test]
fn a_certificate_that_names_its_ca_by_serial_is_told() {
    let certctl = Certctl::new();
    run(&certctl, &["init-ca"], 0);
    let extfile = "authorityKeyIdentifier = keyid, issuer:always\n";
    fs::write(certctl.home().join("node.cnf"), extfile).expect("writable");
    run(&certctl, &["issue", "node1", "--extfile", "node.cnf"], 0);
    run(&certctl, &["issue", "node2"], 0);
    let renewed = run(&certctl, &["renew", "root", "--force"], 0);
    assert!(
        renewed.contains("`certctl renew node1 --force` mends it"),
        "{renewed}"
    );
    run(&certctl, &["renew", "node1", "--force"], 0);
    for name in ["node1", "node2"] {
        assert_verifies(&certctl, &format!("certs/{name}/ca.pem"), name);
    }
}

#[test]
fn an_encrypted_ca_renews_itself_and_stays_encrypted() {
    let certctl = Certctl::new();
    fs::write(certctl.home().join("secret"), "open sesame\n").expect("writable");
    let passphrase = ["--passphrase-file", "secret"];
    run(&certctl, &[&["init-ca"][..], &passphrase].concat(), 0);
    let key = fs::read(certctl.pki("ca/root/key.pem")).expect("made");
    run(&certctl, &["renew", "root", "--force"], 2);
    run(
        &certctl,
        &[&["renew", "root", "--force"][..], &passphrase].concat(),
        0,
    );
    assert_eq!(
        fs::read(certctl.pki("ca/root/key.pem")).expect("there"),
        key
    );
}
