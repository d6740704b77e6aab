//! Rotations and fleet files of CAs whose keys are in a token.

use std::fs;

use crate::{
    scene::Scene,
    softhsm::{pkcs11_tool, scene},
    support::openssl,
};

/// So many private keys are in the token.
fn keys(scene: &Scene) -> usize {
    let objects = pkcs11_tool(scene, "--list-objects --type privkey").stdout;
    objects.matches("Private Key Object").count()
}

fn key_uri(scene: &Scene, name: &str) -> String {
    let path = scene.certctl.pki("ca").join(name).join("key.uri");
    fs::read_to_string(path).expect("it was made")
}

/// A root and a CA below it, both in the token, and an entry.
fn hierarchy() -> Scene {
    let scene = scene();
    for (command, name) in [("init-ca", "root"), ("init-intermediate", "issuing")] {
        let uri = format!("pkcs11:token=ca;object={name}");
        let words = format!("{command} {name} --key-uri {uri} --generate --pin-file pin");
        let _ = scene.run(&words, 0);
    }
    let _ = scene.run("issue node1 --pin-file pin", 0);
    scene
}

#[track_caller]
fn openssl_accepts(scene: &Scene, trust: &str) {
    openssl_accepts_at(scene, "node1", trust);
}

#[track_caller]
fn openssl_accepts_at(scene: &Scene, name: &str, trust: &str) {
    let leaf = scene.certctl.pki("certs").join(name).join("cert.pem");
    let trust = scene.certctl.pki(trust);
    let [leaf, trust] = [leaf, trust].map(|path| path.display().to_string());
    let words = [
        "verify",
        "-x509_strict",
        "-CAfile",
        &trust,
        "-untrusted",
        &leaf,
        &leaf,
    ];
    let _ = openssl(&words).expect_status(0);
}

const NEW: &str = "--key-uri pkcs11:token=ca;object={name}";

#[test]
fn a_successor_has_its_key_in_the_token_too() {
    let scene = hierarchy();
    let plan = scene.run(&format!("rotate-ca plan {NEW} --generate --as sh"), 0);
    let start = format!("rotate-ca start root --key-uri '{}' --generate", &NEW[10..]);
    assert!(plan.stdout.contains(&start), "{}", plan.stdout);
    let start = format!("rotate-ca start {NEW} --generate --pin-file pin");
    let _ = scene.run(&format!("{start} -n"), 0);
    assert_eq!(keys(&scene), 2);
    let _ = scene.run(&start, 0);
    assert_eq!(keys(&scene), 4);
    for name in ["root-2", "issuing-2"] {
        let uri = format!("pkcs11:token=ca;object={name}\n");
        assert_eq!(key_uri(&scene, name), uri);
        let key = scene.certctl.pki("ca").join(name).join("key.pem");
        assert!(!key.exists(), "{name}");
    }
    let plan = scene.run(&format!("rotate-ca plan {NEW}"), 2).stderr;
    assert!(plan.contains("the rotation has begun"), "{plan}");
    let _ = scene.run("rotate-ca ack --all", 0);
    let useless = scene.run(&format!("rotate-ca switch {NEW} --pin-file pin"), 2);
    assert!(
        useless.stderr.contains("says nothing"),
        "{}",
        useless.stderr
    );
    let _ = scene.run("rotate-ca switch --pin-file pin", 0);
    openssl_accepts(&scene, "ca/root-2/bundle.pem");
    let _ = scene.run("rotate-ca ack --all", 0);
    let _ = scene.run("rotate-ca finish", 0);
    openssl_accepts(&scene, "certs/node1/ca.pem");
    let _ = scene.run("issue node2 --pin-file pin", 0);
    let _ = scene.run("log --verify", 0);
    let _ = scene.run("check --fail-on error", 0);
}

