//! Nodes of OpenSearch with its security plugin.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{peers, process::Server, program};

/// It says what goes wrong, and nothing else.
const LOG: &str = "appender.out.type = Console\nappender.out.name = out\n\
    appender.out.layout.type = PatternLayout\nappender.out.layout.pattern = %msg%n%ex{short}\n\
    rootLogger.level = warn\nrootLogger.appenderRef.out.ref = out\n";

/// A node that was never started.
pub struct Node {
    home: PathBuf,
    http: u16,
}

impl Node {
    /// Writes its file; it looks for others at the seed's port, and the seed begins the cluster.
    pub fn new(home: &Path, name: &str, [http, transport]: [u16; 2], seed: u16, tls: &str) -> Self {
        let home = home.join(format!("{name}.d"));
        let config = home.join("config");
        fs::create_dir_all(&config).expect("the test's directory can be written");
        let begins = if seed == transport {
            format!("cluster.initial_cluster_manager_nodes: [{name}]\n")
        } else {
            String::new()
        };
        let text = format!(
            "cluster.name: test\nnode.name: {name}\nnetwork.host: 127.0.0.1\nhttp.port: {http}\n\
             transport.port: {transport}\ndiscovery.seed_hosts: [\"127.0.0.1:{seed}\"]\n{begins}{tls}"
        );
        let write = |file: &str, text: &str| {
            fs::write(config.join(file), text).expect("the test's directory can be written");
        };
        write("opensearch.yml", &text);
        write("log4j2.properties", LOG);
        Self { home, http }
    }

    /// Its file.
    pub fn file(&self) -> PathBuf {
        self.home.join("config/opensearch.yml")
    }

    /// What starts it, soon rather than to run fast.
    pub fn command(&self) -> Command {
        let mut command = program("java");
        let log = self.home.join("config/log4j2.properties");
        let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/opensearch.java");
        command
            // Else it finds no file whose name is not ASCII.
            .env("LC_ALL", "C.UTF-8")
            .args(["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
            .arg("-Dlog4j2.disable.jmx=true")
            .arg(format!("-Dlog4j2.configurationFile={}", log.display()))
            .arg("-cp")
            .arg(peers().join("opensearch/*"))
            .args([&main, &self.home]);
        command
    }

    /// Starts it and waits until it listens to clients.
    pub fn start(&self) -> Server {
        Server::start(&mut self.command(), self.http)
    }
}
