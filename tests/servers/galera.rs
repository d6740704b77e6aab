//! Three nodes of MariaDB that Galera joins by TLS. None of it runs as root: rsync would serve as nobody then.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    support::{
        Run,
        postgresql::{as_somebody, hand_over},
        program,
    },
};

/// The ports of a node: for clients, for other nodes, and for what it is given as it joins, in parts or whole.
struct Ports {
    clients: u16,
    nodes: u16,
    parts: u16,
    whole: u16,
}

struct Node {
    name: &'static str,
    home: PathBuf,
    ports: Ports,
}

impl Node {
    fn new(material: &Material, name: &'static str) -> Self {
        let home = material.home().join(format!("of-{name}"));
        fs::create_dir(&home).expect("the test's directory can be written");
        let ports = Ports {
            clients: free_port(),
            nodes: free_port(),
            parts: free_port(),
            whole: free_port(),
        };
        Self { name, home, ports }
    }

    /// What `certctl config` writes for a node of the cluster, whose other nodes listen on ports of their own.
    fn written(&self, material: &Material, entry: &str, folder: &str, seed: u16) -> String {
        let set = [
            "wsrep-on=ON".to_owned(),
            "wsrep-provider=/usr/lib/galera/libgalera_smm.so".to_owned(),
            format!("wsrep-cluster-address=gcomm://127.0.0.1:{seed}"),
            format!("wsrep-node-address=127.0.0.1:{}", self.ports.nodes),
            "wsrep-sst-method=rsync".to_owned(),
            "binlog-format=ROW".to_owned(),
            "innodb-autoinc-lock-mode=2".to_owned(),
        ];
        let listeners = ["mariadb", entry, "--listener", "tls,cluster"];
        let places = ["--client-ca", "root", "--target-dir", folder];
        let version = ["--server-version", "10.11.19"];
        let set = set.iter().flat_map(|it| ["--set", it]);
        let words: Vec<_> = (listeners.into_iter().chain(places).chain(version))
            .chain(set)
            .collect();
        material.config(&words)
    }

    /// The same, with what tells it apart from the others on this machine; without TLS between nodes, too.
    fn listening(&self, text: &str, is_tls: bool) -> String {
        let (ports, scheme) = (&self.ports, if is_tls { "ssl" } else { "tcp" });
        let own = format!(
            "gmcast.listen_addr={scheme}://127.0.0.1:{};ist.recv_addr={scheme}://127.0.0.1:{};",
            ports.nodes, ports.parts
        );
        let option = "wsrep-provider-options = \"";
        let (before, rest) = text.split_once(option).expect("it is written");
        let (tls, after) = rest.split_once('"').expect("it is in quotes");
        let tls = if is_tls { tls } else { "" };
        let whole = ports.whole;
        format!(
            "{before}{option}{own}{tls}\"{after}wsrep-sst-receive-address = 127.0.0.1:{whole}\n"
        )
    }

    /// Its program.
    fn program(&self, text: &str) -> Command {
        let (home, ports) = (self.home.display(), &self.ports);
        let file = self.home.join("my.cnf");
        fs::write(&file, text).expect("it is ours");
        hand_over(&self.home);
        let data = self.home.join("data");
        if !data.exists() {
            let mut install = program("mariadb-install-db");
            install.args(["--no-defaults", "--skip-test-db"]);
            install.arg("--auth-root-authentication-method=normal");
            install.arg(format!("--datadir={}", data.display()));
            drop(Run::of(as_somebody(&mut install)).expect_status(0));
        }
        let mut command = program("mariadbd");
        command.arg(format!("--defaults-file={}", file.display()));
        command.arg(format!("--datadir={}", data.display()));
        command.arg(format!("--socket={home}/socket"));
        command.arg(format!("--pid-file={home}/pid"));
        command.args(["--bind-address=127.0.0.1", "--innodb-flush-method=nosync"]);
        command.arg(format!("--port={}", ports.clients));
        as_somebody(&mut command);
        command
    }

