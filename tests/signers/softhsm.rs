//! Keys in a token: SoftHSM, whose module every rule of PKCS#11 is tried on.

use std::{fs, path::Path};

use crate::{
    scene::Scene,
    support::{Run, program},
};

const PIN: &str = "fourth-9274";

/// Where Debian and others put the module.
fn module() -> &'static str {
    let places = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ];
    let mut there = places.into_iter().filter(|path| Path::new(path).exists());
    there
        .next()
        .expect("SoftHSM is there (tests/run installs it)")
}

/// A scene with a token `ca`, whose PIN lies in the file `pin`.
pub(crate) fn scene() -> Scene {
    let mut scene = Scene::new();
    let tokens = scene.path("tokens");
    fs::create_dir(&tokens).expect("made");
    let conf = scene.path("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nlog.level = ERROR\n",
        tokens.display()
    );
    fs::write(&conf, text).expect("written");
    scene.set("SOFTHSM2_CONF", conf);
    scene.set("CERTCTL_PKCS11_MODULE", module());
    fs::write(scene.path("pin"), format!("{PIN}\n")).expect("written");
    token(&scene, "ca");
    scene
}

fn token(scene: &Scene, label: &str) {
    let mut command = program("softhsm2-util");
    command.args([
        "--init-token",
        "--free",
        "--label",
        label,
        "--pin",
        PIN,
        "--so-pin",
        "so-9274",
    ]);
    scene.surround(&mut command);
    let _ = Run::of(&mut command).expect_status(0);
}

/// Brings a key of a file into the token.
pub(crate) fn import_key(scene: &Scene, file: &str, label: &str) {
    let mut command = program("softhsm2-util");
    let words = ["--token", "ca", "--id", "01", "--pin", PIN];
    command
        .arg("--import")
        .arg(scene.path(file))
        .args(["--label", label]);
    scene.surround(command.args(words));
    let _ = Run::of(&mut command).expect_status(0);
}

/// OpenSC's own tool.
pub(crate) fn pkcs11_tool(scene: &Scene, words: &str) -> Run {
    let mut command = program("pkcs11-tool");
    command.args(["--module", module(), "--login", "--pin", PIN]);
    scene.surround(command.args(words.split_whitespace()));
    Run::of(&mut command).expect_status(0)
}

#[test]
fn every_kind_of_key_is_made_in_the_token_and_signs() {
    for key_type in ["p256", "p384", "ed25519", "rsa2048", "rsa3072"] {
        let scene = scene();
        let _ = scene.run(
            &format!("init-ca root --key-uri pkcs11:token=ca;object=root --generate --key-type {key_type} --pin-file pin"),
            0,
        );
        let issuing = "init-intermediate issuing --key-uri pkcs11:token=ca;object=issuing --generate --pin-file pin";
        let _ = scene.run(issuing, 0);
        let _ = scene.run("issue node1 node2 --pin-file pin", 0);
        let _ = scene.run("revoke node2 --yes", 0);
        let _ = scene.run("crl --all --pin-file pin", 0);
        scene.openssl_accepts("node1", true);
        for name in ["root", "issuing"] {
            let directory = scene.certctl.pki("ca").join(name);
            assert!(!directory.join("key.pem").exists());
            let uri = fs::read_to_string(directory.join("key.uri")).expect("it was made");
            assert_eq!(uri, format!("pkcs11:token=ca;object={name}\n"));
        }
        // Made so that nobody has it.
        let objects = pkcs11_tool(&scene, "--list-objects --type privkey").stdout;
        assert_eq!(
            objects
                .matches("sensitive, always sensitive, never extractable, local")
                .count(),
            2,
            "{objects}"
        );
        let _ = scene.run("renew root issuing node1 --force --pin-file pin", 0);
        let _ = scene.run("log --verify", 0);
    }
}

