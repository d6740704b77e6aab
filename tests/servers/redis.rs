//! Redis, and Valkey, which is like it: clients, replication, and a cluster of three.

use std::path::Path;

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    support::{Run, program},
};

/// What certctl calls them, and how the programs' names begin.
const MAKES: [&str; 2] = ["redis", "valkey"];

/// Starts a node with these settings in its file, and these words on its command line.
fn start(
    of: &str,
    material: &Material,
    node: &str,
    port: u16,
    settings: &[&str],
    words: &[&str],
) -> Server {
    let port_setting = format!("tls-port={port}");
    let mut arguments = vec![of, node, "--set", &port_setting, "--set", "bind=127.0.0.1"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let file = material.config_file(&format!("{node}.conf"), &arguments);
    let data = material.home().join(format!("{node}.data"));
    std::fs::create_dir_all(&data).expect("the test's directory can be written");
    let mut command = program(format!("{of}-server"));
    command
        .arg(file)
        .args(["--save", "", "--loglevel", "warning", "--dir"])
        .arg(data);
    Server::start(command.args(words), port)
}

fn cli(of: &str, port: u16, trust: &Path, identity: Option<&Identity>, words: &[&str]) -> Run {
    let mut command = program(format!("{of}-cli"));
    command
        .args([
            "--tls",
            "-h",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "--cacert",
        ])
        .arg(trust);
    if let Some(identity) = identity {
        command
            .arg("--cert")
            .arg(&identity.cert)
            .arg("--key")
            .arg(&identity.key);
    }
    Run::of(command.args(words))
}

/// redis-cli exits with 0 even where an answer never came.
fn answers(run: &Run, expected: &str) -> bool {
    run.stdout.contains(expected)
}

#[test]
fn clients_need_a_certificate_of_the_cluster() {
    for of in MAKES {
        let material = Material::new();
        let port = free_port();
        let _server = start(of, &material, "node1", port, &[], &[]);
        let app = material.identity("app");
        let ping =
            |trust: &Path, identity: Option<&Identity>| cli(of, port, trust, identity, &["ping"]);
        assert!(answers(&ping(&app.trust, Some(&app)), "PONG"));
        for (name, identity) in material.unwelcome() {
            let run = ping(&identity.trust, Some(&identity));
            assert!(!answers(&run, "PONG"), "{name}: {run:?}");
        }
        assert!(!answers(&ping(&app.trust, None), "PONG"));
        let run = ping(&material.stranger().trust, Some(&app));
        assert!(run.stderr.contains("certificate verify failed"), "{run:?}");
    }
}

/// An answer to PING sent from another address than the one that Redis takes for its own machine.
fn ping_from_elsewhere(port: u16, app: &Identity) -> String {
    let mut client = program("openssl");
    client.args(["s_client", "-quiet", "-bind", "127.0.0.9:0", "-connect"]);
    client.arg(format!("127.0.0.1:{port}"));
    client.arg("-CAfile").arg(&app.trust);
    for option in ["-cert", "-cert_chain"] {
        client.arg(option).arg(&app.cert);
    }
    client.arg("-key").arg(&app.key);
    Run::with_input(&mut client, "PING\r\nQUIT\r\n").stdout
}

#[test]
fn clients_may_come_from_other_machines() {
    // To Valkey all that begins with 127 is its own machine.
    let [of, _] = MAKES;
    let material = Material::new();
    let app = material.identity("app");
    for (settings, expected) in [(&[][..], "+PONG"), (&["protected-mode=yes"], "-DENIED")] {
        let port = free_port();
        let _server = start(of, &material, "node1", port, settings, &[]);
        let answer = ping_from_elsewhere(port, &app);
        assert!(answer.contains(expected), "{settings:?}: {answer}");
    }
}

#[test]
fn a_replica_follows_its_master() {
    for of in MAKES {
        let material = Material::new();
        let (master, replica) = (free_port(), free_port());
        let _master = start(of, &material, "node1", master, &[], &[]);
        let _replica = start(
            of,
            &material,
            "node2",
            replica,
            &[&format!("replicaof=127.0.0.1 {master}")],
            &[],
        );
        let app = material.identity("app");
        let ask = |port, words: &[&str]| cli(of, port, &app.trust, Some(&app), words);
        assert!(answers(&ask(master, &["set", "key", "value"]), "OK"));
        until("the replica has the value", || {
            answers(&ask(replica, &["get", "key"]), "value")
        });
    }
}

#[test]
fn three_nodes_make_a_cluster() {
    for of in MAKES {
        let material = Material::new();
        let app = material.identity("app");
        let ports: Vec<u16> = (0..3).map(|_| free_port()).collect();
        let nodes = ["node1", "node2", "node3"];
        let _servers: Vec<_> = nodes
            .iter()
            .zip(&ports)
            .map(|(node, port)| {
                // The bus listens ten thousand above the port unless it is told where, and that may be no port.
                let bus = free_port().to_string();
                start(
                    of,
                    &material,
                    node,
                    *port,
                    &["cluster-enabled=yes"],
                    &["--cluster-port", &bus],
                )
            })
            .collect();
        let addresses: Vec<_> = ports
            .iter()
            .map(|port| format!("127.0.0.1:{port}"))
            .collect();
        let mut words = vec!["--cluster", "create"];
        words.extend(addresses.iter().map(String::as_str));
        words.push("--cluster-yes");
        let run = cli(of, ports[0], &app.trust, Some(&app), &words);
        assert!(run.stdout.contains("All 16384 slots covered"), "{run:?}");
        let info = || cli(of, ports[2], &app.trust, Some(&app), &["cluster", "info"]);
        until("the cluster is whole", || {
            answers(&info(), "cluster_state:ok")
        });
    }
}
