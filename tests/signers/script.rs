//! The example of certctl-signer(7).

use std::fs;

use crate::{scene::Scene, support::openssl};

const EXAMPLE: &str = include_str!("../../src/manual/certctl-signer-file");

#[test]
fn the_manuals_example_signs() {
    for (algorithm, option) in [
        ("EC", "ec_paramgen_curve:P-256"),
        ("RSA", "rsa_keygen_bits:2048"),
    ] {
        let scene = Scene::new();
        scene.install("certctl-signer-file", EXAMPLE);
        let key = scene.path("ca.pem").display().to_string();
        let _ = openssl(&[
            "genpkey",
            "-algorithm",
            algorithm,
            "-pkeyopt",
            option,
            "-out",
            &key,
        ])
        .expect_status(0);
        let _ = scene.run(&format!("init-ca root --key-uri file:{key}"), 0);
        let _ = scene.run("init-intermediate issuing", 0);
        let _ = scene.run("issue node1 node2", 0);
        let _ = scene.run("crl --all", 0);
        scene.openssl_accepts("node1", true);
        let refused = scene
            .run(&format!("init-ca other --key-uri file:{key} --generate"), 1)
            .stderr;
        assert!(refused.contains("this is not done here"), "{refused}");
        fs::remove_file(&key).expect("it was made");
        let gone = scene.run("init-intermediate more --ca root", 1).stderr;
        assert!(gone.contains("ca.pem"), "{gone}");
    }
}