    /// Has the administrator say this.
    fn tell(&self, sql: &str) -> String {
        let mut command = program("mariadb");
        command.args(["--no-defaults", "--user=root", "--batch"]);
        command.arg("--skip-column-names");
        command.arg(format!("--socket={}/socket", self.home.display()));
        Run::with_input(&mut command, sql).stdout
    }

    /// How many nodes it is one of, once it has all data.
    fn size(&self) -> String {
        let state = self.tell("SHOW STATUS LIKE 'wsrep_local_state_comment';");
        match state.contains("Synced") {
            true => self.tell("SHOW STATUS LIKE 'wsrep_cluster_size';"),
            false => state,
        }
    }

    /// What it says where it ends because no cluster takes it.
    fn is_refused(&self, text: &str) {
        let soon = "pc.announce_timeout=PT1S;pc.wait_prim_timeout=PT3S;gmcast.listen_addr=";
        let started = self.program(&text.replace("gmcast.listen_addr=", soon));
        let mut command = program("timeout");
        command.arg("60").arg(started.get_program());
        command.args(started.get_args());
        let run = Run::of(as_somebody(&mut command));
        let given_up = "failed to reach primary view";
        assert!(run.stderr.contains(given_up), "{}: {run:#?}", self.name);
        assert!(![Some(0), Some(124)].contains(&run.status), "{run:#?}");
    }
}

/// A copy of what a node has, for the user that it runs as, where the path holds nothing that Galera cannot say.
fn placed(material: &Material, name: &str, identity: &Identity) -> String {
    let folder = material.home().join("tls").join(name);
    fs::create_dir_all(&folder).expect("the test's directory can be written");
    fs::copy(&identity.cert, folder.join("cert.pem")).expect("issued");
    fs::copy(&identity.key, folder.join("key.pem")).expect("issued");
    // Everybody trusts the cluster: that a stranger is refused is the cluster's doing.
    for file in ["ca.pem", "client-ca.pem"] {
        fs::copy(material.identity("node1").trust, folder.join(file)).expect("issued");
    }
    hand_over(&material.home().join("tls"));
    folder.display().to_string()
}

#[test]
fn three_nodes_join_and_a_stranger_does_not() {
    let material = Material::new();
    let [one, two, three, four] =
        ["one", "two", "three", "four"].map(|it| Node::new(&material, it));
    let seed = one.ports.nodes;
    let text = |node: &Node, entry: &str| {
        let folder = placed(&material, entry, &material.identity(entry));
        let text = node.written(&material, entry, &folder, seed);
        let file = material.file("checked.cnf", &text).display().to_string();
        material.run(&["check", &file, "--server", "mariadb"]);
        text
    };
    let start = |node: &Node, entry: &str, more: &[&str]| {
        let mut command = node.program(&node.listening(&text(node, entry), true));
        Server::start(command.args(more), node.ports.clients)
    };
    let _first = start(&one, "node1", &["--wsrep-new-cluster"]);
    until("the first is there", || one.size().ends_with("\t1\n"));
    drop(one.tell(
        "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); INSERT INTO d.t VALUES (7);",
    ));
    let _second = start(&two, "node2", &[]);
    until("the second has joined", || two.size().ends_with("\t2\n"));
    let _third = start(&three, "node3", &[]);
    until("the third has joined", || three.size().ends_with("\t3\n"));
    for node in [&two, &three] {
        assert_eq!(node.tell("SELECT id FROM d.t;"), "7\n", "{}", node.name);
    }

    let folder = placed(&material, "stranger", &material.stranger());
    let foreign = four.written(&material, "node1", &folder, seed);
    for is_tls in [true, false] {
        four.is_refused(&four.listening(&foreign, is_tls));
    }
    assert!(one.size().ends_with("\t3\n"), "{}", one.size());
}
