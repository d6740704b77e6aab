//! Cassandra: clients by certificate, nodes that meet by TLS, and new files while it runs.

use std::{fs, path::Path};

use crate::{
    Identity, Material,
    process::{free_port, until},
    support::{
        Run,
        cassandra::{Node, Ports},
        program,
    },
};

/// Prints what it does in the cluster: which release it asks, or how many other nodes there are.
const ASK: &str = r#"
import ssl, sys
from cassandra.cluster import Cluster, NoHostAvailable
port, what, trust, *own = sys.argv[1:]
context = ssl.create_default_context(cafile=trust)
if own:
    context.load_cert_chain(*own)
cluster = Cluster(["localhost"], port=int(port), ssl_context=context)
try:
    session = cluster.connect()
    print(*session.execute(what).one())
except NoHostAvailable as error:
    sys.exit(str(*error.errors.values()))
finally:
    cluster.shutdown()
"#;

const RELEASE: &str = "SELECT release_version FROM system.local";
const OTHERS: &str = "SELECT count(*) FROM system.peers_v2";

fn ask(port: u16, what: &str, trust: &Path, shown: Option<&Identity>) -> Run {
    let mut command = program("timeout");
    command
        .args(["60", "python3", "-c", ASK, &port.to_string(), what])
        .arg(trust);
    if let Some(identity) = shown {
        command.arg(&identity.cert).arg(&identity.key);
    }
    Run::of(&mut command)
}

fn ports() -> Ports {
    [free_port(), free_port(), free_port()]
}

/// Key and chain of an entry in one file.
fn both(material: &Material, directory: &str, name: &str) -> String {
    let file = material.home().join(format!("{directory}-{name}.pem"));
    let file = file.display().to_string();
    let mut words = vec!["export", name, "--format", "pem", "--force", "--out", &file];
    if directory != "pki" {
        words.extend(["--dir", directory]);
    }
    material.run(&words);
    file
}

/// A node with what `certctl config` writes for it; `check` finds nothing in its whole file.
fn node(material: &Material, name: &str, ports: Ports, seed: u16, crt: &str) -> Node {
    let set = format!("crt={crt}");
    let text = material.config(&["cassandra", name, "--client-ca", "root", "--set", &set]);
    let node = Node::new(material.home(), name, ports, seed, &text);
    let file = node.file().display().to_string();
    material.run(&["check", &file, "--server", "cassandra"]);
    node
}

#[test]
fn clients_need_a_certificate_and_new_files_are_read_while_it_runs() {
    let material = Material::new();
    let ports = ports();
    let crt = both(&material, "pki", "node1");
    let node = node(&material, "node1", ports, ports[1], &crt);
    let _server = node.start();
    let app = material.identity("app");
    let release = |trust: &Path, shown: Option<&Identity>| ask(ports[0], RELEASE, trust, shown);
    let run = release(&app.trust, Some(&app));
    assert_eq!(run.stdout, "5.0.5\n", "{run:?}");
    for (name, identity) in material.unwelcome() {
        let run = release(&identity.trust, Some(&identity));
        assert!(
            ![Some(0), Some(124)].contains(&run.status),
            "{name}: {run:?}"
        );
    }
    let run = release(&app.trust, None);
    // It may hear no more than that the connection is closed.
    assert!(![Some(0), Some(124)].contains(&run.status), "{run:?}");
    let run = release(&material.stranger().trust, Some(&app));
    assert!(run.stderr.contains("CERTIFICATE_VERIFY_FAILED"), "{run:?}");

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
    both(&material, "pki", "node1");
    assert_eq!(serial(), old, "nothing has told it");
    let _ = Run::of(node.nodetool().arg("reloadssl")).expect_status(0);
    until("the new certificate is shown", || serial() != old);
    let run = release(&app.trust, Some(&app));
    assert_eq!(run.stdout, "5.0.5\n", "{run:?}");
}

#[test]
fn nodes_meet_and_a_stranger_does_not_join() {
    let material = Material::new();
    let (first, second, third) = (ports(), ports(), ports());
    let with = |name: &str, ports: Ports, crt: &str| node(&material, name, ports, first[1], crt);
    let _one = with("node1", first, &both(&material, "pki", "node1")).start();
    let _two = with("node2", second, &both(&material, "pki", "node2")).start();
    let app = material.identity("app");
    let others = || ask(first[0], OTHERS, &app.trust, Some(&app)).stdout;
    until("the first knows the second", || others() == "1\n");

    // It trusts the cluster, and shows what another root has signed: `check` says so, and it does not join.
    let crt = both(&material, "pki", "node3");
    let three = with("node3", third, &crt);
    let text = fs::read_to_string(three.file()).expect("it was written");
    let text = text.replace(&crt, &both(&material, "strange", "stranger"));
    fs::write(three.file(), text).expect("it is ours");
    let run = Run::of(&mut three.command());
    assert_ne!(run.status, Some(0), "{run:?}");
    assert_eq!(others(), "1\n");
}
