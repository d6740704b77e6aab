//! A real ssh-agent.

use std::{
    fs,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    scene::Scene,
    support::{Run, program},
};

/// An agent that ends with the test.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(scene: &mut Scene) -> Agent {
    let socket = scene.path("agent.sock");
    let mut command = program("ssh-agent");
    command.arg("-D").arg("-a").arg(&socket);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let agent = Agent(child.expect("ssh-agent is there (tests/run installs it)"));
    let begun = Instant::now();
    while !socket.exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it does not begin"
        );
        thread::sleep(Duration::from_millis(5));
    }
    scene.set("SSH_AUTH_SOCK", &socket);
    agent
}

/// A new key in the agent, which no file has; its comment is its type.
fn add(scene: &Scene, key_type: &str, bits: &str) -> String {
    let comment = format!("{key_type}{bits}");
    let file = scene.path(&comment);
    let mut keygen = program("ssh-keygen");
    keygen
        .args(["-q", "-N", "", "-t", key_type, "-C", &comment, "-f"])
        .arg(&file);
    if !bits.is_empty() {
        keygen.args(["-b", bits]);
    }
    let _ = Run::of(&mut keygen).expect_status(0);
    let mut add = program("ssh-add");
    scene.surround(add.arg("-q").arg(&file));
    let _ = Run::of(&mut add).expect_status(0);
    fs::remove_file(file).expect("it was made");
    comment
}

#[test]
fn every_kind_of_key_that_can_sign_certificates_does() {
    for (key_type, bits, word) in [
        ("ecdsa", "256", "p256"),
        ("ecdsa", "384", "p384"),
        ("ed25519", "", "ed25519"),
        ("rsa", "2048", "rsa2048"),
        ("rsa", "4096", "rsa4096"),
    ] {
        let mut scene = Scene::new();
        let _agent = start(&mut scene);
        add(&scene, key_type, bits);
        let _ = scene.run("init-ca root --key-uri ssh-agent:", 0);
        let _ = scene.run("init-intermediate issuing", 0);
        let _ = scene.run("issue node1", 0);
        let _ = scene.run("crl --all", 0);
        scene.openssl_accepts("node1", true);
        assert!(!scene.certctl.pki("ca/root/key.pem").exists());
        let uri = fs::read_to_string(scene.certctl.pki("ca/root/key.uri")).expect("it was made");
        assert_eq!(uri, "ssh-agent:\n");
        assert!(scene.run("list", 0).stdout.contains(word), "{word}");
        let check = scene.run("check", 0).stdout;
        assert!(
            check.contains("key-not-compared") && !check.contains("warning"),
            "{check}"
        );
    }
}

#[test]
fn the_key_is_chosen_and_nothing_else_will_do() {
    let mut scene = Scene::new();
    let _agent = start(&mut scene);
    let empty = scene.run("init-ca root --key-uri ssh-agent:", 1).stderr;
    assert!(
        empty.contains("has no key") && empty.contains("ssh-add"),
        "{empty}"
    );
    let names = [
        add(&scene, "ed25519", ""),
        add(&scene, "ecdsa", "256"),
        add(&scene, "ecdsa", "521"),
    ];
    for (uri, word) in [
        ("ssh-agent:", "several keys"),
        ("ssh-agent:other", "it has SHA256:"),
        ("ssh-agent:ecdsa521", "no certificate can be signed with"),
    ] {
        let said = scene
            .run(&format!("init-ca root --key-uri {uri}"), 1)
            .stderr;
        assert!(said.contains(word), "{uri}: {said}");
        if uri != "ssh-agent:ecdsa521" {
            assert!(names.iter().all(|name| said.contains(name)), "{said}");
        }
        scene.nothing_left();
    }
    let none = scene
        .run("init-ca root --key-uri ssh-agent:x --generate", 1)
        .stderr;
    assert!(
        none.contains("makes no keys") && none.contains("ssh-keygen"),
        "{none}"
    );

    let other = "init-ca root --key-uri ssh-agent:ed25519 --key-type p384";
    assert!(scene.run(other, 2).stderr.contains("is of type ed25519"));
    let _ = scene.run("init-ca root --key-uri ssh-agent:ed25519", 0);
    let _ = scene.run("issue node1", 0);
    // The agent loses the key, and the CA is told what is missing.
    let mut remove = program("ssh-add");
    scene.surround(remove.args(["-q", "-D"]));
    let _ = Run::of(&mut remove).expect_status(0);
    let lost = scene.run("issue node2", 1).stderr;
    assert!(lost.contains("has no key"), "{lost}");
    // Another with the same comment is not the CA's.
    add(&scene, "ed25519", "");
    let other = scene.run("issue node2", 1).stderr;
    assert!(other.contains("not that of the certificate"), "{other}");
    assert!(!scene.certctl.pki("certs/node2").exists());
    let _ = scene.run("log --verify", 0);
}

#[test]
fn a_ca_made_elsewhere_is_adopted_with_its_key_in_the_agent() {
    let mut scene = Scene::new();
    let _agent = start(&mut scene);
    add(&scene, "ecdsa", "256");
    let _ = scene.run("init-ca root --key-uri ssh-agent:ecdsa256", 0);
    fs::rename(scene.certctl.pki(""), scene.path("old")).expect("moved");
    let _ = scene.run(
        "init-ca root --cert old/ca/root/cert.pem --key-uri ssh-agent:ecdsa256",
        0,
    );
    let _ = scene.run("issue node1", 0);
    let _ = scene.run("crl", 0);
    scene.openssl_accepts("node1", false);
    let refused = scene.run("passphrase ca/root", 4).stderr;
    assert!(refused.contains("ssh-agent:ecdsa256"), "{refused}");
    // With a key beside it nobody knows which signs.
    fs::copy(
        scene.path("old/ca/root/key.uri"),
        scene.certctl.pki("ca/root/key.pem"),
    )
    .expect("copied");
    let twice = scene.run("issue node2", 1).stderr;
    assert!(twice.contains("one of the two has to go"), "{twice}");
    assert!(scene.run("check", 3).stdout.contains("key-twice"));
}
