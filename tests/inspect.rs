//! `inspect` on what OpenSSL writes, and on garbage.

// A table is as long as it is.
#![allow(clippy::too_many_lines)]

use std::{path::Path, process::Command};

use certctl::pki::inspect::inspect;
use proptest::prelude::*;
use serde_json::{Value, json};

mod support;

use support::Run;

/// Runs a shell script in a directory, and hands back what it wrote to `out`.
fn made_by(directory: &Path, script: &str) -> Vec<u8> {
    let mut shell = Command::new("sh");
    let run = Run::of(shell.current_dir(directory).args(["-ec", script]));
    let _ = run.expect_status(0);
    std::fs::read(directory.join("out")).expect("the script writes it")
}

/// What inspect says, as the JSON document has it.
fn described(octets: &[u8]) -> Result<Value, String> {
    let items = inspect(octets).map_err(|error| error.to_string())?;
    Ok(serde_json::to_value(items).expect("plain data"))
}

/// A root with a leaf, a CRL and a request, for the rows below.
const MATERIAL: &str = "
    exec >log 2>&1
    openssl ecparam -name prime256v1 -genkey -noout -out ec.key
    openssl req -x509 -key ec.key -subj /O=Acme/CN=root -days 30 -set_serial 0x1234 -out root.pem \
        -addext keyUsage=critical,keyCertSign,cRLSign -addext 'nameConstraints=critical,permitted;DNS:a.test,excluded;IP:10.0.0.0/255.0.0.0'
    openssl req -new -key ec.key -subj /CN=node1 -out node1.csr \
        -addext subjectAltName=DNS:node1,IP:::1,URI:https://a/,email:x@a -addext extendedKeyUsage=serverAuth,1.2.3.4
    touch index; echo 01 >number
    printf '[ca]\\ndefault_ca=c\\n[c]\\ndatabase=index\\ncrlnumber=number\\ndefault_md=sha256\\n' >ca.conf
    openssl x509 -req -in node1.csr -CA root.pem -CAkey ec.key -set_serial 0xABCDEF -days 9 -out node1.pem
    openssl ca -config ca.conf -cert root.pem -keyfile ec.key -revoke node1.pem -crl_reason keyCompromise
    openssl ca -config ca.conf -cert root.pem -keyfile ec.key -gencrl -crldays 30 -out crl.pem
";

#[test]
fn what_openssl_writes_is_described() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    std::fs::write(directory.path().join("out"), "").expect("writable");
    made_by(directory.path(), MATERIAL);
    let key = |key_type: &str, format: &str| {
        vec![
            ("/0/kind", json!("private-key")),
            ("/0/key_type", json!(key_type)),
            ("/0/format", json!(format)),
            ("/0/encryption", Value::Null),
        ]
    };
    let encrypted = |format: &str, encryption: &str| {
        vec![
            ("/0/format", json!(format)),
            ("/0/encryption", json!(encryption)),
            ("/0/key_type", Value::Null),
        ]
    };
    let genpkey = "openssl genpkey -out out -quiet -algorithm";
    for (script, expected) in [
        ("cp ec.key out", key("p256", "SEC1")),
        (
            "openssl pkcs8 -topk8 -nocrypt -in ec.key -out out",
            key("p256", "PKCS#8"),
        ),
        (
            "openssl pkcs8 -topk8 -nocrypt -in ec.key -outform DER -out out",
            key("p256", "PKCS#8"),
        ),
        (
            "openssl genrsa -traditional -out out 1024",
            key("rsa1024", "PKCS#1"),
        ),
        (
            &format!("{genpkey} RSA -pkeyopt rsa_keygen_bits:2048"),
            key("rsa2048", "PKCS#8"),
        ),
        (
            &format!("{genpkey} EC -pkeyopt ec_paramgen_curve:P-521"),
            key("p521", "PKCS#8"),
        ),
        (&format!("{genpkey} ED25519"), key("ed25519", "PKCS#8")),
        (&format!("{genpkey} ED448"), key("ed448", "PKCS#8")),
        (
            "openssl pkcs8 -topk8 -v2 aes256 -iter 2048 -passout pass:x -in ec.key -out out",
            encrypted("PKCS#8", "AES-256-CBC, PBKDF2-HMAC-SHA256 with 2048 rounds"),
        ),
        (
            "openssl pkcs8 -topk8 -scrypt -passout pass:x -in ec.key -out out",
            encrypted("PKCS#8", "AES-256-CBC, scrypt with N=16384"),
        ),
        (
            "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout pass:x -in ec.key -out out",
            encrypted("PKCS#8", "1.2.840.113549.1.12.1.3"),
        ),
        (
            "openssl ec -aes128 -passout pass:x -in ec.key -out out",
            encrypted("OpenSSL traditional", "AES-128-CBC"),
        ),
        (
            "openssl pkey -pubout -in ec.key -out out",
            vec![
                ("/0/kind", json!("public-key")),
                ("/0/key_type", json!("p256")),
            ],
        ),
        (
            "openssl ecparam -name prime256v1 -out out",
            vec![
                ("/0/kind", json!("other")),
                ("/0/label", json!("EC PARAMETERS")),
            ],
        ),
        (
            "cp root.pem out",
            vec![
                ("/0/kind", json!("certificate")),
                ("/0/line", json!(1)),
                ("/0/serial", json!("1234")),
                ("/0/subject", json!("O=Acme, CN=root")),
                ("/0/self_signed", json!(true)),
                ("/0/version", json!(3)),
                ("/0/signature_algorithm", json!("ecdsa-with-SHA256")),
                ("/0/ca", json!(true)),
                ("/0/key_usage", json!(["keyCertSign", "cRLSign"])),
                ("/0/permitted_names", json!(["DNS:a.test"])),
                ("/0/excluded_names", json!(["IP:10.0.0.0/8"])),
            ],
        ),
        (
            "openssl x509 -in root.pem -outform DER -out out",
            vec![("/0/kind", json!("certificate")), ("/0/line", Value::Null)],
        ),
        (
            "cat node1.csr root.pem ec.key >out",
            vec![
                ("/0/kind", json!("request")),
                ("/0/signature_fault", Value::Null),
                ("/0/subject", json!("CN=node1")),
                (
                    "/0/sans",
                    json!(["DNS:node1", "IP:::1", "URI:https://a/", "email:x@a"]),
                ),
                ("/0/extended_key_usage", json!(["serverAuth", "1.2.3.4"])),
                ("/1/kind", json!("certificate")),
                ("/2/kind", json!("private-key")),
            ],
        ),
        (
            "cp crl.pem out",
            vec![
                ("/0/kind", json!("crl")),
                ("/0/number", json!("1")),
                ("/0/issuer", json!("O=Acme, CN=root")),
                ("/0/revoked/0/serial", json!("ABCDEF")),
                ("/0/revoked/0/reason", json!("keyCompromise")),
            ],
        ),
    ] {
        let found = described(&made_by(directory.path(), script)).expect(script);
        for (place, value) in expected {
            assert_eq!(
                found.pointer(place),
                Some(&value),
                "{script}: {place} in {found:#}"
            );
        }
    }
    let keys = described(&made_by(
        directory.path(),
        "cat ec.key root.pem node1.csr >out",
    ))
    .expect("three blocks");
    let digest = |index: usize| keys[index]["public_key_sha256"].as_str();
    assert!(
        digest(0).is_some() && digest(0) == digest(1) && digest(1) == digest(2),
        "{keys:#}"
    );
}

