//! Two Erlang nodes that distribute over TLS with EMQX's ssl_dist.conf.

use crate::{
    Material,
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
    let strange = std::fs::read_to_string(&one).expect("written").replace(
        &material
            .home()
            .join("pki/certs/node1")
            .display()
            .to_string(),
        &material
            .home()
            .join("strange/certs/stranger")
            .display()
            .to_string(),
    );
    let strange = material
        .file("strange.conf", &strange)
        .display()
        .to_string();
    assert!(
        !reaches(&material, &strange, &one),
        "a node of another root"
    );
    let expired = std::fs::read_to_string(&one)
        .expect("written")
        .replace("certs/node1", "certs/old");
    let expired = material
        .file("expired.conf", &expired)
        .display()
        .to_string();
    assert!(!reaches(&material, &expired, &one), "an expired node");
}

#[test]
fn revoked_nodes_are_refused() {
    let material = Material::new();
    drop(material.copy("node3"));
    material.revoke("node3");
    // As the comment in the file says.
    let crls = material.home().join("crl");
    std::fs::create_dir(&crls).expect("the test's directory can be written");
    for authority in ["root", "issuing"] {
        let crl = material
            .home()
            .join("pki/ca")
            .join(authority)
            .join("crl.pem");
        std::fs::copy(crl, crls.join(format!("{authority}.pem"))).expect("made");
    }
    drop(Run::of(program("openssl").arg("rehash").arg(&crls)).expect_status(0));
    let directory = format!("crl-dir={}", crls.display());
    let text = |node| material.config(&["emqx", node, "--as", "ssl_dist", "--set", &directory]);
    let file = |name: &str, text: &str| material.file(name, text).display().to_string();
    let one = file("one.conf", &text("node1"));
    let two = file("two.conf", &text("node2"));
    let revoked = text("node2").replace("pki/certs/node2", "copies/certs/node3");
    let revoked = file("revoked.conf", &revoked);
    assert!(reaches(&material, &two, &one));
    assert!(!reaches(&material, &revoked, &one), "it dials");
    assert!(!reaches(&material, &one, &revoked), "it listens");
}
