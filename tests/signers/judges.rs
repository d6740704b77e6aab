//! Other people's programs judge what keys in tokens have signed: those of tests/judges, with the same questions.

use std::path::Path;

use crate::{
    scene::Scene,
    softhsm,
    support::{Run, program},
};

const JUDGES: [(&str, &[&str]); 7] = [
    ("bash", &["openssl.sh"]),
    ("escript", &["erlang.escript"]),
    ("go", &["run", "go.go"]),
    ("java", &["java.java"]),
    ("node", &["node.js"]),
    ("python3", &["gnutls.py"]),
    ("python3", &["python.py"]),
];

/// A root in a token, and below it an intermediate in the same, with a node.
fn signed(key_type: &str) -> Scene {
    let scene = softhsm::scene();
    for (command, name) in [("init-ca", "root"), ("init-intermediate", "issuing")] {
        let key =
            format!("--key-uri pkcs11:token=ca;object={name} --generate --key-type {key_type}");
        let _ = scene.run(&format!("{command} {name} {key} --pin-file pin"), 0);
    }
    let _ = scene.run("issue node1 --pin-file pin", 0);
    scene
}

#[test]
fn all_take_what_a_token_signs() {
    let scenes: Vec<_> = ["p256", "p384", "rsa2048", "ed25519"].map(signed).into();
    let questions = scenes.iter().map(|scene| {
        let entry = scene.certctl.pki("certs/node1");
        let (entry, root) = (entry.display(), entry.join("ca.pem"));
        let root = root.display();
        format!("verify\tserver\tnode1\t{entry}\t{root}\ntls\t{entry}\t{entry}\t{root}\tnode1\n")
    });
    let questions: String = questions.collect();
    for (interpreter, arguments) in JUDGES {
        let mut command = program("timeout");
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges");
        command
            .args(["300", interpreter])
            .args(arguments)
            .current_dir(here);
        let run = Run::with_input(&mut command, &questions).expect_status(0);
        let answers: Vec<_> = run.stdout.lines().collect();
        assert_eq!(answers, ["ok"; 8], "{arguments:?}: {}", run.stderr);
    }
}
