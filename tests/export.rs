//! Exports, as the programs see them that they are for.

#![cfg(unix)]

mod support;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use support::{Certctl, Run, openssl, program};

const PASSWORD: &str = "correct horse";

/// A PKI with an intermediate, one entry with an elliptic key and one with an RSA key.
fn cluster() -> Certctl {
    let certctl = Certctl::new();
    for arguments in [
        &["issue", "node1", "--init"][..],
        &[
            "issue",
            "app",
            "--profile",
            "client",
            "--key-type",
            "rsa2048",
        ],
    ] {
        let _ = certctl.run(arguments).expect_status(0);
    }
    certctl
}

fn export(certctl: &Certctl, arguments: &[&str]) -> Run {
    let mut command = certctl.command(&[&["export"], arguments].concat());
    Run::of(command.env("STORE_PASSWORD", PASSWORD))
}

fn mode(path: &Path) -> u32 {
    let metadata = fs::symlink_metadata(path).expect("it was written");
    metadata.permissions().mode() & 0o7777
}

/// Runs a peer in the PKI's home and hands back what it printed.
fn peer(certctl: &Certctl, name: &str, arguments: &[&str]) -> String {
    let mut command = program(name);
    let run = Run::of(command.args(arguments).current_dir(certctl.home())).expect_status(0);
    run.stdout + &run.stderr
}

fn read(certctl: &Certctl, inside: &str) -> String {
    fs::read_to_string(certctl.pki(inside)).expect("issued")
}

#[test]
fn a_tar_is_the_directory_and_the_same_each_time() {
    let certctl = cluster();
    let tar = ["node1", "--format", "tar", "--out"];
    let _ = export(&certctl, &[&tar[..], &["one.tar"]].concat()).expect_status(0);
    let _ = export(&certctl, &[&tar[..], &["two.tar"]].concat()).expect_status(0);
    let octets = ["one.tar", "two.tar"].map(|name| fs::read(certctl.home().join(name)));
    let [one, two] = octets.map(|octets| octets.expect("exported"));
    assert_eq!(one, two);
    assert_eq!(mode(&certctl.home().join("one.tar")), 0o600);
    let list = peer(
        &certctl,
        "tar",
        &["-tvf", "one.tar", "--numeric-owner", "--utc"],
    );
    let modes: Vec<_> = list
        .lines()
        .map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            (words[0], words[1], words[words.len() - 1])
        })
        .collect();
    let expected = [
        ("drwx------", "0/0", "node1/"),
        ("-rw-r--r--", "0/0", "node1/ca-chain.pem"),
        ("-rw-r--r--", "0/0", "node1/ca.pem"),
        ("-rw-r--r--", "0/0", "node1/cert.pem"),
        ("-rw-------", "0/0", "node1/key.pem"),
    ];
    assert_eq!(modes, expected);
    peer(&certctl, "tar", &["-xf", "one.tar"]);
    let unpacked = fs::read_to_string(certctl.home().join("node1/key.pem")).expect("unpacked");
    assert_eq!(unpacked, read(&certctl, "certs/node1/key.pem"));
}

#[test]
fn pem_comes_in_the_order_that_is_asked_for() {
    let certctl = cluster();
    let key = read(&certctl, "certs/node1/key.pem");
    let chain = read(&certctl, "certs/node1/cert.pem");
    for (order, expected) in [
        ("key-first", format!("{key}{chain}")),
        ("certificate-first", format!("{chain}{key}")),
    ] {
        let run = export(&certctl, &["node1", "--format", "pem", "--order", order]);
        assert_eq!(run.expect_status(0).stdout, expected, "{order}");
    }
    let run = export(&certctl, &["root", "--format", "pem"]).expect_status(0);
    assert_eq!(run.stdout, read(&certctl, "ca/root/cert.pem"));
    let run = export(&certctl, &["root", "--format", "pem", "--with-key"]).expect_status(0);
    let both = ["ca/root/key.pem", "ca/root/cert.pem"].map(|path| read(&certctl, path));
    assert_eq!(run.stdout, both.concat());
}

