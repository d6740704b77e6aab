//! A cluster of three nodes of Redis, whose bus dials anew whenever a node has loaded files.

use std::{fs, path::PathBuf};

use super::{
    NODES, Site,
    load::{Endpoint, Speaks},
};
use crate::{
    process::{Server, free_port, until},
    support::{Run, program},
};

/// A cluster of three, in which each is a master.
pub(super) struct Redis<'s> {
    site: &'s Site,
    nodes: Vec<Node>,
}

pub(super) struct Node {
    _server: Server,
    pub(super) ports: [u16; 2],
    id: String,
    log: PathBuf,
}

impl<'s> Redis<'s> {
    pub(super) fn start(site: &'s Site) -> Self {
        let nodes = NODES.iter().map(|name| Node::start(site, name)).collect();
        let redis = Self { site, nodes };
        let at = |node: &Node| format!("127.0.0.1:{}", node.ports[0]);
        let addresses: Vec<_> = redis.nodes.iter().map(at).collect();
        let addresses = addresses.iter().map(String::as_str);
        let words: Vec<_> = ["--cluster", "create"]
            .into_iter()
            .chain(addresses)
            .collect();
        let run = redis.nodes[0].ask(site, &[&words[..], &["--cluster-yes"]].concat());
        assert!(run.contains("All 16384 slots covered"), "{run}");
        until("the cluster is whole", || {
            redis.nodes.iter().all(|node| node.is_linked(site))
        });
        redis
    }

    pub(super) fn endpoints(&self) -> Vec<Endpoint> {
        let of = |node: &Node| {
            let spoken = [Speaks::Redis, Speaks::RedisBus];
            let both = node.ports.into_iter().zip(spoken);
            both.map(|(port, speaks)| Endpoint { port, speaks })
                .collect::<Vec<_>>()
        };
        self.nodes.iter().flat_map(of).collect()
    }

    /// What the nodes say of certificates that were not taken: by them, or by others.
    pub(super) fn refusals(&self) -> Vec<String> {
        self.nodes.iter().flat_map(Node::refusals).collect()
    }

    /// Has a node take its files, then dial all others, and be dialled by them.
    pub(super) fn reload(&self, name: &str) {
        let index = NODES.iter().position(|it| *it == name).expect("a node");
        let node = &self.nodes[index];
        node.reload(self.site, name);
        for other in self.nodes.iter().filter(|other| other.id != node.id) {
            let kill = ["DEBUG", "CLUSTERLINK", "KILL", "ALL", &other.id];
            assert_eq!(node.ask(self.site, &kill).trim(), "OK");
        }
        until("the node is linked again", || node.is_linked(self.site));
    }
}

impl Node {
    pub(super) fn start(site: &Site, name: &str) -> Self {
        // The bus listens ten thousand above the port unless it is told where, and that may be no port.
        let ports = [free_port(), free_port()];
        let machine = site.machine(name).display().to_string();
        let port = format!("tls-port={}", ports[0]);
        let words = [
            "config",
            "redis",
            name,
            "--target-dir",
            &machine,
            "--set",
            &port,
        ];
        let more = ["--set", "bind=127.0.0.1", "--set", "cluster-enabled=yes"];
        let home = site.certctl.home();
        let (file, log) = (
            home.join(format!("{name}.conf")),
            home.join(format!("{name}.log")),
        );
        let text = site.run(&[&words[..], &more].concat());
        fs::write(&file, text).expect("it is ours");
        let data = home.join(format!("{name}.data"));
        fs::create_dir(&data).expect("it is ours");
        let mut command = program("redis-server");
        command
            .arg(file)
            .args(["--cluster-port", &ports[1].to_string()]);
        // Refused handshakes stand in the log from this level on.
        command.args([
            "--save",
            "",
            "--loglevel",
            "verbose",
            "--enable-debug-command",
            "yes",
        ]);
        command.arg("--dir").arg(data).arg("--logfile").arg(&log);
        let node = Self {
            _server: Server::start(&mut command, ports[0]),
            ports,
            id: String::new(),
            log,
        };
        let id = node.ask(site, &["CLUSTER", "MYID"]);
        Self {
            id: id.trim().to_owned(),
            ..node
        }
    }

    /// Has it load the files that lie on its machine.
    pub(super) fn reload(&self, site: &Site, name: &str) {
        let files = ["cert.pem", "key.pem"].map(|file| site.machine(name).join(file));
        let [cert, key] = files.map(|file| file.display().to_string());
        let set = [
            "CONFIG",
            "SET",
            "tls-cert-file",
            &cert,
            "tls-key-file",
            &key,
        ];
        assert_eq!(self.ask(site, &set).trim(), "OK");
    }

    fn ask(&self, site: &Site, words: &[&str]) -> String {
        let app = site.identity("app");
        let mut command = program("redis-cli");
        command.args(["--tls", "-h", "127.0.0.1", "-p", &self.ports[0].to_string()]);
        command.arg("--cacert").arg(app.trust);
        command
            .arg("--cert")
            .arg(app.cert)
            .arg("--key")
            .arg(app.key);
        let run = Run::of(command.args(words));
        format!("{}{}", run.stdout, run.stderr)
    }

    /// Whether it dials both others, and both dial it.
    fn is_linked(&self, site: &Site) -> bool {
        let links = self.ask(site, &["CLUSTER", "LINKS"]);
        let count = |word| links.lines().filter(|line| line.trim() == word).count();
        (count("to"), count("from")) == (2, 2)
            && self
                .ask(site, &["CLUSTER", "INFO"])
                .contains("cluster_state:ok")
    }

    /// What it says of certificates that it, or another, did not take.
    fn refusals(&self) -> Vec<String> {
        let log = fs::read_to_string(&self.log).expect("it has a log");
        let is_refusal = |line: &&str| line.contains("certificate") || line.contains("alert");
        log.lines().filter(is_refusal).map(str::to_owned).collect()
    }
}