#[test]
fn a_wrong_pin_is_tried_once_and_shown_nowhere() {
    let scene = scene();
    fs::write(scene.path("wrong"), "9274-wrong\n").expect("written");
    for words in ["--generate", ""] {
        let init = format!("init-ca root --key-uri pkcs11:token=ca;object=root {words}");
        let said = scene.run(&format!("{init} --pin-file wrong"), 1).stderr;
        assert!(
            said.contains("the PIN of the token `ca` is wrong") && !said.contains("9274"),
            "{said}"
        );
        let asked = scene.run(&init, 2).stderr;
        assert!(
            asked.contains("the PIN of the token `ca` is needed"),
            "{asked}"
        );
        scene.nothing_left();
    }
    let objects = pkcs11_tool(&scene, "--list-objects").stdout;
    assert!(!objects.contains("Private Key"), "{objects}");
    let dry = "init-ca root --key-uri pkcs11:token=ca;object=root --generate -n --pin-file pin";
    assert!(scene.run(dry, 0).stdout.contains("would make"));
    let objects = pkcs11_tool(&scene, "--list-objects").stdout;
    assert!(!objects.contains("Private Key"), "{objects}");
    let init = "init-ca root --key-uri pkcs11:token=ca;object=root --generate --pin-file pin";
    let _ = scene.run(init, 0);
    let again = scene.run(&format!("{init} --force"), 4).stderr;
    assert!(again.contains("a key of that name already"), "{again}");
    let dry = scene.run(&format!("{init} --force -n"), 4).stderr;
    assert!(dry.contains("already"), "{dry}");
    let history = scene.run("log --json", 0).stdout;
    assert!(!history.contains("9274"), "{history}");
}

#[test]
fn what_may_be_several_keys_is_none() {
    let scene = scene();
    for id in ["01", "02"] {
        let words = format!("--keypairgen --key-type EC:prime256v1 --label twin --id {id}");
        let _ = pkcs11_tool(&scene, &words);
    }
    let _ = pkcs11_tool(
        &scene,
        "--keypairgen --key-type EC:prime256v1 --label single --id 03",
    );
    for (uri, words) in [
        (
            "pkcs11:token=ca;object=twin",
            vec!["several keys", "object=twin;id=%01", "id=%02"],
        ),
        (
            "pkcs11:token=ca",
            vec!["several keys", "object=single;id=%03"],
        ),
        (
            "pkcs11:token=ca;object=none",
            vec!["no such private key", "object=single;id=%03"],
        ),
        (
            "pkcs11:token=other;object=single",
            vec!["no token is the one", "`ca`"],
        ),
        (
            "pkcs11:token=ca;object=single;slot-id=1",
            vec!["slot-id, which is not known"],
        ),
    ] {
        let said = scene
            .run(&format!("init-ca root --key-uri {uri} --pin-file pin"), 1)
            .stderr;
        for words in words {
            assert!(said.contains(words), "{uri}: {said}");
        }
        scene.nothing_left();
    }
    let _ = scene.run(
        "init-ca one --key-uri pkcs11:object=twin;id=%01 --pin-file pin",
        0,
    );
    let _ = scene.run(
        "init-ca two --key-uri pkcs11:token=ca;object=single;type=private --pin-file pin",
        0,
    );
    // A second token: whose PIN it is, nobody knows.
    token(&scene, "spare");
    let said = scene.run("issue node1 --ca one --pin-file pin", 1).stderr;
    assert!(
        said.contains("several tokens") && said.contains("`spare`"),
        "{said}"
    );
    let _ = scene.run("issue node1 --ca two --pin-file pin", 0);
}

#[test]
fn a_key_that_asks_each_time_is_answered_each_time() {
    let scene = scene();
    let _ = pkcs11_tool(
        &scene,
        "--keypairgen --key-type RSA:2048 --label slow --id 01 --always-auth",
    );
    let _ = scene.run(
        "init-ca root --key-uri pkcs11:token=ca;object=slow --pin-file pin",
        0,
    );
    let _ = scene.run("issue node1 node2 node3 --pin-file pin", 0);
    let _ = scene.run("crl --pin-file pin", 0);
    scene.openssl_accepts("node1", false);
}

#[test]
fn what_cannot_be_asked_for_each_time_is_said() {
    let scene = scene();
    let _ = pkcs11_tool(
        &scene,
        "--keypairgen --key-type EC:prime256v1 --label slow --id 01 --always-auth",
    );
    let init = "init-ca root --key-uri pkcs11:token=ca;object=slow --pin-file pin";
    let said = scene.run(init, 1).stderr;
    assert!(said.contains("makes none in parts"), "{said}");
    assert!(said.contains("CKA_ALWAYS_AUTHENTICATE"), "{said}");
    scene.nothing_left();
}

#[test]
fn the_module_is_the_operators_word() {
    let mut scene = scene();
    let init = "init-ca root --key-uri pkcs11:token=ca;object=root --generate --pin-file pin";
    for (module, words) in [
        ("libsofthsm2.so", "is not absolute"),
        ("/no/such/module.so", "cannot be used"),
        ("/etc/hostname", "cannot be used"),
    ] {
        scene.set("CERTCTL_PKCS11_MODULE", module);
        let said = scene.run(init, 1).stderr;
        assert!(
            said.contains(words) && said.contains("CERTCTL_PKCS11_MODULE"),
            "{said}"
        );
        scene.nothing_left();
    }
    scene.set("CERTCTL_PKCS11_MODULE", module());
    let _ = scene.run(init, 0);
}