/// One entry first, back again in the middle, and then all of them, one after the other.
#[test]
fn entries_are_switched_by_parts() {
    let scene = hierarchy();
    let _ = scene.run("issue node2 node3 --pin-file pin", 0);
    let holds = || {
        for name in ["node1", "node2", "node3"] {
            let _ = scene.run(&format!("verify {name}"), 0);
            openssl_accepts_at(&scene, name, "certs/node1/ca.pem");
        }
    };
    let start = format!("rotate-ca start {NEW} --generate --pin-file pin");
    let _ = scene.run(&start, 0);
    let _ = scene.run("rotate-ca ack --all", 0);
    let switch = |share: &str| scene.run(&format!("rotate-ca switch {share} --pin-file pin"), 0);
    let _ = switch("--canary node2");
    holds();
    let _ = scene.run("rotate-ca abort --pin-file pin", 0);
    holds();
    let _ = scene.run("rotate-ca ack --all", 0);
    let _ = switch("--canary node1");
    holds();
    let _ = switch("--batch 1");
    holds();
    let _ = switch("--batch 1");
    let switched = scene.run("rotate-ca switch --pin-file pin", 0).stdout;
    assert!(switched.contains("nothing to switch"), "{switched}");
    let _ = scene.run("rotate-ca ack --all", 0);
    let _ = scene.run("rotate-ca finish", 0);
    holds();
    assert_eq!(keys(&scene), 4);
    let _ = scene.run("log --verify", 0);
    let _ = scene.run("check --fail-on error", 0);
}

/// The keys of successors that were taken back stay in the token, and are found there the next time.
#[test]
fn a_rotation_that_was_taken_back_leaves_its_keys() {
    let scene = hierarchy();
    let start = format!("rotate-ca start {NEW} --pin-file pin");
    let missing = scene.run(&start, 1).stderr;
    assert!(missing.contains("no such private key"), "{missing}");
    let _ = scene.run(&format!("{start} --generate"), 0);
    let aborted = scene.run("rotate-ca abort", 0).stderr;
    for name in ["root-2", "issuing-2"] {
        let words = format!("the key pkcs11:token=ca;object={name} stays where it is");
        assert!(aborted.contains(&words), "{aborted}");
    }
    // No name is given twice, so that what is there has to be named.
    let places =
        ["root", "issuing"].map(|ca| format!("--key-uri {ca}=pkcs11:token=ca;object={ca}-2"));
    let start = format!("rotate-ca start {} --pin-file pin", places.join(" "));
    let refused = scene.run(&format!("{start} --generate"), 4).stderr;
    assert!(refused.contains("leave out `--generate`"), "{refused}");
    let _ = scene.run(&start, 0);
    assert_eq!(keys(&scene), 4);
    assert_eq!(key_uri(&scene, "root-3"), "pkcs11:token=ca;object=root-2\n");
}

#[test]
fn what_would_be_no_rotation_is_refused() {
    let scene = hierarchy();
    let uri = |ca: &str, object: &str| format!("--key-uri {ca}pkcs11:token=ca;object={object}");
    for (words, status, said) in [
        (String::new(), 4, "`--key-uri URI` says where it is"),
        (
            uri("root=", "x"),
            4,
            "the key of the CA `issuing` is in a token",
        ),
        (
            uri("", "x"),
            2,
            "`issuing-2` would have the key of another successor",
        ),
        (
            format!("{} {}", uri("root=", "root"), uri("issuing=", "issuing")),
            4,
            "the key pkcs11:token=ca;object=root is that of the CA `root`",
        ),
        (
            format!("{} {}", uri("", "x"), uri("", "y")),
            2,
            "given twice",
        ),
        (
            format!("{} {}", uri("", "{name}"), uri("node1=", "y")),
            2,
            "names `node1`, which gets no successor",
        ),
        (
            uri("root=", "x;pin-value=9274"),
            2,
            "modules and PINs are not taken from it",
        ),
        (
            format!("{} --generate --key-type p384 --encrypt", uri("", "x")),
            2,
            "would have the key of another",
        ),
    ] {
        let run = scene.run(
            &format!("rotate-ca start root {words} --pin-file pin"),
            status,
        );
        assert!(run.stderr.contains(said), "{words}: {}", run.stderr);
        assert!(!run.stderr.contains("9274"), "{}", run.stderr);
        assert_eq!(keys(&scene), 2, "{words}");
        assert!(!scene.certctl.pki("ca/root-2").exists(), "{words}");
    }
    for command in ["start root", "plan root"] {
        let refused = scene.run(&format!("rotate-ca {command}"), 4).stderr;
        assert!(refused.contains("it is not said where"), "{refused}");
    }
}