/// Exports as PKCS#12, AES or 3DES, and returns the file's name.
fn pkcs12(certctl: &Certctl, name: &str, legacy: bool) -> String {
    let file = format!("{name}-{legacy}.p12");
    let mut arguments = vec![name, "--format", "pkcs12", "--out", &file];
    arguments.extend(["--password-env", "STORE_PASSWORD"]);
    if legacy {
        arguments.push("--legacy");
    }
    let _ = export(certctl, &arguments).expect_status(0);
    assert_eq!(mode(&certctl.home().join(&file)), 0o600);
    file
}

#[test]
fn openssl_java_and_nss_open_pkcs12() {
    let certctl = cluster();
    let pass = format!("pass:{PASSWORD}");
    for name in ["node1", "app"] {
        for legacy in [false, true] {
            let file = pkcs12(&certctl, name, legacy);
            let store = ["pkcs12", "-in", &file, "-passin", &pass];
            let info = peer(
                &certctl,
                "openssl",
                &[&store[..], &["-info", "-noout"]].concat(),
            );
            let expected = match legacy {
                false => [
                    "MAC: sha256, Iteration 200000",
                    "AES-256-CBC, Iteration 200000",
                ],
                true => [
                    "MAC: sha1, Iteration 50000",
                    "pbeWithSHA1And3-KeyTripleDES-CBC",
                ],
            };
            assert!(expected.iter().all(|words| info.contains(words)), "{info}");
            let key = peer(
                &certctl,
                "openssl",
                &[&store[..], &["-nocerts", "-noenc"]].concat(),
            );
            assert!(
                key.contains(&read(&certctl, &format!("certs/{name}/key.pem"))),
                "{key}"
            );
            assert!(key.contains(&format!("friendlyName: {name}")), "{key}");
            let all = peer(&certctl, "openssl", &[&store[..], &["-nokeys"]].concat());
            assert_eq!(
                all.matches("BEGIN CERTIFICATE").count(),
                3,
                "leaf, issuing, root"
            );
            let java = ["-list", "-v", "-keystore", &file, "-storepass", PASSWORD];
            let java = peer(&certctl, "keytool", &java);
            for words in [
                &format!("Alias name: {name}"),
                "Entry type: PrivateKeyEntry",
                "Certificate chain length: 3",
            ] {
                assert!(java.contains(words), "{words}:\n{java}");
            }
            let database = format!("nss-{file}");
            fs::create_dir(certctl.home().join(&database)).expect("a new directory");
            peer(
                &certctl,
                "certutil",
                &["-N", "-d", &database, "--empty-password"],
            );
            peer(
                &certctl,
                "pk12util",
                &["-i", &file, "-d", &database, "-W", PASSWORD],
            );
            let keys = peer(&certctl, "certutil", &["-K", "-d", &database]);
            assert!(keys.contains(name), "{keys}");
        }
    }
}

#[test]
fn gnutls_and_python_open_pkcs12() {
    const OPEN: &str = "
import sys
from cryptography.hazmat.primitives import serialization as S
from cryptography.hazmat.primitives.serialization import pkcs12
store, key, password = sys.argv[1:]
found = pkcs12.load_pkcs12(open(store, 'rb').read(), password.encode())
form = S.Encoding.DER, S.PrivateFormat.PKCS8, S.NoEncryption()
own = S.load_pem_private_key(open(key, 'rb').read(), None)
assert found.key.private_bytes(*form) == own.private_bytes(*form)
print(found.cert.friendly_name.decode(), [it.friendly_name.decode() for it in found.additional_certs])
";
    let certctl = cluster();
    for name in ["node1", "app"] {
        for legacy in [false, true] {
            let file = pkcs12(&certctl, name, legacy);
            let key = certctl.pki(format!("certs/{name}/key.pem"));
            let key = key.to_str().expect("UTF-8");
            let python = peer(&certctl, "python3", &["-c", OPEN, &file, key, PASSWORD]);
            assert!(python.starts_with(&format!("{name} ['CN=")), "{python}");
            let info = [
                "--p12-info",
                "--inder",
                "--infile",
                &file,
                "--password",
                PASSWORD,
            ];
            let info = peer(&certctl, "certtool", &info);
            assert_eq!(info.matches("BEGIN CERTIFICATE").count(), 3, "{info}");
            assert_eq!(info.matches("PRIVATE KEY-----").count(), 2, "{info}");
        }
    }
}

