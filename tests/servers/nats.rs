//! NATS: clients, a cluster of three, and new files by a reload.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    thread,
    time::Duration,
};

use crate::{
    Identity, Material, client_of,
    process::{Server, free_port, until},
    stranger_beside,
    support::{Run, program, walk::Walk},
};

/// Speaks NATS' protocol, in which TLS begins after the server's first line: with certificate, key and roots it
/// connects, sends what standard input holds to the port, and prints what comes back up to these words.
const SPEAK: &str = r#"
import socket, ssl, sys
host, port, trust, words, *own = sys.argv[1:]
plain = socket.create_connection((host, int(port)), 10)
while not plain.recv(1) == b"\n":
    pass
context = ssl.create_default_context(cafile=trust)
if own:
    context.load_cert_chain(*own)
connection = context.wrap_socket(plain, server_hostname="localhost" if host == "127.0.0.1" else host)
print(f"serial={connection.getpeercert()['serialNumber']}")
connection.sendall(b'CONNECT {"verbose":false,"tls_required":true}\r\n' + sys.stdin.buffer.read().replace(b"\n", b"\r\n"))
heard = b""
while words.encode() not in heard:
    more = connection.recv(4096)
    assert more, heard
    heard += more
print(heard.decode())
"#;

fn speak(at: SocketAddr, trust: &Path, shown: Option<&Identity>, says: &str, words: &str) -> Run {
    let mut command = program("python3");
    command
        .args(["-c", SPEAK, &at.ip().to_string(), &at.port().to_string()])
        .arg(trust)
        .arg(words);
    if let Some(identity) = shown {
        command.arg(&identity.cert).arg(&identity.key);
    }
    Run::with_input(&mut command, says)
}

fn answers(run: &Run) -> bool {
    run.status == Some(0) && run.stdout.contains("PONG")
}

fn start(material: &Material, name: &str, port: u16, text: &str) -> Server {
    let file = material.file(name, text);
    material.run(&["check", &file.display().to_string(), "--server", "nats"]);
    Server::start(program("nats-server").arg("-c").arg(file), port)
}

/// What `certctl config` writes for a node.
fn written(material: &Material, node: &str, port: u16, more: &[&str]) -> String {
    let port = format!("port={port}");
    let words = ["nats", node, "--set", "host=127.0.0.1", "--set", &port];
    material.config(&[&words, more].concat())
}

#[test]
fn clients_need_a_certificate_of_the_cluster() {
    let material = Material::new();
    let port = free_port();
    let text = written(&material, "node1", port, &["--client-ca", "root"]);
    let _server = start(&material, "nats.conf", port, &text);
    let app = material.identity("app");
    let ping =
        |trust: &Path, shown: Option<&Identity>| speak(local(port), trust, shown, "PING\n", "PONG");
    let run = ping(&app.trust, Some(&app));
    assert!(answers(&run), "{run:?}");
    for (name, identity) in material.unwelcome() {
        let run = ping(&identity.trust, Some(&identity));
        assert!(!answers(&run), "{name}: {run:?}");
    }
    assert!(!answers(&ping(&app.trust, None)));
    let run = ping(&material.stranger().trust, Some(&app));
    assert!(run.stderr.contains("certificate verify failed"), "{run:?}");
}

#[test]
fn new_files_are_read_by_a_reload() {
    let material = Material::new();
    let port = free_port();
    let pid = material.home().join("nats.pid");
    let text = written(&material, "node1", port, &["--client-ca", "root"]);
    let text = format!("{text}pid_file: '{}'\n", pid.display());
    let _server = start(&material, "nats.conf", port, &text);
    let app = material.identity("app");
    let ping = || speak(local(port), &app.trust, Some(&app), "PING\n", "PONG");
    let serial = |run: &Run| run.stdout.lines().next().map(str::to_owned);
    let old = ping();
    assert!(answers(&old), "{old:?}");
    material.run(&["renew", "node1", "--force"]);
    let signal = format!("reload={}", pid.display());
    let mut reload = program("nats-server");
    drop(Run::of(reload.args(["--signal", &signal])).expect_status(0));
    until("the new certificate is shown", || {
        let new = ping();
        answers(&new) && serial(&new) != serial(&old)
    });
}

/// Whether what is said at one node is heard at another.
fn is_heard(material: &Material, from: u16, to: u16) -> bool {
    is_heard_by(&material.identity("app"), local(from), local(to))
}

fn is_heard_by(app: &Identity, from: SocketAddr, to: SocketAddr) -> bool {
    let at = |at, says: &str, words: &str| speak(at, &app.trust, Some(app), says, words);
    thread::scope(|scope| {
        // It gives up after ten seconds.
        let hear = scope.spawn(|| at(to, "SUB news 1\nPING\n", "MSG news"));
        while !hear.is_finished() {
            let said = at(from, "PUB news 2\nhi\nPING\n", "PONG");
            assert!(answers(&said), "{said:?}");
            thread::sleep(Duration::from_millis(50));
        }
        hear.join().expect("it ends").status == Some(0)
    })
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A path as it stands in the file.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    path.replace('\\', r"\\").replace('"', "\\\"")
}