/// From a file into the token, and what comes below late.
#[test]
fn keys_may_move_into_the_token_with_a_rotation() {
    let scene = scene();
    let _ = scene.run("init-ca", 0);
    let _ = scene.run(
        &format!("rotate-ca start {NEW} --generate --pin-file pin"),
        0,
    );
    let late = "init-intermediate issuing --ca root --key-uri pkcs11:token=ca;object=issuing --generate --pin-file pin";
    let _ = scene.run(late, 0);
    let _ = scene.run("issue node1 --ca issuing --pin-file pin", 0);
    let _ = scene.run("rotate-ca ack --all", 0);
    let refused = scene.run("rotate-ca switch --pin-file pin", 4).stderr;
    assert!(
        refused.contains("the key of the CA `issuing` is in a token"),
        "{refused}"
    );
    let switch = format!("rotate-ca switch {NEW} --generate --pin-file pin");
    let _ = scene.run(&switch, 0);
    assert_eq!(
        key_uri(&scene, "issuing-2"),
        "pkcs11:token=ca;object=issuing-2\n"
    );
    openssl_accepts(&scene, "ca/root-2/bundle.pem");
}

#[test]
fn a_key_of_another_type_than_is_asked_for_is_refused() {
    let scene = scene();
    let _ = pkcs11_tool(
        &scene,
        "--keypairgen --key-type EC:secp384r1 --label root --id 01",
    );
    let init = "init-ca --key-uri pkcs11:token=ca;object=root --pin-file pin";
    for wanted in ["p256", "ed25519", "rsa2048"] {
        let run = scene.run(&format!("{init} --key-type {wanted}"), 2);
        let words = format!("is of type p384, and {wanted} is asked for");
        assert!(run.stderr.contains(&words), "{}", run.stderr);
        scene.nothing_left();
    }
    let _ = scene.run(&format!("{init} --key-type p384"), 0);
}

#[test]
fn fleet_files_say_where_keys_are() {
    let scene = scene();
    let fleet = "[[ca]]\nname = \"root\"\nkey_uri = \"pkcs11:token=ca;object=root\"\ngenerate = true\nkey_type = \"p384\"\n\
                 [[ca]]\nname = \"issuing\"\nparent = \"root\"\n[[entry]]\nname = \"node1\"\nca = \"issuing\"\n";
    fs::write(scene.path("fleet.toml"), fleet).expect("written");
    let apply = "apply fleet.toml --pin-file root=pin";
    let _ = scene.run(&format!("{apply} -n"), 0);
    assert_eq!(keys(&scene), 0);
    let _ = scene.run(apply, 0);
    assert_eq!(keys(&scene), 1);
    openssl_accepts(&scene, "certs/node1/ca.pem");
    let again = scene.run("apply fleet.toml", 0).stdout;
    assert!(again.contains("nothing to do"), "{again}");
    let described = scene.run("fleet init", 0).stdout;
    let words = "key_type = \"p384\"\nkey_uri = \"pkcs11:token=ca;object=root\"\n";
    assert!(described.contains(words), "{described}");
    // A key that is there is taken, and is of the type that it is.
    fs::write(scene.path("described.toml"), &described).expect("written");
    let _ = scene.run("--dir other apply described.toml --pin-file root=pin", 0);
    assert_eq!(keys(&scene), 1);
    let wrong = described.replace("p384", "p256");
    fs::write(scene.path("wrong.toml"), wrong).expect("written");
    let run = scene.run("--dir third apply wrong.toml --pin-file root=pin", 2);
    assert!(run.stderr.contains("is of type p384"), "{}", run.stderr);
    fs::write(
        scene.path("half.toml"),
        "[[ca]]\nname = \"a\"\ngenerate = true\n",
    )
    .expect("written");
    let run = scene.run("--dir third apply half.toml", 1);
    assert!(
        run.stderr.contains("half.toml:3:12: `generate`"),
        "{}",
        run.stderr
    );
}
