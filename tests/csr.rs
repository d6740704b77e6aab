//! Certificate signing requests of other programs, signed and looked at with OpenSSL; and our own.

mod support;

use std::fs;

use certctl::pki::{csr::Csr, subject};
use support::{Certctl, Run, program};

/// A PKI with a root and an intermediate, in whose home requests are made.
fn authority() -> Certctl {
    let certctl = Certctl::new();
    run(&certctl, &["init-ca"], 0);
    run(&certctl, &["init-intermediate", "issuing"], 0);
    certctl
}

/// Runs a command line; returns what it said on stderr.
fn run(certctl: &Certctl, arguments: &[&str], status: i32) -> String {
    certctl.run(arguments).expect_status(status).stderr
}

/// Runs a script in the home; returns what it printed.
fn shell(certctl: &Certctl, script: &str) -> String {
    let mut shell = program("sh");
    shell
        .args(["-euc", script])
        .current_dir(certctl.home())
        .env(
            "REQUEST_GO",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/csr/request.go"),
        );
    Run::of(&mut shell).expect_status(0).stdout
}

/// A request that openssl makes of a key with these subject alternative names.
fn by_openssl(key: &str, options: &str) -> String {
    format!(
        "openssl genpkey {key} -out key.pem 2>/dev/null
        openssl req -new -key key.pem -subj '/O=Example/CN=asked' {options} -out request.csr"
    )
}

/// A request whose name was changed after it was signed.
fn swapped(key: &str) -> String {
    format!(
        "{}\nopenssl req -in request.csr -outform DER | sed 's/node1/node2/' >changed
        mv changed request.csr",
        by_openssl(key, SAN)
    )
}

fn by_keytool(key: &str) -> String {
    format!(
        "rm -f a.p12
        keytool -genkeypair -alias a {key} -dname CN=asked -keystore a.p12 -storepass changeit 2>/dev/null
        keytool -certreq -alias a -ext san=dns:node1,ip:10.0.0.1 -keystore a.p12 \
            -storepass changeit -file request.csr 2>/dev/null"
    )
}

fn by_certtool(key: &str) -> String {
    format!(
        "certtool --generate-privkey {key} --no-text --outfile key.pem 2>/dev/null
        printf 'cn = asked\\ndns_name = node1\\nip_address = 10.0.0.1\\ntls_www_server\\n' >template
        certtool --generate-request --load-privkey key.pem --template template --no-text \
            --outfile request.csr 2>/dev/null"
    )
}

const SAN: &str = "-addext subjectAltName=DNS:node1,IP:10.0.0.1";
const SHOWN: &str = "DNS:node1, IP Address:10.0.0.1";

