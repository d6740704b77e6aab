//! The README's way to each cluster, run as it stands there.
//!
//! Only SSH and what it starts are stand-ins: each host is a directory. Redis is then started with the
//! files that came to lie there, and the last command makes a cluster of it.

#[path = "../support/mod.rs"]
mod support;

use std::{
    ffi::OsString,
    fs::{self, Permissions},
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use support::{
    Certctl, Run,
    process::{Server, free_port, until},
    program,
};

/// Programs that are found before those of the machine, and on a host those in `host`.
const STAND_INS: [(&str, &str); 6] = [
    ("scp", include_str!("scp.sh")),
    ("ssh", include_str!("ssh.sh")),
    ("host/chown", "#!/bin/sh\ntest -e \"$3\"\n"),
    ("host/emqx", "#!/bin/sh\ntest \"$1 $2\" = 'ctl cluster'\n"),
    ("host/systemctl", "#!/bin/sh\n"),
    ("host/useradd", "#!/bin/sh\n"),
];

const NODES: [&str; 3] = ["node1", "node2", "node3"];

/// Hosts to be, and the commands that make them a cluster.
struct Walk {
    certctl: Certctl,
    commands: String,
}

impl Walk {
    /// The README's commands for a server, and hosts with the directories that its package makes.
    fn of(server: &str, hosts: &[&str], directories: &[&str]) -> Self {
        let walk = Self {
            certctl: Certctl::new(),
            commands: commands(server),
        };
        for (host, directory) in hosts
            .iter()
            .flat_map(|host| directories.iter().map(move |it| (host, it)))
        {
            fs::create_dir_all(walk.host(host).join(directory)).expect("writable");
        }
        fs::create_dir_all(walk.stand_ins().join("host")).expect("writable");
        for (name, script) in STAND_INS {
            let path = walk.stand_ins().join(name);
            fs::write(&path, script).expect("writable");
            fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("our own");
        }
        walk
    }

    /// The directory that stands for a host.
    fn host(&self, name: &str) -> PathBuf {
        self.certctl.home().join("hosts").join(name)
    }

    fn stand_ins(&self) -> PathBuf {
        self.certctl.home().join("bin")
    }

    /// Runs commands as somebody types them who is in the directory with the PKI directory.
    fn run(&self, commands: &str) -> Run {
        // redis-cli waits for ever for a cluster that does not come about.
        let mut shell = program("timeout");
        let certctl = Path::new(env!("CARGO_BIN_EXE_certctl"));
        let mut path = OsString::from(self.stand_ins());
        let known = shell
            .get_envs()
            .find_map(|(name, value)| value.filter(|_| name == "PATH"));
        for directory in [
            certctl.parent().expect("a directory").as_os_str(),
            known.expect("set"),
        ] {
            path.push(":");
            path.push(directory);
        }
        shell
            .args(["300", "sh", "-euc", commands])
            .current_dir(self.certctl.home());
        shell
            .env("PATH", path)
            .env("HOSTS", self.host(""))
            .env_remove("CERTCTL_DIR");
        Run::of(&mut shell).expect_status(0)
    }

    /// Whether all files that a host's configuration names are there, and the entry is as it should be.
    fn inspect(&self, host: &str, configuration: &[&str], entry: &str) {
        let root = self.host(host);
        for file in configuration {
            let text = fs::read_to_string(root.join(file)).expect("it was copied");
            let named: Vec<_> = (text.split(['"', ' ', '=', '\n']))
                .filter_map(|word| word.strip_prefix("/etc/"))
                .collect();
            assert!(!named.is_empty(), "{host}: {text}");
            for name in named {
                assert!(root.join("etc").join(name).is_file(), "{host}: /etc/{name}");
            }
        }
        let entry = root.join(entry);
        let check = ["check".into(), entry.into_os_string()];
        let _ = self.certctl.run(&check).expect_status(0);
    }
}

/// The commands of the README's section.
fn commands(section: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("there is a README");
    let (_, rest) = readme
        .split_once(&format!("\n### {section}\n"))
        .expect("it has the section");
    let block = rest
        .split("```sh\n")
        .nth(1)
        .expect("the section has commands");
    let commands = block.split("```").next().expect("there is something");
    assert!(commands.lines().count() < 10, "too long: {commands}");
    commands.to_owned()
}

#[test]
fn rethinkdb() {
    let walk = Walk::of("RethinkDB", &NODES, &["etc/rethinkdb/instances.d"]);
    let _ = walk.run(&walk.commands);
    for node in NODES {
        let entry = format!("etc/rethinkdb/{node}");
        walk.inspect(node, &["etc/rethinkdb/instances.d/cluster.conf"], &entry);
    }
}

#[test]
fn rqlite() {
    let walk = Walk::of("rqlite", &NODES, &["etc"]);
    let _ = walk.run(&walk.commands);
    for node in NODES {
        let entry = format!("etc/rqlite/{node}");
        walk.inspect(node, &["etc/rqlite/rqlite.service"], &entry);
        let users = fs::metadata(walk.host(node).join("etc/rqlite/auth.json")).expect("copied");
        assert_eq!(users.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn emqx() {
    let walk = Walk::of("EMQX", &NODES, &["etc/emqx"]);
    let _ = walk.run(&walk.commands);
    for node in NODES {
        let entry = format!("etc/emqx/{node}");
        walk.inspect(
            node,
            &["etc/emqx/emqx.conf", "etc/emqx/ssl_dist.conf"],
            &entry,
        );
    }
}

#[test]
fn redis() {
    // A network of this machine's own, which no other run of this test has.
    let [high, low] = free_port().to_be_bytes();
    let address = |node: u8| Ipv4Addr::new(127, high, low, node);
    let hosts = [1, 2, 3].map(|node| address(node).to_string());
    let hosts = hosts.each_ref().map(String::as_str);
    let mut walk = Walk::of("Redis", &hosts, &["etc/redis", "var/lib/redis"]);
    walk.commands = walk
        .commands
        .replace("10.0.0.", &format!("127.{high}.{low}."));
    let (hosts_commands, cluster_command) = walk.commands.split_once("done\n").expect("a loop");
    let _ = walk.run(&format!("{hosts_commands}done"));
    let mut servers = Vec::new();
    for (node, host) in (1..).zip(hosts) {
        walk.inspect(
            host,
            &["etc/redis/redis.conf"],
            &format!("etc/redis/node{node}"),
        );
        let root = walk.host(host);
        let file = root.join("etc/redis/redis.conf");
        let here =
            |text: String, path: &str| text.replace(path, &format!("{}{path}", root.display()));
        let text = fs::read_to_string(&file).expect("copied");
        fs::write(&file, here(here(text, "/etc/"), "/var/")).expect("writable");
        let at = SocketAddr::from((address(node), 6379));
        // Between addresses of one machine all connections would come from the first.
        let mut server = program("redis-server");
        server.arg(file).args(["--bind-source-addr", host]);
        servers.push(Server::start_at(&mut server, at));
    }
    let made = walk.run(cluster_command);
    assert!(made.stdout.contains("All 16384 slots covered"), "{made:?}");
    let ask = |options: &str, words: &str| {
        walk.run(&format!(
            "cd pki/certs/node2 && redis-cli --tls {options} --cacert ca.pem -c -h {} {words}",
            hosts[2]
        ))
    };
    let identity = "--cert cert.pem --key key.pem";
    until("the cluster is whole", || {
        ask(identity, "cluster info")
            .stdout
            .contains("cluster_state:ok")
    });
    assert!(ask(identity, "set key value").stdout.contains("OK"));
    assert!(ask(identity, "get key").stdout.contains("value"));
    let refused = ask("", "get key || true");
    assert!(!refused.stdout.contains("value"), "{refused:?}");
}