/// Passwords of all lengths and characters: the old key derivation takes them in blocks of UTF-16.
#[test]
fn passwords_open_what_they_closed() {
    let certctl = cluster();
    let long = "long".repeat(40);
    for (index, password) in ["x", "pässwörd ☃", &long].into_iter().enumerate() {
        for legacy in [false, true] {
            let file = format!("{index}-{legacy}.p12");
            let mut words = vec!["export", "node1", "--format", "pkcs12", "--out", &file];
            words.extend(["--password-env", "STORE_PASSWORD"]);
            words.extend(legacy.then_some("--legacy"));
            let mut command = certctl.command(&words);
            let _ = Run::of(command.env("STORE_PASSWORD", password)).expect_status(0);
            let pass = format!("pass:{password}");
            let key = [
                "pkcs12", "-in", &file, "-passin", &pass, "-nocerts", "-noenc",
            ];
            let key = peer(&certctl, "openssl", &key);
            assert!(
                key.contains(&read(&certctl, "certs/node1/key.pem")),
                "{password}"
            );
        }
    }
}

#[test]
fn a_wrong_password_opens_nothing() {
    let certctl = cluster();
    let file = pkcs12(&certctl, "node1", false);
    let path = certctl.home().join(file);
    let path = path.to_str().expect("UTF-8");
    let run = openssl(&["pkcs12", "-in", path, "-noout", "-passin", "pass:wrong"]);
    let _ = run.expect_status(1);
    let arguments = ["node1", "--format", "pkcs12", "--out", "x.p12"];
    let run = export(&certctl, &arguments).expect_status(2);
    assert!(run.stderr.contains("--password-file"), "{}", run.stderr);
}

#[test]
fn java_trusts_the_roots_of_a_truststore() {
    let certctl = cluster();
    let arguments = [
        "node1",
        "--format",
        "jks",
        "--out",
        "trust.jks",
        "--password-env",
    ];
    let _ = export(&certctl, &[&arguments[..], &["STORE_PASSWORD"]].concat()).expect_status(0);
    assert_eq!(mode(&certctl.home().join("trust.jks")), 0o644);
    let list = ["-list", "-keystore", "trust.jks", "-storepass", PASSWORD];
    for kind in ["PKCS12", "JKS"] {
        let java = peer(
            &certctl,
            "keytool",
            &[&list[..], &["-storetype", kind]].concat(),
        );
        assert!(
            java.contains("node1-ca,") && java.contains("trustedCertEntry"),
            "{java}"
        );
    }
    // A second root, and the algorithms that Java 8 knows.
    let _ = certctl.run(&["init-ca", "second"]).expect_status(0);
    let second = read(&certctl, "ca/second/cert.pem");
    let trust = certctl.pki("ca/root/bundle.pem");
    let both = read(&certctl, "ca/root/bundle.pem") + &second;
    fs::write(trust, both).expect("written");
    for legacy in [&[][..], &["--legacy"]] {
        let _ = fs::remove_file(certctl.home().join("root.jks"));
        let arguments = [
            "root",
            "--format",
            "jks",
            "--out",
            "root.jks",
            "--password-env",
        ];
        let arguments = [&arguments[..], &["STORE_PASSWORD"], legacy].concat();
        let _ = export(&certctl, &arguments).expect_status(0);
        let list = ["-list", "-keystore", "root.jks", "-storepass", PASSWORD];
        let java = peer(&certctl, "keytool", &list);
        for alias in ["root-ca,", "root-ca-2,"] {
            assert!(java.contains(alias), "{java}");
        }
        assert_eq!(java.matches("trustedCertEntry").count(), 2, "{java}");
    }
}