#[test]
fn requests_of_other_programs_are_signed() {
    let der = format!("{SAN} -outform DER");
    let sha256 = format!("{SAN} -sha256");
    let sha512 = format!("{SAN} -sha512");
    let pss = format!("{SAN} -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32");
    let more = format!("{SAN} -addext certificatePolicies=1.2.3 -addext subjectKeyIdentifier=hash");
    let ec = |curve: &str| format!("-algorithm EC -pkeyopt ec_paramgen_curve:{curve}");
    let rsa = |bits: u32| format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}");
    let by_go = |key: &str| format!("go run \"$REQUEST_GO\" {key}");
    let go_names = "DNS:node1, DNS:*.db.internal, email:dba@example.org, IP Address:10.0.0.1, \
        IP Address:2001:DB8:0:0:0:0:0:1, URI:spiffe://prod/db";
    let certctl = authority();
    for (name, script, names) in [
        ("openssl, P-256", by_openssl(&ec("P-256"), SAN), SHOWN),
        (
            "openssl, P-384 with SHA-256",
            by_openssl(&ec("P-384"), &sha256),
            SHOWN,
        ),
        ("openssl, P-521", by_openssl(&ec("P-521"), &sha512), SHOWN),
        (
            "openssl, P-521 with its default, SHA-256",
            by_openssl(&ec("P-521"), SAN),
            SHOWN,
        ),
        (
            "openssl, Ed25519 in DER",
            by_openssl("-algorithm ED25519", &der),
            SHOWN,
        ),
        ("openssl, RSA", by_openssl(&rsa(2048), SAN), SHOWN),
        (
            "openssl, RSA of an odd length in DER",
            by_openssl(&rsa(2304), &der),
            SHOWN,
        ),
        ("openssl, RSA-PSS", by_openssl(&rsa(2048), &pss), SHOWN),
        (
            "openssl, extensions that are left out",
            by_openssl(&ec("P-256"), &more),
            SHOWN,
        ),
        (
            "keytool, RSA",
            by_keytool("-keyalg RSA -keysize 2048"),
            SHOWN,
        ),
        (
            "keytool, EC",
            by_keytool("-keyalg EC -groupname secp256r1"),
            SHOWN,
        ),
        (
            "keytool, P-521",
            by_keytool("-keyalg EC -groupname secp521r1"),
            SHOWN,
        ),
        ("keytool, Ed25519", by_keytool("-keyalg Ed25519"), SHOWN),
        (
            "certtool, RSA",
            by_certtool("--key-type rsa --bits 2048"),
            SHOWN,
        ),
        (
            "certtool, EC",
            by_certtool("--key-type ecdsa --curve secp384r1"),
            SHOWN,
        ),
        (
            "certtool, P-521",
            by_certtool("--key-type ecdsa --curve secp521r1"),
            SHOWN,
        ),
        (
            "certtool, Ed25519",
            by_certtool("--key-type ed25519"),
            SHOWN,
        ),
        ("go, P-256", by_go("p256"), go_names),
        ("go, P-384", by_go("p384"), go_names),
        ("go, P-521", by_go("p521"), go_names),
        ("go, Ed25519", by_go("ed25519"), go_names),
        ("go, RSA", by_go("rsa2048"), go_names),
    ] {
        shell(&certctl, &script);
        run(&certctl, &["sign", "request.csr", "--force"], 0);
        assert_eq!(sans(&certctl), names, "{name}");
        assert_eq!(public_key(&certctl, "x509", "pki/certs/asked/cert.pem"), {
            public_key(&certctl, "req", "request.csr")
        });
        assert_verifies(&certctl);
        assert!(!certctl.pki("certs/asked/key.pem").exists(), "{name}");
    }
}

fn sans(certctl: &Certctl) -> String {
    let script = "openssl x509 -noout -ext subjectAltName -in pki/certs/asked/cert.pem";
    let shown = shell(certctl, script);
    shown
        .lines()
        .nth(1)
        .expect("has the extension")
        .trim()
        .to_owned()
}

/// The key as PEM, whether what it stands in is PEM or DER.
fn public_key(certctl: &Certctl, command: &str, file: &str) -> String {
    let command = format!("openssl {command} -noout -pubkey -in {file}");
    shell(
        certctl,
        &format!("{command} 2>/dev/null || {command} -inform DER"),
    )
}

fn assert_verifies(certctl: &Certctl) {
    for purpose in ["sslserver", "sslclient"] {
        let script = format!(
            "cd pki/certs/asked
            openssl verify -x509_strict -purpose {purpose} -CAfile ca.pem -untrusted cert.pem cert.pem"
        );
        assert_eq!(shell(certctl, &script), "cert.pem: OK\n");
    }
}

