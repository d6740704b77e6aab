//! OpenSSL's s_server, which can be set up in any way that is wrong.

use std::{fs, process::Command};

use crate::{
    scene::{Scene, Seen, local},
    support::{Run, program},
};

const OLD: [&str; 2] = ["-cipher", "ALL@SECLEVEL=0"];

/// What is set up, options of the server, options of probe, the codes.
type Row<'a> = (&'a str, Vec<&'a str>, &'a [&'a str], &'a [&'a str]);

#[test]
fn what_is_wrong_is_found_and_nothing_else() {
    let scene = Scene::new();
    let mutual = scene.mutual();
    let mutual: Vec<_> = mutual.iter().map(String::as_str).collect();
    let optional: Vec<_> = mutual
        .iter()
        .map(|it| if *it == "-Verify" { "-verify" } else { it })
        .collect();
    let with = ["--with", "app"];
    let table: &[Row<'_>] = &[
        ("right", vec![], &[], &[]),
        ("TLS 1.2", vec!["-tls1_2"], &[], &[]),
        ("TLS 1.3", vec!["-tls1_3"], &[], &[]),
        ("against itself", vec![], &["--against", "node1"], &[]),
        (
            "against another",
            vec![],
            &["--against", "node2"],
            &["served-differs"],
        ),
        ("another name", vec![], &["--name", "other.test"], &["host"]),
        ("mutual, with one", mutual.clone(), &with, &[]),
        ("mutual, with none", mutual.clone(), &[], &[]),
        (
            "mutual, 1.2",
            [&mutual[..], &["-tls1_2"]].concat(),
            &with,
            &[],
        ),
        (
            "optional",
            optional.clone(),
            &with,
            &["client-certificate-not-required"],
        ),
        (
            "optional, none",
            optional.clone(),
            &[],
            &["client-certificate-not-required"],
        ),
        (
            "optional, 1.2",
            [&optional[..], &["-tls1_2"]].concat(),
            &with,
            &["client-certificate-not-required"],
        ),
        (
            "not asked",
            vec![],
            &with,
            &["client-certificate-not-asked"],
        ),
        ("old too", OLD.to_vec(), &[], &["old-protocol"]),
        (
            "old alone",
            [&OLD[..], &["-tls1_1"]].concat(),
            &[],
            &["old-protocol"],
        ),
        (
            "very old",
            [&OLD[..], &["-tls1"]].concat(),
            &[],
            &["old-protocol"],
        ),
        (
            "no common group",
            vec!["-groups", "P-521"],
            &[],
            &["handshake-failed"],
        ),
        ("ALPN of its own", vec!["-alpn", "imap"], &[], &[]),
    ];
    for (what, server, options, codes) in table {
        let (_server, port) = scene.openssl("node1", server);
        let address = local(port);
        scene
            .probe(&[&[address.as_str()], *options].concat())
            .expect(what, codes);
    }
}

#[test]
fn a_client_certificate_is_refused_in_either_version() {
    let scene = Scene::new();
    scene.run(&[
        "--dir",
        "strange",
        "issue",
        "stranger",
        "--init",
        "--profile",
        "client",
    ]);
    let of = |file: &str| scene.home().join("strange/certs/stranger").join(file);
    let (cert, key) = (of("cert.pem"), of("key.pem"));
    let stranger = [
        "--cert",
        cert.to_str().expect("UTF-8"),
        "--key",
        key.to_str().expect("UTF-8"),
    ];
    let mutual = scene.mutual();
    for version in ["-tls1_2", "-tls1_3"] {
        let mut words: Vec<_> = mutual.iter().map(String::as_str).collect();
        words.push(version);
        let (_server, port) = scene.openssl("node1", &words);
        let address = local(port);
        let seen = scene.probe(&[&[address.as_str()], &stranger[..]].concat());
        // OpenSSL names the roots of -CAfile to its clients.
        seen.expect(
            version,
            &["client-ca-hint-missing", "client-certificate-refused"],
        );
        let reason = seen.message("client-certificate-refused");
        assert!(reason.contains("unknown_ca"), "{version}: {reason}");
        let clients = &seen.endpoint()["client_certificate"];
        assert_eq!(
            (&clients["required"], &clients["taken"]),
            (&true.into(), &false.into())
        );
    }
}

#[test]
fn chains_are_judged_as_they_are_sent() {
    let scene = Scene::new();
    let (cert, key) = (scene.of("node1", "cert.pem"), scene.of("node1", "key.pem"));
    let blocks = Scene::blocks(&cert);
    let root = fs::read_to_string(scene.of("node1", "ca.pem")).expect("issued");
    let other = &Scene::blocks(&scene.of("node2", "cert.pem"))[0];
    for (name, chain, codes) in [
        (
            "leaf alone",
            vec![&blocks[0]],
            &["served-chain-incomplete"][..],
        ),
        (
            "twice",
            vec![&blocks[0], &blocks[1], &blocks[1]],
            &["chain-repeated"],
        ),
        (
            "the root too",
            vec![&blocks[0], &blocks[1], &root],
            &["chain-root"],
        ),
        (
            "a stranger",
            vec![&blocks[0], &blocks[1], other],
            &["chain-order", "chain-stray"],
        ),
    ] {
        let text: String = chain.into_iter().map(String::as_str).collect();
        let file = scene.file("served.pem", &text);
        let (_server, port) = scene.openssl_with(&file, &key, &[]);
        scene.probe(&[&local(port)]).expect(name, codes);
    }
}

#[test]
fn certificates_are_held_to_the_rules_of_check_and_verify() {
    let scene = Scene::new();
    // A CA does not sign what ends before it began: this one is of its own time.
    let mut past = scene.certctl.command(&[
        "--dir", "past", "issue", "old", "--init", "--local", "--days", "1",
    ]);
    drop(Run::of(past.env("CERTCTL_NOW", "2025-01-01T00:00:00Z")).expect_status(0));
    scene.run(&["issue", "soon", "--local", "--days", "10"]);
    scene.run(&["issue", "client", "--local", "--profile", "client"]);
    scene.run(&["issue", "gone", "--local"]);
    let gone = scene.home().join("gone");
    fs::create_dir(&gone).expect("new");
    for file in ["cert.pem", "key.pem"] {
        fs::copy(scene.of("gone", file), gone.join(file)).expect("issued");
    }
    scene.run(&["revoke", "gone", "--yes"]);
    let old = scene.home().join("past/certs/old");
    let trust = old.join("ca.pem").display().to_string();
    let of = |name: &str| scene.of(name, "").clone();
    for (directory, options, codes) in [
        (of("soon"), vec!["--within", "20d"], &["expiring"][..]),
        (of("soon"), vec![], &[]),
        (of("client"), vec![], &["purpose"]),
        (gone, vec![], &["revoked"]),
        (old.clone(), vec!["--trust", &trust], &["expired"]),
        (old, vec![], &["expired", "issuer-unknown"]),
    ] {
        let (cert, key) = (directory.join("cert.pem"), directory.join("key.pem"));
        let (_server, port) = scene.openssl_with(&cert, &key, &[]);
        let address = local(port);
        let seen = scene.probe(&[&[address.as_str()], &options[..]].concat());
        seen.expect(&directory.display().to_string(), codes);
    }
}

/// An RSA key of few bits, signed with SHA-1 by itself: nobody's certctl makes that.
#[test]
fn weak_certificates_are_looked_at() {
    let scene = Scene::new();
    let of = |name: &str| scene.home().join(name);
    let (key, cert) = (of("weak.key"), of("weak.pem"));
    let words = [
        "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-sha1", "-days", "99", "-subj", "/CN=w",
    ];
    let mut command = program("openssl");
    command
        .args(words)
        .args(["-addext", "subjectAltName=IP:127.0.0.1"]);
    drop(Run::of(command.arg("-keyout").arg(&key).arg("-out").arg(&cert)).expect_status(0));
    let (_server, port) = scene.openssl_with(&cert, &key, &OLD);
    let seen = scene.probe(&[&local(port), "--trust", cert.to_str().expect("UTF-8")]);
    let codes = seen.codes();
    for code in ["old-protocol", "weak-key"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
}

#[test]
fn curves_that_rustls_does_not_have_are_no_hindrance() {
    let scene = Scene::new();
    let (key, cert) = (scene.home().join("521.key"), scene.home().join("521.pem"));
    let mut command: Command = program("openssl");
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-521",
        "-nodes",
    ]);
    command.args([
        "-days",
        "99",
        "-subj",
        "/CN=p",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]);
    drop(Run::of(command.arg("-keyout").arg(&key).arg("-out").arg(&cert)).expect_status(0));
    let (_server, port) = scene.openssl_with(&cert, &key, &["-tls1_3"]);
    let seen = scene.probe(&[&local(port), "--trust", cert.to_str().expect("UTF-8")]);
    assert_eq!(seen.endpoint()["tls"], true, "{:#}", seen.0);
}

#[test]
fn what_was_agreed_on_is_told() {
    let scene = Scene::new();
    for (words, protocol, cipher, tls12) in [
        (
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"][..],
            "TLS 1.2",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            true,
        ),
        (
            &["-ciphersuites", "TLS_AES_128_GCM_SHA256"],
            "TLS 1.3",
            "TLS_AES_128_GCM_SHA256",
            true,
        ),
        (&["-tls1_3"], "TLS 1.3", "TLS_AES_256_GCM_SHA384", false),
    ] {
        let (_server, port) = scene.openssl("node1", words);
        let seen = scene.probe(&[&local(port)]);
        let it = seen.endpoint();
        assert_eq!(
            (&it["protocol"], &it["cipher"]),
            (&protocol.into(), &cipher.into())
        );
        assert_eq!(
            (&it["tls12"], &it["key_exchange"]),
            (&tls12.into(), &"X25519".into())
        );
        assert_eq!(
            (&it["ml_kem"], &it["chain"][0]["subject"]),
            (&false.into(), &"CN=node1".into())
        );
    }
}

#[test]
fn outside_of_any_pki_nobody_is_trusted() {
    let scene = Scene::new();
    let (_server, port) = scene.openssl("node1", &[]);
    let elsewhere = tempfile::tempdir().expect("a temporary directory can be made");
    let probe = |more: &[&str]| {
        let mut command = scene.certctl.command(&["--json", "probe", &local(port)]);
        command.env("CERTCTL_DIR", elsewhere.path().join("none"));
        Run::of(command.args(more))
    };
    let run = probe(&[]);
    assert!(run.stderr.contains("nobody is trusted here"), "{run:?}");
    Seen::of(run).expect("no trust", &[]);
    Seen::of(probe(&["--name", "b.test"])).expect("another name", &["host"]);
    drop(probe(&["--with", "app"]).expect_status(1));
}

#[test]
fn a_renewed_certificate_that_was_not_loaded_is_told() {
    let scene = Scene::new();
    let (_server, port) = scene.openssl("node1", &[]);
    scene.run(&["renew", "node1", "--force"]);
    let seen = scene.probe(&[&local(port), "--against", "node1", "--server", "redis"]);
    seen.expect("not loaded", &["served-differs"]);
    assert!(
        seen.message("served-differs")
            .contains("the one that `node1` had before")
    );
    let hint = seen.0["findings"][0]["hint"].as_str().unwrap_or_default();
    assert!(
        hint.contains("CONFIG SET") || hint.contains("restart"),
        "{hint}"
    );
}
