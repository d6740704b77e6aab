//! Nodes of Kafka, as the archive's scripts would start them.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Command,
};

use super::{peers, process::Server, program};

/// Any will do, as long as all nodes have the same.
const CLUSTER: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// One of its programs, which starts soon rather than runs fast.
fn java(class: &str) -> Command {
    let mut command = program("java");
    command
        // Else it finds no file whose name is not ASCII.
        .env("LC_ALL", "C.UTF-8")
        .args([
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
        ])
        .arg(peers().join("java/*"))
        .arg(class);
    command
}

/// A node that was never started: what it says of itself with `properties`, and where its data lie.
pub struct Node {
    file: PathBuf,
}

impl Node {
    /// Writes its file and lays its folder out.
    pub fn new(home: &Path, name: &str, properties: &str) -> Self {
        let file = home.join(format!("{name}.properties"));
        let data = home.join(format!("{name}.data"));
        let text = format!(
            "{properties}\nlog.dirs={}\noffsets.topic.replication.factor=1\n",
            data.display()
        );
        fs::write(&file, text).expect("the test's directory can be written");
        // As kafka-storage.sh lays it out, which takes as long as the node does to start.
        let id = properties.lines().find(|line| line.starts_with("node.id="));
        let id = id.expect("a node has a number");
        let text = format!("version=1\ncluster.id={CLUSTER}\n{id}\n");
        fs::create_dir(&data).expect("the test's directory can be written");
        fs::write(data.join("meta.properties"), text).expect("the test's directory can be written");
        Self { file }
    }

    /// What starts it.
    pub fn command(&self) -> Command {
        let mut command = java("kafka.Kafka");
        command.arg(&self.file);
        command
    }

    /// Starts it and waits until it listens there.
    pub fn start(&self, port: u16) -> Server {
        self.start_at((Ipv4Addr::LOCALHOST, port).into())
    }

    /// The same at another of this machine's addresses.
    pub fn start_at(&self, at: SocketAddr) -> Server {
        Server::start_at(&mut self.command(), at)
    }
}