#[test]
fn requests_that_are_refused() {
    let p256 = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";
    let rsa1024 = "-algorithm RSA -pkeyopt rsa_keygen_bits:1024";
    let p192 = "-algorithm EC -pkeyopt ec_paramgen_curve:prime192v1";
    let brainpool = "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1";
    let sha1 = format!("{SAN} -sha1");
    let p521 = "-algorithm EC -pkeyopt ec_paramgen_curve:P-521";
    let broken = format!(
        "{}\nopenssl req -in request.csr -outform DER -out whole
        head -c -1 whole >request.csr; tail -c 1 whole | tr '\\000-\\377' '\\001-\\377\\000' >>request.csr",
        by_openssl(p256, SAN)
    );
    let certificate = "cp pki/ca/root/cert.pem request.csr";
    let underscore = "-addext subjectAltName=DNS:node..1";
    let identifier = "-addext subjectAltName=RID:2.999";
    let certctl = authority();
    for (name, script, status, expected) in [
        (
            "broken signature",
            broken,
            1,
            "does not prove that its sender has the key",
        ),
        (
            "changed name",
            swapped(p256),
            1,
            "does not prove that its sender has the key",
        ),
        (
            "short RSA",
            by_openssl(rsa1024, SAN),
            1,
            "RSA with 1024 bits, 2048 are the least",
        ),
        (
            "short curve",
            by_openssl(p192, SAN),
            1,
            "the curve P-192 is too short",
        ),
        (
            "rare curve",
            by_openssl(brainpool, SAN),
            1,
            "is not supported",
        ),
        (
            "SHA-1",
            by_openssl(p256, &sha1),
            1,
            "the signature is weak: ecdsa-with-SHA1",
        ),
        (
            "SHA-1 on P-521",
            by_openssl(p521, &sha1),
            1,
            "the signature is weak: ecdsa-with-SHA1",
        ),
        (
            "changed name on P-521",
            swapped(p521),
            1,
            "the signature does not match",
        ),
        (
            "no names",
            by_openssl(p256, ""),
            1,
            "asks for no subject alternative name",
        ),
        (
            "no host name",
            by_openssl(p256, underscore),
            1,
            "`node..1` is not a host name",
        ),
        (
            "another kind of name",
            by_openssl(p256, identifier),
            1,
            "asks for the name RID:2.999",
        ),
        (
            "a certificate",
            certificate.to_owned(),
            1,
            "no certificate request in it, but a CERTIFICATE",
        ),
    ] {
        shell(&certctl, &script);
        let run = certctl.run(&["sign", "request.csr", "--name", "asked"]);
        assert_eq!(run.status, Some(status), "{name}: {run:?}");
        assert!(run.stderr.contains(expected), "{name}: {run:?}");
        assert!(!certctl.pki("certs/asked").exists(), "{name}");
    }
    run(&certctl, &["sign", "pki/ledger.db", "--name", "asked"], 1);
    run(&certctl, &["sign", "missing.csr"], 1);
}

#[test]
fn wishes_to_be_a_ca_are_left_out_or_refused() {
    let certctl = authority();
    let wish = format!(
        "{SAN} -addext basicConstraints=critical,CA:TRUE,pathlen:3 \
            -addext keyUsage=keyCertSign,cRLSign,digitalSignature"
    );
    shell(&certctl, &by_openssl("-algorithm ED25519", &wish));
    let refused = run(&certctl, &["sign", "request.csr", "--strict"], 4);
    assert!(
        refused.contains("asks for CA:TRUE, keyCertSign, cRLSign"),
        "{refused}"
    );
    let signed = run(&certctl, &["sign", "request.csr"], 0);
    assert!(signed.contains("that is left out"), "{signed}");
    let text = shell(
        &certctl,
        "openssl x509 -noout -text -in pki/certs/asked/cert.pem",
    );
    assert!(
        text.contains("CA:FALSE") && !text.contains("Certificate Sign"),
        "{text}"
    );
    assert_verifies(&certctl);
}

#[test]
fn names_that_the_ca_may_not_certify_are_refused() {
    let certctl = Certctl::new();
    run(&certctl, &["init-ca", "--permit-dns", "db.internal"], 0);
    shell(&certctl, &by_openssl("-algorithm ED25519", SAN));
    let refused = run(&certctl, &["sign", "request.csr"], 4);
    assert!(refused.contains("DNS:node1 is not permitted"), "{refused}");
    run(
        &certctl,
        &["sign", "request.csr", "--san", "a.db.internal"],
        0,
    );
    assert_eq!(sans(&certctl), "DNS:a.db.internal");
}