/// As many as take all threads, each with its session.
#[test]
fn a_batch_goes_through_the_token() {
    let scene = scene();
    let _ = scene.run(
        "init-ca root --key-uri pkcs11:token=ca;object=root --generate --pin-file pin",
        0,
    );
    let names: Vec<_> = (0..300).map(|number| format!("n{number}")).collect();
    let _ = scene.run(&format!("issue {} --pin-file pin", names.join(" ")), 0);
    let _ = scene.run("crl --pin-file pin", 0);
    scene.openssl_accepts("n0", false);
    scene.openssl_accepts("n299", false);
}

/// Puts the module that writes what is called, and loses sessions, in front of SoftHSM's.
fn watch(scene: &mut Scene) {
    let watched = scene.path("watched.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/signers/watched.c");
    let mut command = program("cc");
    command
        .args(["-shared", "-fPIC", "-o"])
        .arg(&watched)
        .args([source, "-ldl"]);
    let _ = Run::of(&mut command).expect_status(0);
    scene.set("CERTCTL_PKCS11_MODULE", watched);
    scene.set("WATCHED_MODULE", module());
    scene.set("WATCHED_TRACE", scene.path("trace"));
}

/// What was called since the last time, without the sessions.
fn calls(scene: &Scene) -> Vec<String> {
    let trace = fs::read_to_string(scene.path("trace")).expect("it was written");
    fs::remove_file(scene.path("trace")).expect("it was written");
    let call = |line: &str| match line.split_once(' ') {
        Some(("login", user)) => format!("login {user}"),
        Some((call, _)) => call.to_owned(),
        None => line.to_owned(),
    };
    trace.lines().map(call).collect()
}

#[test]
fn the_user_logs_in_before_anything_is_looked_for_and_nobody_else_does() {
    let mut scene = scene();
    watch(&mut scene);
    let _ = pkcs11_tool(
        &scene,
        "--keypairgen --key-type RSA:2048 --label slow --id 01 --always-auth",
    );
    let _ = scene.run(
        "init-ca root --key-uri pkcs11:token=ca;object=root --generate --pin-file pin",
        0,
    );
    let made = calls(&scene);
    let _ = scene.run(
        "init-ca slow --key-uri pkcs11:token=ca;object=slow --pin-file pin",
        0,
    );
    let _ = calls(&scene);
    let _ = scene.run("issue node1 --ca root --pin-file pin", 0);
    let usual = calls(&scene);
    let _ = scene.run("issue node2 node3 --ca slow --pin-file pin", 0);
    let asked = calls(&scene);
    for calls in [&made, &usual, &asked] {
        // 0 is the security officer.
        assert!(!calls.contains(&String::from("login 0")), "{calls:?}");
        let place = |call: &str| calls.iter().position(|it| it == call);
        let (login, find) = (place("login 1"), place("find"));
        assert!(login.is_some() && login < find, "{calls:?}");
    }
    let count = |calls: &[String], call: &str| calls.iter().filter(|it| *it == call).count();
    assert_eq!((count(&usual, "sign"), count(&usual, "login 2")), (1, 0));
    assert_eq!((count(&asked, "sign"), count(&asked, "login 2")), (2, 2));
}

#[test]
fn a_lost_session_is_opened_once_more() {
    let mut scene = scene();
    watch(&mut scene);
    let _ = scene.run(
        "init-ca root --key-uri pkcs11:token=ca;object=root --generate --pin-file pin",
        0,
    );
    scene.set("WATCHED_LOSE", ",2,");
    let _ = scene.run("issue node1 node2 node3 --pin-file pin", 0);
    scene.set("WATCHED_LOSE", ",1,2,");
    let said = scene.run("issue node4 --pin-file pin", 1).stderr;
    assert!(said.contains("SessionHandleInvalid"), "{said}");
    assert!(!scene.certctl.pki("certs/node4").exists());
    let _ = scene.run("log --verify", 0);
}