#[test]
fn what_is_something_else_is_called_by_its_name() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    std::fs::write(directory.path().join("out"), "").expect("writable");
    made_by(directory.path(), MATERIAL);
    for (script, expected) in [
        (
            "openssl pkcs12 -export -inkey ec.key -in root.pem -passout pass:x -out out",
            "this is a PKCS#12 key store",
        ),
        (
            "grep -v -- ----- root.pem >out",
            "this is base64 without `-----BEGIN …-----`",
        ),
        (": >out", "this is empty"),
        (
            "echo hello >out",
            "neither PEM nor DER of a certificate, key, request or CRL",
        ),
        (
            "head -5 root.pem >out",
            "line 1: BEGIN CERTIFICATE without an END line",
        ),
        (
            "sed 's/CERTIFICATE/X509 CRL/' root.pem >out",
            "line 1: what is labelled X509 CRL is none, or is broken",
        ),
        (
            "sed 's/^/ /' root.pem >out",
            "line 1: spaces before `-----BEGIN`; PEM lines start in the first column",
        ),
    ] {
        let found = described(&made_by(directory.path(), script));
        assert_eq!(found, Err(String::from(expected)), "{script}");
    }
}

/// A bundle of certificates is read like the certificates in it, PEM and DER.
#[test]
fn pkcs7_is_opened() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let plain = described(&made_by(
        directory.path(),
        &format!("({MATERIAL}); cat root.pem node1.pem >out"),
    ));
    let subjects = |found: Result<Value, String>| -> Vec<String> {
        let found = found.expect("it is read");
        let items = found.as_array().expect("a list").iter();
        items.map(|it| it["subject"].to_string()).collect()
    };
    let mut expected = subjects(plain);
    expected.sort();
    for form in ["DER", "PEM"] {
        let script = format!(
            "openssl crl2pkcs7 -nocrl -certfile root.pem -certfile node1.pem -outform {form} -out out"
        );
        let mut found = subjects(described(&made_by(directory.path(), &script)));
        found.sort();
        assert_eq!(found, expected, "{form}");
    }
}

/// Valid inputs of every kind, to be damaged.
fn samples() -> Vec<Vec<u8>> {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let all = format!(
        "({MATERIAL}); openssl pkcs8 -topk8 -v2 aes256 -passout pass:x -in ec.key >enc.key;
         cat ec.key root.pem node1.csr crl.pem enc.key >out"
    );
    let pem = made_by(directory.path(), &all);
    let blocks = certctl::pki::pem::decode(&pem).expect("just written");
    let der = blocks.into_iter().map(|block| block.contents.to_vec());
    std::iter::once(pem.clone()).chain(der).collect()
}

#[test]
fn damaged_input_never_panics() {
    let samples = samples();
    let damage = (
        0..samples.len(),
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    );
    proptest!(|((sample, changes) in damage)| {
        let mut octets = samples[sample].clone();
        for (place, octet) in changes {
            let place = place.index(octets.len());
            octets[place] = octet;
        }
        let _ = described(&octets);
        let _ = certctl::pki::recognize::certificates(&octets);
    });
}

proptest! {
    #[test]
    fn garbage_never_panics(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = described(&octets);
        let _ = described(&[&[0x30, 0x81, 0xc0], &octets[..]].concat());
    }
}
