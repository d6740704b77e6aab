//! OpenSearch: clients by certificate, nodes that meet by TLS, and new files while it runs.

use std::{
    fs::{self, File},
    process::Stdio,
};

use crate::{
    Identity, Material,
    process::{free_port, until},
    support::{Run, opensearch::Node, program},
};

/// What it answers to `GET`, for who shows this.
fn ask(port: u16, path: &str, shown: &Identity, has_own: bool) -> Run {
    let mut curl = program("curl");
    curl.args(["--silent", "--show-error", "--fail", "--max-time", "30"])
        .arg("--cacert")
        .arg(&shown.trust);
    if has_own {
        curl.arg("--cert").arg(&shown.cert);
        curl.arg("--key").arg(&shown.key);
    }
    Run::of(curl.arg(format!("https://localhost:{port}{path}")))
}

/// A node with what `certctl config` writes for it; `check` finds nothing in its whole file.
fn node(material: &Material, name: &str, ports: [u16; 2], seed: u16) -> Node {
    // Who is not one of the two takes itself for one.
    let nodes = match name {
        "node1" | "node2" => "nodes=node1 node2".to_owned(),
        other => format!("nodes=node1 node2 {other}"),
    };
    let text = material.config(&[
        "opensearch",
        name,
        "--client-ca",
        "root",
        "--set",
        &nodes,
        "--set",
        "plugins.security.authcz.admin_dn=CN=app",
    ]);
    let node = Node::new(material.home(), name, ports, seed, &text);
    let file = node.file().display().to_string();
    material.run(&["check", &file, "--server", "opensearch"]);
    node
}

fn ports() -> [u16; 2] {
    [free_port(), free_port()]
}

#[test]
fn clients_need_a_certificate_and_new_files_are_read_while_it_runs() {
    let material = Material::new();
    let ports = ports();
    let node = node(&material, "node1", ports, ports[1]);
    let _server = node.start();
    let app = material.identity("app");
    let run = ask(ports[0], "/", &app, true);
    assert!(run.stdout.contains("\"number\" : \"2.19.1\""), "{run:?}");
    for (name, identity) in material.unwelcome() {
        let run = ask(ports[0], "/", &identity, true);
        assert!(
            ![Some(0), Some(22), Some(28)].contains(&run.status),
            "{name}: {run:?}"
        );
    }
    let run = ask(ports[0], "/", &app, false);
    assert!(
        ![Some(0), Some(22), Some(28)].contains(&run.status),
        "{run:?}"
    );
    let strange = Identity {
        trust: material.stranger().trust,
        ..app.clone()
    };
    let run = ask(ports[0], "/", &strange, true);
    assert_eq!(run.status, Some(60), "{run:?}");

    let serial = || {
        let mut client = program("openssl");
        client.args(["s_client", "-connect", &format!("localhost:{}", ports[0])]);
        let shown = Run::with_input(&mut client, "").stdout;
        let mut x509 = program("openssl");
        Run::with_input(x509.args(["x509", "-noout", "-serial"]), &shown).stdout
    };
    let old = serial();
    assert!(old.starts_with("serial="), "{old}");
    material.run(&["renew", "node1", "--force"]);
    until("the new certificate is shown", || serial() != old);
    let run = ask(ports[0], "/", &app, true);
    assert_eq!(run.status, Some(0), "{run:?}");
}

#[test]
fn nodes_meet_and_one_that_is_not_named_does_not_join() {
    let material = Material::new();
    // A whole subject is compared; that of the third has one attribute less.
    let subject = "CN={name},OU=search,O=Acme Inc";
    let words = ["issue", "node1", "node2", "--local", "--force", "--subject"];
    material.run(&[&words[..], &[subject]].concat());
    let (first, second, third) = (ports(), ports(), ports());
    let _one = node(&material, "node1", first, first[1]).start();
    let _two = node(&material, "node2", second, first[1]).start();
    let app = material.identity("app");
    let names = || ask(first[0], "/_cat/nodes?h=name&s=name", &app, true).stdout;
    until("the first knows the second", || names() == "node1\nnode2\n");

    // Its certificate is below the same root.
    let three = node(&material, "node3", third, first[1]);
    let said = material.home().join("said");
    let mut command = three.command();
    let output = File::create(&said).expect("the test's directory can be written");
    command.stdout(Stdio::from(output)).stderr(Stdio::null());
    let mut child = command.spawn().expect("it was started before");
    until("it is told that it is no node", || {
        let text = fs::read_to_string(&said).unwrap_or_default();
        text.contains(
            "Node presenting certificate with SSL Principal {CN=node3} could not securely connect",
        )
    });
    assert_eq!(names(), "node1\nnode2\n");
    child.kill().expect("it runs");
    let _ = child.wait();
}