#[test]
fn a_secret_holds_what_kubernetes_wants() {
    const CHECK: &str = "
import base64, sys, yaml
secret = yaml.safe_load(sys.stdin)
assert (secret['apiVersion'], secret['kind'], secret['type']) == ('v1', 'Secret', 'kubernetes.io/tls')
assert secret['metadata'] == {'name': 'node1'}
for key, file in [('tls.crt', 'cert.pem'), ('tls.key', 'key.pem'), ('ca.crt', 'ca.pem')]:
    assert base64.b64decode(secret['data'].pop(key), validate=True) == open(sys.argv[1] + '/' + file, 'rb').read(), key
assert not secret['data']
";
    let certctl = cluster();
    let run = export(&certctl, &["node1", "--format", "k8s-secret"]).expect_status(0);
    let mut python = program("python3");
    python.args(["-c", CHECK]).arg(certctl.pki("certs/node1"));
    let _ = Run::with_input(&mut python, &run.stdout).expect_status(0);
    let run = export(&certctl, &["root", "--format", "k8s-secret"]).expect_status(1);
    assert!(run.stderr.contains("--with-key"), "{}", run.stderr);
}

#[test]
fn der_is_the_leaf() {
    let certctl = cluster();
    let _ = export(&certctl, &["app", "--format", "der", "--out", "app.der"]).expect_status(0);
    let one = [
        "x509", "-inform", "DER", "-in", "app.der", "-outform", "PEM",
    ];
    let leaf = peer(&certctl, "openssl", &one);
    assert!(read(&certctl, "certs/app/cert.pem").starts_with(&leaf));
}

#[test]
fn what_stands_there_is_neither_followed_nor_replaced_unasked() {
    let certctl = cluster();
    let target = certctl.home().join("target");
    let link = certctl.home().join("link.pem");
    fs::write(&target, "precious").expect("writable");
    std::os::unix::fs::symlink(&target, &link).expect("a free name");
    let arguments = ["node1", "--format", "pem", "--out", "link.pem"];
    let refused = export(&certctl, &arguments).expect_status(4);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    let _ = export(&certctl, &[&arguments[..], &["--force"]].concat()).expect_status(0);
    assert_eq!(fs::read_to_string(&target).expect("kept"), "precious");
    assert!(fs::symlink_metadata(&link).expect("written").is_file());
    assert_eq!(mode(&link), 0o600);
    fs::set_permissions(&target, fs::Permissions::from_mode(0o666)).expect("own file");
    let force = ["node1", "--format", "pem", "--out", "target", "--force"];
    let _ = export(&certctl, &force).expect_status(0);
    assert_eq!(
        mode(&target),
        0o600,
        "the mode of what stood there is not kept"
    );
    let hidden = fs::read_dir(certctl.home())
        .expect("readable")
        .filter(|entry| {
            let name = entry.as_ref().expect("readable").file_name();
            name.to_string_lossy().starts_with('.')
        });
    assert_eq!(hidden.count(), 0, "no temporary file is left");
}

#[test]
fn a_terminal_gets_no_key_unasked() {
    let certctl = cluster();
    let on_terminal = |arguments: &str| {
        let program = env!("CARGO_BIN_EXE_certctl");
        let words = format!("{program} export node1 --format pem {arguments}");
        let mut script = Command::new("script");
        script.args(["-qec", &words, "/dev/null"]);
        Run::of(
            script
                .current_dir(certctl.home())
                .env("CERTCTL_DIR", certctl.pki("")),
        )
    };
    let refused = on_terminal("").expect_status(4);
    assert!(
        !refused.stdout.contains("PRIVATE KEY"),
        "{}",
        refused.stdout
    );
    assert!(
        on_terminal("--out -")
            .expect_status(0)
            .stdout
            .contains("PRIVATE KEY")
    );
}