/// Key here, CA there: the whole way of a node.
#[test]
fn own_requests_come_back_as_certificates() {
    let certctl = authority();
    for key_type in ["p256", "p384", "ed25519", "rsa2048"] {
        run(
            &certctl,
            &[
                "request",
                "asked",
                "--dir",
                "node",
                "--key-type",
                key_type,
                "--force",
            ],
            0,
        );
        run(
            &certctl,
            &["sign", "node/certs/asked/request.csr", "--force"],
            0,
        );
        run(
            &certctl,
            &[
                "install",
                "asked",
                "pki/certs/asked/cert.pem",
                "--trust",
                "pki/certs/asked/ca.pem",
                "--dir",
                "node",
            ],
            0,
        );
        let installed = certctl.home().join("node/certs/asked");
        for file in ["cert.pem", "ca.pem", "ca-chain.pem"] {
            assert_eq!(
                fs::read(installed.join(file)).expect("installed"),
                fs::read(certctl.pki("certs/asked").join(file)).expect("signed")
            );
        }
        let key = shell(
            &certctl,
            "openssl pkey -pubout -in node/certs/asked/key.pem",
        );
        assert_eq!(
            key,
            public_key(&certctl, "x509", "node/certs/asked/cert.pem")
        );
    }
}

#[test]
fn answers_to_other_requests_are_not_installed() {
    let certctl = authority();
    let node = ["--dir", "node"];
    run(&certctl, &[&["request", "a", "b"][..], &node].concat(), 0);
    for name in ["a", "b"] {
        let path = format!("node/certs/{name}/request.csr");
        run(&certctl, &["sign", &path], 0);
    }
    run(&certctl, &["init-ca", "other"], 0);
    for (name, certificate, trust, expected) in [
        (
            "a",
            "pki/certs/b/cert.pem",
            Some("pki/certs/b/ca.pem"),
            "does not belong to the key of `a`",
        ),
        (
            "a",
            "pki/certs/a/cert.pem",
            Some("pki/ca/other/cert.pem"),
            "certificate \"issuing",
        ),
        (
            "a",
            "pki/certs/a/cert.pem",
            None,
            "there is no root certificate in it",
        ),
        (
            "c",
            "pki/certs/a/cert.pem",
            None,
            "there is no key for `c` here",
        ),
    ] {
        let trust = trust.map_or_else(Vec::new, |trust| vec!["--trust", trust]);
        let run = certctl.run(&[&["install", name, certificate][..], &trust, &node].concat());
        assert_eq!(run.status, Some(1), "{run:?}");
        assert!(run.stderr.contains(expected), "{expected}: {run:?}");
        assert!(!certctl.home().join("node/certs/a/cert.pem").exists());
    }
}

/// What `--subject` writes is what `openssl req -subj` writes, octet by octet.
#[test]
fn subjects_are_encoded_as_by_openssl() {
    let certctl = Certctl::new();
    for (theirs, ours) in [
        ("/CN=node1", "CN=node1"),
        (
            "/C=DE/ST=Hessen/L=Köln/O=Acme, Inc./OU=a/OU=b/CN=node1",
            "CN=node1,OU=b,OU=a,O=Acme\\, Inc.,L=Köln,ST=Hessen,C=DE",
        ),
        (
            "/DC=test/DC=acme/OU=db+UID=x+CN=y/serialNumber=1+emailAddress=a@b.test",
            "emailAddress=a@b.test+serialNumber=1,UID=x+CN=y+OU=db,DC=acme,DC=test",
        ),
        ("/2.5.4.3=a b/2.5.4.97=NTR", "2.5.4.97=NTR,CN=a b"),
        ("/street=a/dnQualifier=x", "2.5.4.46=x,STREET=a"),
    ] {
        let script = format!(
            "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem \
             -utf8 -multivalue-rdn -subj '{theirs}' -out request.csr 2>/dev/null"
        );
        shell(&certctl, &script);
        let request = fs::read(certctl.home().join("request.csr")).expect("made");
        let asked = Csr::read(&request).expect("well formed").subject;
        assert_eq!(subject::parse(ours, "").as_ref(), Ok(&asked), "{ours}");
    }
}