/// The root's key in one token, the intermediate's in another, and nothing but a request between them.
#[test]
fn a_ca_whose_key_is_in_a_token_asks_for_its_certificate() {
    let scene = scene();
    token(&scene, "issuing");
    let _ = scene.run(
        "init-ca root --key-uri pkcs11:token=ca;object=root --generate --pin-file pin",
        0,
    );
    let daily = |words: &str, status| scene.run(&format!("--dir daily {words}"), status);
    let _ = daily("init-ca root --cert pki/ca/root/cert.pem", 0);
    let _ = daily(
        "init-intermediate issuing --request --key-uri pkcs11:token=issuing;object=issuing --generate --pin-file pin",
        0,
    );
    let _ = scene.run(
        "sign daily/ca/issuing/request.csr --profile intermediate --name issuing --pin-file pin",
        0,
    );
    let _ = daily("install ca/issuing pki/ca/issuing/cert.pem", 0);
    let _ = daily("issue node1 --pin-file pin", 0);
    // Its next certificate, for the same key.
    let _ = daily("init-intermediate issuing --request --pin-file pin", 0);
    let _ = scene.run(
        "sign daily/ca/issuing/request.csr --profile intermediate --name issuing --force --pin-file pin",
        0,
    );
    let _ = daily("install ca/issuing pki/ca/issuing/cert.pem", 0);
    let _ = daily("verify node1", 0);
    assert!(!scene.path("daily/ca/issuing/key.pem").exists());
    // In one place it cannot be asked for again under another name.
    let refused = daily(
        "init-intermediate issuing --request --key-uri pkcs11:object=x",
        2,
    );
    assert!(
        refused.stderr.contains("has a key, which stays"),
        "{}",
        refused.stderr
    );
}

/// CRLs of a token's key are published while the token is away.
#[test]
fn crls_made_ahead_need_no_token() {
    let mut scene = scene();
    scene.set("CERTCTL_NOW", "2030-01-01T00:00:00Z");
    let _ = scene.run(
        "init-ca root --key-uri pkcs11:token=ca;object=root --generate --pin-file pin",
        0,
    );
    let _ = scene.run("crl --ahead 3 --days 3 --pin-file pin", 0);
    scene.set("CERTCTL_PKCS11_MODULE", "/no/such/module.so");
    scene.set("CERTCTL_NOW", "2030-01-03T00:00:00Z");
    let published = scene.run("crl --all --if-due", 0).stdout;
    assert!(published.contains("published CRL 2"), "{published}");
    // Without the token, or its PIN, the others' CRLs are made all the same.
    let _ = scene.run("init-ca other", 0);
    for words in ["crl --all", "crl --all --pin-file pin"] {
        let run = scene.run(words, 3);
        assert!(run.stdout.contains("of the CA `other`"), "{}", run.stdout);
        assert!(
            run.stderr.contains("the CRL of `root` is not made"),
            "{}",
            run.stderr
        );
    }
    let refused = scene.run("rotate-ca start root", 4).stderr;
    assert!(refused.contains("in a token"), "{refused}");
}

/// The PIN of a token is its own: a key in a file is encrypted with a passphrase.
#[test]
fn a_pin_encrypts_no_file() {
    let scene = scene();
    for line in [
        "init-ca root --pin-file pin",
        "issue n1 --init --pin-file pin",
    ] {
        let said = scene.run(line, 2).stderr;
        assert!(said.contains("which a PIN does not encrypt"), "{said}");
        assert!(said.contains("--passphrase-file root=FILE"), "{said}");
        scene.nothing_left();
    }
    let root = "init-ca root --key-uri pkcs11:token=ca;object=root --generate --pin-file pin";
    let _ = scene.run(root, 0);
    let said = scene
        .run(
            "init-intermediate plain --pin-file root=pin --pin-file plain=pin",
            2,
        )
        .stderr;
    assert!(said.contains("which a PIN does not encrypt"), "{said}");
    let said = scene
        .run("init-intermediate plain --pin-file pin", 0)
        .stderr;
    assert!(said.contains("which a PIN does not encrypt"), "{said}");
    fs::write(scene.path("words"), "no PIN\n").expect("written");
    let both = "init-intermediate closed --ca root --pin-file pin --passphrase-file words";
    assert!(
        !scene.run(both, 0).stderr.contains("PIN"),
        "nothing is left to say"
    );
    for (ca, is_encrypted) in [("plain", false), ("closed", true)] {
        let key = fs::read_to_string(scene.certctl.pki(format!("ca/{ca}/key.pem")));
        let key = key.expect("it is there");
        assert_eq!(key.contains("ENCRYPTED"), is_encrypted, "{ca}");
    }
    let _ = scene.run("issue n1 --ca closed --passphrase-file words", 0);
    let said = scene
        .run(
            "init-intermediate next --ca root --pin-env A --pin-env B",
            2,
        )
        .stderr;
    assert!(said.contains("two PINs are given"), "{said}");
    // As it was before there were PINs of their own.
    let _ = scene.run("issue n2 --ca root --passphrase-file pin", 0);
}
