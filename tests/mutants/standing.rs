//! Programs that are started once and asked about one file after another: Java and Erlang would take longer to start than
//! to answer.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{LazyLock, Mutex},
};

use crate::{
    programs::{Answer, Program, nothing},
    support::{cassandra::java, peers, program},
    values::{Place, Writing},
};

/// What is asked, and what answers, a line each; it ends with the tests, when nothing more can come.
struct Standing(Mutex<(Child, BufReader<ChildStdout>)>);

impl Standing {
    fn start(command: &mut Command) -> Self {
        // Else Java finds no file whose name is not ASCII.
        command.env("LC_ALL", "C.UTF-8").stderr(Stdio::null());
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("tests/run installs it");
        let output = child.stdout.take().expect("it is a pipe");
        Self(Mutex::new((child, BufReader::new(output))))
    }

    /// What becomes of a file that is read as one of this kind.
    fn ask(&self, kind: &str, file: &Path) -> Answer {
        let mut both = self.0.lock().expect("no test fails in here");
        let (child, output) = &mut *both;
        let input = child.stdin.as_mut().expect("it is a pipe");
        writeln!(input, "{kind} {}", file.display()).expect("it runs");
        let mut answer = String::new();
        output.read_line(&mut answer).expect("it answers");
        let words = answer.trim_end().strip_prefix('=');
        match words.expect("it runs as long as the tests do") {
            "" => Answer::Takes,
            words => Answer::Refuses(words.to_owned()),
        }
    }
}

/// What has them answer.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/mutants")
        .join(name)
}

static OF_ERLANG: LazyLock<Standing> =
    LazyLock::new(|| Standing::start(program("escript").arg(script("erlang.escript"))));

static OF_KAFKA: LazyLock<Standing> = LazyLock::new(|| {
    let mut command = program("java");
    let options = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
    command
        .args(options)
        .arg("-cp")
        .arg(peers().join("java/*"))
        .arg(script("kafka.java"));
    Standing::start(&mut command)
});

static OF_CASSANDRA: LazyLock<Standing> =
    LazyLock::new(|| Standing::start(java().arg(script("cassandra.java"))));

/// Before its blocks stands what it does not start without.
pub(crate) const CASSANDRA: Program = Program {
    name: "cassandra",
    server: "cassandra",
    around: |_| {
        let before = "cluster_name: test\npartitioner: org.apache.cassandra.dht.Murmur3Partitioner\n\
             commitlog_sync: periodic\ncommitlog_sync_period: 10s\nendpoint_snitch: SimpleSnitch\n\
             dynamic_snitch: false\nseed_provider:\n  - class_name: org.apache.cassandra.locator.SimpleSeedProvider\n    \
             parameters:\n      - seeds: 127.0.0.1\n";
        [before.to_owned(), String::new()]
    },
    configs: &[
        "node1 --server-version 5.0.5 --set listen_address=127.0.0.1 --set crt=",
        "node1 --server-version 5.0.5 --listener client --set crt=",
        "node1 --server-version 5.0.5 --client-ca root --set listen_address=127.0.0.1 --set rpc_address=127.0.0.1 --set crt=",
    ],
    ask: |_, file| OF_CASSANDRA.ask("yaml", file),
    // Its options stand in blocks, and not one to a line.
    writing: None,
};

pub(crate) const ERLANG: Program = Program {
    name: "erlang",
    server: "emqx",
    around: nothing,
    configs: &["node1 --as ssl_dist"],
    ask: |_, file| OF_ERLANG.ask("distribution", file),
    // Its options are terms, and not one to a line.
    writing: None,
};

pub(crate) const KAFKA: Program = Program {
    name: "kafka",
    server: "kafka",
    around: nothing,
    configs: &[
        "node1 --set node.id=1 --set process.roles=broker,controller --set controller.quorum.voters=1@localhost:9093 --set crt=",
        "node1 --client-ca root --set node.id=1 --set process.roles=broker --set controller.quorum.voters=2@localhost:9093 --set listeners=CLIENT://:9092,BROKER://:9094 --set crt=",
    ],
    ask: |_, file| OF_KAFKA.ask("broker", file),
    // Its options have the names of listeners before them.
    writing: None,
};

/// What Kafka's own programs read.
pub(crate) const KAFKA_CLIENT: Program = Program {
    name: "kafka-client",
    server: "kafka",
    around: nothing,
    configs: &["node1 --as client --set crt="],
    ask: |_, file| OF_KAFKA.ask("client", file),
    writing: Some(Writing {
        below: "security.protocol",
        between: "=",
        end: "",
        begin: "",
        place: Place::Line,
    }),
};

/// Its listeners for clients, and for its administration.
pub(crate) const RABBITMQ: Program = Program {
    name: "rabbitmq",
    server: "rabbitmq",
    around: nothing,
    configs: &[
        "node1 --server-version 3.10.8",
        "node1 --server-version 3.10.8 --client-ca root",
        "node1 --server-version 3.10.8 --client-ca root --listener tls,management",
        "node1 --server-version 3.10.8 --client-ca root --listener management",
    ],
    ask: |_, file| OF_ERLANG.ask("rabbitmq", file),
    writing: Some(Writing {
        below: "management.ssl.port",
        between: " = ",
        end: "",
        begin: "",
        place: Place::Line,
    }),
};

/// The options of its nodes among each other.
pub(crate) const RABBITMQ_NODES: Program = Program {
    name: "rabbitmq-nodes",
    server: "rabbitmq",
    around: nothing,
    configs: &["node1 --as ssl_dist"],
    ask: |_, file| OF_ERLANG.ask("distribution", file),
    writing: None,
};
