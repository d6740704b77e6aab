//! Nodes of Cassandra, as the archive's scripts would start them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{peers, process::Server, program};

/// What Java has to open for it, as conf/jvm17-server.options lists it.
const OPEN: [&str; 20] = [
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-exports=java.management.rmi/com.sun.jmx.remote.internal.rmi=ALL-UNNAMED",
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    "--add-exports=java.rmi/sun.rmi.server=ALL-UNNAMED",
    "--add-exports=java.sql/java.sql=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.module=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.math=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.module=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.reflect=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.util.jar=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
];

/// It says what goes wrong, and nothing else.
const LOG: &str = r#"<configuration>
<appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%msg%n%ex{short}</pattern></encoder></appender>
<root level="ERROR"><appender-ref ref="out"/></root>
</configuration>
"#;

/// One of its programs, which starts soon rather than runs fast.
pub fn java() -> Command {
    let mut command = program("java");
    command
        // Else it finds no file whose name is not ASCII.
        .env("LC_ALL", "C.UTF-8")
        .args(["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
        .args(OPEN)
        .arg("-cp")
        .arg(peers().join("cassandra/*"));
    command
}

/// The ports of a node: for clients, for other nodes, and for nodetool.
pub type Ports = [u16; 3];

/// A node that was never started: what it says of TLS, and where its data lie.
pub struct Node {
    file: PathBuf,
    data: PathBuf,
    ports: Ports,
}

impl Node {
    /// Writes its file; it asks the seed's port for the others.
    pub fn new(home: &Path, name: &str, ports: Ports, seed: u16, tls: &str) -> Self {
        let (file, data) = (
            home.join(format!("{name}.yaml")),
            home.join(format!("{name}.data")),
        );
        let [clients, nodes, _] = ports;
        let text = format!(
            "cluster_name: test\npartitioner: org.apache.cassandra.dht.Murmur3Partitioner\n\
             commitlog_sync: periodic\ncommitlog_sync_period: 10s\nendpoint_snitch: SimpleSnitch\n\
             listen_address: 127.0.0.1\nrpc_address: 127.0.0.1\n\
             native_transport_port: {clients}\nstorage_port: {nodes}\n\
             seed_provider:\n  - class_name: org.apache.cassandra.locator.SimpleSeedProvider\n    \
             parameters:\n      - seeds: \"127.0.0.1:{seed}\"\n{tls}"
        );
        fs::write(&file, text).expect("the test's directory can be written");
        fs::write(home.join("logback.xml"), LOG).expect("the test's directory can be written");
        Self { file, data, ports }
    }

    /// Its file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What starts it.
    pub fn command(&self) -> Command {
        let mut command = java();
        let log = self.file.with_file_name("logback.xml");
        for (name, value) in [
            ("logback.configurationFile", log.display().to_string()),
            (
                "cassandra.config",
                format!("file://{}", self.file.display()),
            ),
            ("cassandra.storagedir", self.data.display().to_string()),
            ("cassandra.jmx.local.port", self.ports[2].to_string()),
            ("cassandra-foreground", "yes".to_owned()),
            // It is alone, or knows within a second that it is not.
            ("cassandra.ring_delay_ms", "1000".to_owned()),
            ("cassandra.skip_wait_for_gossip_to_settle", "0".to_owned()),
        ] {
            command.arg(format!("-D{name}={value}"));
        }
        command.arg("org.apache.cassandra.service.CassandraDaemon");
        command
    }

    /// Starts it and waits until it listens to clients.
    pub fn start(&self) -> Server {
        Server::start(&mut self.command(), self.ports[0])
    }

    /// nodetool, as it speaks to this node.
    pub fn nodetool(&self) -> Command {
        let mut command = java();
        let log = self.file.with_file_name("logback.xml");
        command
            .arg(format!("-Dlogback.configurationFile={}", log.display()))
            .arg("org.apache.cassandra.tools.NodeTool")
            .args(["-h", "127.0.0.1", "-p", &self.ports[2].to_string()]);
        command
    }
}
