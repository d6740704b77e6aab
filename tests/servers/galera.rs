//! Three nodes of MariaDB that Galera joins by TLS. None of it runs as root: rsync would serve as nobody then.

use std::{fs, net::Ipv4Addr, path::PathBuf, process::Command};

use crate::{
    process::{Server, until},
    stranger_beside,
    support::{
        Run,
        postgresql::{as_somebody, hand_over},
        program,
        walk::Walk,
    },
};

/// A host with a node on it.
struct Node {
    host: PathBuf,
    address: Ipv4Addr,
}

impl Node {
    fn new(walk: &Walk, number: u8) -> Self {
        let (host, address) = (walk.numbered(number), walk.address(number));
        fs::create_dir_all(host.join("var/lib/mysql")).expect("our own");
        Self { host, address }
    }

    /// What the manual's walk has laid there.
    fn laid(&self) -> String {
        let file = self.host.join("etc/mysql/mariadb.conf.d/99-tls.cnf");
        fs::read_to_string(file).expect("it is laid")
    }

    /// The same, on its own address alone, as other nodes have this machine's too; without TLS between nodes, too.
    fn listening(&self, text: &str, is_tls: bool) -> String {
        let (own, scheme) = (self.address, if is_tls { "ssl" } else { "tcp" });
        let own = format!(
            "gmcast.listen_addr={scheme}://{own}:4567;ist.recv_addr={scheme}://{own}:4568;"
        );
        let option = "wsrep-provider-options = \"";
        let (before, rest) = text.split_once(option).expect("it is written");
        let (tls, after) = rest.split_once('"').expect("it is in quotes");
        let tls = if is_tls { tls } else { "" };
        let whole = format!(
            "[mariadbd]\nwsrep-sst-receive-address = {}:4444\n",
            self.address
        );
        format!("{before}{option}{own}{tls}\"{after}{whole}")
    }

    /// Its program.
    fn program(&self, text: &str) -> Command {
        let host = self.host.display();
        let file = self.host.join("etc/mysql/my.cnf");
        fs::write(&file, text).expect("it is ours");
        hand_over(&self.host);
        let data = self.host.join("var/lib/mysql/data");
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
        command.arg(format!("--socket={host}/socket"));
        command.arg(format!("--pid-file={host}/pid"));
        command.args(["--innodb-flush-method=nosync", "--port=3306"]);
        as_somebody(&mut command);
        command
    }

    /// Has the administrator say this.
    fn tell(&self, sql: &str) -> String {
        let mut command = program("mariadb");
        command.args(["--no-defaults", "--user=root", "--batch"]);
        command.arg("--skip-column-names");
        command.arg(format!("--socket={}/socket", self.host.display()));
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
        assert!(run.stderr.contains(given_up), "{}: {run:#?}", self.address);
        assert!(![Some(0), Some(124)].contains(&run.status), "{run:#?}");
    }
}

#[test]
fn three_nodes_join_and_a_stranger_does_not() {
    let walk = Walk::of("mariadb");
    walk.lay();
    walk.open();
    let [one, two, three, four] = [1, 2, 3, 4].map(|number| Node::new(&walk, number));
    let start = |node: &Node, more: &[&str]| {
        let mut command = node.program(&node.listening(&node.laid(), true));
        command.args(more).arg("--wsrep-sst-auth=root:");
        Server::start_at(&mut command, (node.address, 3306).into())
    };
    let _first = start(&one, &["--wsrep-new-cluster"]);
    until("the first is there", || one.size().ends_with("\t1\n"));
    let users = fs::read_to_string(walk.certctl.home().join("users.sql")).expect("it is written");
    drop(one.tell(&users));
    drop(one.tell(
        "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); INSERT INTO d.t VALUES (7);",
    ));
    let _second = start(&two, &[]);
    until("the second has joined", || two.size().ends_with("\t2\n"));
    // All data comes to the second by rsync, and to the third by socat.
    let log = three.host.join("error.log");
    let log = format!("--log-error={}", log.display());
    let _third = start(&three, &["--wsrep-sst-method=mariabackup", &log]);
    until("the third has joined", || three.size().ends_with("\t3\n"));
    for node in [&two, &three] {
        assert_eq!(node.tell("SELECT id FROM d.t;"), "7\n", "{}", node.address);
    }
    let log = fs::read_to_string(three.host.join("error.log")).expect("it is written");
    let is_tls = log.contains("Using openssl based encryption with socat: with key and crt");
    assert!(is_tls, "{log}");
    walk.look();

    // It trusts the cluster: that a stranger is refused is the cluster's doing.
    let (own, strange) = (
        one.host.join("etc/mysql/tls"),
        four.host.join("etc/mysql/tls"),
    );
    fs::create_dir_all(&strange).expect("our own");
    let stranger = stranger_beside(&walk);
    for (file, from) in [
        ("cert.pem", stranger.cert),
        ("key.pem", stranger.key),
        ("ca.pem", own.join("ca.pem")),
        ("client-ca.pem", own.join("client-ca.pem")),
    ] {
        fs::copy(from, strange.join(file)).expect("issued");
    }
    let [own, strange] = [&one, &four].map(|node| node.address.to_string());
    let foreign = one.laid().replace(&own, &strange);
    let foreign = foreign.replace("gcomm://", &format!("gcomm://{own},"));
    for is_tls in [true, false] {
        four.is_refused(&four.listening(&foreign, is_tls));
    }
    assert!(one.size().ends_with("\t3\n"), "{}", one.size());
}