#[test]
fn three_nodes_make_a_cluster_and_a_stranger_does_not_join() {
    let walk = Walk::of("nats");
    walk.lay();
    let file = |number: u8| walk.numbered(number).join("etc/nats-server.conf");
    let run = |file: &Path, at| {
        let mut command = program("nats-server");
        Server::start_at(command.arg("-c").arg(file), at)
    };
    let _servers = [1, 2, 3].map(|number| run(&file(number), walk.at(number, 4222)));
    let app = client_of(&walk, "app");
    let is_heard = |from, to| is_heard_by(&app, from, to);
    assert!(is_heard(walk.at(1, 4222), walk.at(3, 4222)));

    // Another root's certificate among the nodes, on ports of its own; for clients it is the first.
    let stranger = stranger_beside(&walk);
    let own = walk.numbered(1).join("etc/nats/node1");
    let [port, route] = [free_port(), free_port()];
    let text = fs::read_to_string(file(1)).expect("it is laid");
    let (tls, cluster) = text.split_once("cluster {").expect("it is written");
    let name = "server_name: \"node1\"";
    assert!(tls.contains(name), "{tls}");
    let tls = tls.replace(name, &format!("server_name: \"x\"\nport: {port}"));
    let cluster = cluster
        .replacen(":6222", &format!(":{route}"), 1)
        .replace(&quoted(&own.join("cert.pem")), &quoted(&stranger.cert))
        .replace(&quoted(&own.join("key.pem")), &quoted(&stranger.key));
    let wrong = walk.certctl.home().join("stranger.conf");
    fs::write(&wrong, format!("{tls}cluster {{{cluster}")).expect("our own");
    let _stranger = run(&wrong, walk.at(1, port));
    assert!(!is_heard(walk.at(1, 4222), walk.at(1, port)));
    assert!(is_heard(walk.at(1, 4222), walk.at(2, 4222)));
    walk.look();
}

/// A hub and its leaf node: what is said at the hub is heard at the leaf. `spoil` changes what the leaf is told.
fn is_heard_at_leaf(material: &Material, spoil: impl Fn(&str) -> String) -> bool {
    let (hub, leaf, port) = (free_port(), free_port(), free_port());
    let listen = format!("leafnodes.listen=127.0.0.1:{port}");
    let words = [
        "--listener",
        "tls,leafnodes",
        "--client-ca",
        "root",
        "--set",
        &listen,
    ];
    let text = written(material, "node1", hub, &words);
    let _hub = start(material, "hub.conf", hub, &text);
    let remotes = format!("remotes=tls://127.0.0.1:{port}");
    let words = [
        "--listener",
        "tls,leaf",
        "--client-ca",
        "root",
        "--set",
        &remotes,
    ];
    let text = written(material, "node2", leaf, &words);
    let (tls, remotes) = text.split_once("leafnodes {").expect("it is written");
    let text = format!("{tls}leafnodes {{{}", spoil(remotes));
    let _leaf = start(material, "leaf.conf", leaf, &text);
    is_heard(material, hub, leaf)
}

#[test]
fn a_leaf_node_connects_by_certificate_and_not_without_one() {
    let material = Material::new();
    assert!(is_heard_at_leaf(&material, str::to_owned));
    let without = |text: &str| {
        let is_own = |line: &&str| !line.contains("cert_file") && !line.contains("key_file");
        text.lines()
            .filter(is_own)
            .fold(String::new(), |text, line| text + line + "\n")
    };
    assert!(!is_heard_at_leaf(&material, without));
    // It compares the hub with the roots, too.
    let (own, stranger) = (material.identity("node2"), material.stranger());
    let strange = |text: &str| {
        assert!(text.contains(&quoted(&own.trust)), "{text}");
        text.replace(&quoted(&own.trust), &quoted(&stranger.trust))
    };
    assert!(!is_heard_at_leaf(&material, strange));
}

#[test]
fn two_clusters_meet_by_their_gateways_and_a_stranger_does_not() {
    let material = Material::new();
    let ports: Vec<[u16; 2]> = (0..3).map(|_| [free_port(), free_port()]).collect();
    let names = ["east", "west", "strange"];
    let gateways = names.iter().zip(&ports);
    let gateways: Vec<_> = gateways
        .map(|(name, [_, gateway])| format!("gateways={name}:nats://127.0.0.1:{gateway}"))
        .collect();
    let text = |node: &str, name: &str, [port, gateway]: [u16; 2]| {
        let listen = format!("gateway.listen=127.0.0.1:{gateway}");
        let name = format!("cluster={name}");
        let mut words = vec!["--listener", "tls,gateway", "--client-ca", "root"];
        for set in [&listen, &name].into_iter().chain(&gateways) {
            words.extend(["--set", set]);
        }
        written(&material, node, port, &words)
    };
    let _servers: Vec<_> = (["node1", "node2"].iter().zip(names).zip(&ports))
        .map(|((node, name), ports)| {
            let file = format!("{name}.conf");
            start(&material, &file, ports[0], &text(node, name, *ports))
        })
        .collect();
    assert!(is_heard(&material, ports[0][0], ports[1][0]));
    assert!(is_heard(&material, ports[1][0], ports[0][0]));

    let (own, stranger) = (material.identity("node3"), material.stranger());
    let text = text("node3", names[2], ports[2]);
    let (tls, gateway) = text.split_once("gateway {").expect("it is written");
    let gateway = gateway
        .replace(&quoted(&own.cert), &quoted(&stranger.cert))
        .replace(&quoted(&own.key), &quoted(&stranger.key));
    let file = material.file("strange.conf", &format!("{tls}gateway {{{gateway}"));
    let _stranger = Server::start(program("nats-server").arg("-c").arg(file), ports[2][0]);
    assert!(!is_heard(&material, ports[0][0], ports[2][0]));
}
