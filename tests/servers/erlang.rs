//! Two Erlang nodes that distribute over TLS with EMQX's ssl_dist.conf.

use crate::{
    Identity, Material,
    process::{Server, free_port},
    support::{Run, program},
};

/// A node that waits; the daemon for names is left out, as EMQX leaves it out.
fn erl(options: &str, port: u16, name: &str) -> std::process::Command {
    let mut command = program("erl");
    command.args([
        "-noinput",
        "-proto_dist",
        "inet_tls",
        "-ssl_dist_optfile",
        options,
    ]);
    command.args(["-start_epmd", "false", "-erl_epmd_port", &port.to_string()]);
    command.args(["-setcookie", "test", "-sname", name]);
    command
}

/// Whether a node with these options reaches one with those.
fn reaches(material: &Material, dialler: &str, listener: &str) -> bool {
    let port = free_port();
    let mut listening = erl(listener, port, "emqx@localhost");
    listening.args([
        "-kernel",
        "inet_dist_listen_min",
        &port.to_string(),
        "inet_dist_listen_max",
        &port.to_string(),
    ]);
    let _node = Server::start(&mut listening, port);
    let mut dialling = erl(dialler, port, "probe@localhost");
    dialling.args([
        "-dist_listen",
        "false",
        "-eval",
        "io:format(\"~p\", [net_adm:ping('emqx@localhost')]), halt().",
    ]);
    dialling.current_dir(material.home());
    Run::of(&mut dialling).stdout.contains("pong")
}

#[test]
fn nodes_of_one_root_meet() {
    let material = Material::new();
    let options = |name: &str, arguments: &[&str]| {
        material.config_file(name, arguments).display().to_string()
    };
    let one = options("one.conf", &["emqx", "node1", "--as", "ssl_dist"]);
    let two = options("two.conf", &["emqx", "node2", "--as", "ssl_dist"]);
    assert!(reaches(&material, &two, &one));
    let elsewhere = |name: &str, identity: &Identity| {
        let words = [
            "emqx",
            "node1",
            "--as",
            "ssl_dist",
            "--target-dir",
            &identity.directory(),
        ];
        options(name, &words)
    };
    let strange = elsewhere("strange.conf", &material.stranger());
    assert!(
        !reaches(&material, &strange, &one),
        "a node of another root"
    );
    let expired = elsewhere("expired.conf", &material.identity("old"));
    assert!(!reaches(&material, &expired, &one), "an expired node");
}

#[test]
fn revoked_nodes_are_refused() {
    let material = Material::new();
    let copied = material.copy("node3").directory();
    material.revoke("node3");
    // As the comment in the file says.
    let crls = material.home().join("crl");
    std::fs::create_dir(&crls).expect("the test's directory can be written");
    for authority in ["root", "issuing"] {
        let crl = material.pki("ca").join(authority).join("crl.pem");
        std::fs::copy(crl, crls.join(format!("{authority}.pem"))).expect("made");
    }
    drop(Run::of(program("openssl").arg("rehash").arg(&crls)).expect_status(0));
    let directory = format!("crl-dir={}", crls.display());
    let words = |node| ["emqx", node, "--as", "ssl_dist", "--set", &directory];
    let text = |node| material.config(&words(node));
    let file = |name: &str, text: &str| material.file(name, text).display().to_string();
    let one = file("one.conf", &text("node1"));
    let two = file("two.conf", &text("node2"));
    let revoked = material.config(&[&words("node2")[..], &["--target-dir", &copied]].concat());
    let revoked = file("revoked.conf", &revoked);
    assert!(reaches(&material, &two, &one));
    assert!(!reaches(&material, &revoked, &one), "it dials");
    assert!(!reaches(&material, &one, &revoked), "it listens");
}
