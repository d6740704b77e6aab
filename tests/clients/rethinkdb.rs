//! RethinkDB's drivers, as published, and its nodes, against stand-ins for the server's ports.

use std::process::Command;

use crate::{
    Client, GO, JAVA, NODE, PYTHON, Peer, Refusals, offer_libraries,
    scene::{Scene, State},
    stunnel::try_tunnel,
    support::{
        Run,
        process::{Server, free_port},
        program,
    },
    try_client,
};

struct RethinkDb;

const PASSWORD: &str = "secret";

impl Peer for RethinkDb {
    const NAME: &'static str = "rethinkdb";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let port_setting = format!("driver-port={port}");
        let mut arguments = vec!["--listener", "driver", "--set", &port_setting];
        arguments.extend(["--set", "bind-driver=127.0.0.1"]);
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let mut command = program("python3");
        command
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/clients/rethinkdb.py"
            ))
            .arg(scene.file("rethinkdb.conf", &text))
            .arg(PASSWORD);
        Server::start(&mut command, port)
    }

    fn environment<'a>(&self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        let password = wrong.unwrap_or(PASSWORD);
        vec![("RETHINKDB_PASSWORD", password)]
    }
}

/// What all programs say.
const ANSWER: &str = "connected to stand-in";
const WRONG_PASSWORD: Option<&str> = Some("Wrong password");

#[test]
fn python() {
    try_client::<RethinkDb>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: false,
        answer: ANSWER,
        refusals: Refusals {
            password: WRONG_PASSWORD,
            ..PYTHON
        },
    });
}

#[test]
fn javascript() {
    try_client::<RethinkDb>(&Client {
        language: "javascript",
        file: "main.js",
        build: "",
        run: "node main.js",
        presents: true,
        answer: ANSWER,
        refusals: Refusals {
            password: WRONG_PASSWORD,
            ..NODE
        },
    });
}

#[test]
fn typescript() {
    try_client::<RethinkDb>(&Client {
        language: "typescript",
        file: "main.ts",
        build: "PEERS/node_modules/.bin/tsc --strict --skipLibCheck --types node --target es2022 --module commonjs main.ts",
        run: "node main.js",
        presents: true,
        answer: ANSWER,
        refusals: Refusals {
            // It keeps the reason to itself.
            certificate: "The connection was closed before the query could be completed",
            password: WRONG_PASSWORD,
            ..NODE
        },
    });
}

#[test]
fn go() {
    try_client::<RethinkDb>(&Client {
        language: "go",
        file: "main.go",
        build: "go build -modfile=PEERS/go/go.mod -o main main.go",
        run: "./main",
        presents: true,
        answer: ANSWER,
        refusals: Refusals {
            password: WRONG_PASSWORD,
            ..GO
        },
    });
}

#[test]
fn java() {
    try_client::<RethinkDb>(&Client {
        language: "java",
        file: "Main.java",
        build: "javac -cp PEERS/java/* Main.java",
        run: "java -XX:TieredStopAtLevel=1 -cp PEERS/java/*:. Main",
        presents: true,
        answer: ANSWER,
        refusals: Refusals {
            certificate: "certificate_required|reset|closed|Broken pipe",
            password: WRONG_PASSWORD,
            ..JAVA
        },
    });
}

/// The driver cannot be installed by tests/run.
#[test]
fn ruby_is_well_formed() {
    let scene = Scene::new();
    let text = scene.print(&["client", "rethinkdb", "ruby"]);
    let run = Run::of(program("ruby").arg("-c").arg(scene.file("main.rb", &text)));
    assert_eq!(run.expect_status(0).stdout, "Syntax OK\n");
}

/// What its driver does where nobody listens.
const REFUSED: &str = r#"
module RethinkDB
  class ReqlDriverError < RuntimeError; end
  module Shortcuts
    def r = self
    def connect(*) = raise(ReqlDriverError, "Connection refused")
  end
end
"#;

#[test]
fn ruby_says_in_one_line_that_nobody_listens() {
    let scene = Scene::new();
    let text = scene.print(&["client", "rethinkdb", "ruby"]);
    scene.file("rethinkdb.rb", REFUSED);
    let mut command = program("ruby");
    command.arg("-I").arg(scene.home());
    let run = Run::of(command.arg(scene.file("main.rb", &text))).expect_status(1);
    assert_eq!(
        run.stderr,
        "RethinkDB::ReqlDriverError: Connection refused\n"
    );
}

/// Whether the program for Python connects, with another line in place of what it says of TLS.
fn connects(scene: &Scene, port: u16, line: &str) -> bool {
    let text = scene.print(&["client", "rethinkdb", "python", "--port", &port.to_string()]);
    let tls = text.lines().find(|line| line.contains("ssl="));
    let text = text.replace(tls.expect("it sets up TLS"), line);
    let mut command = program("python3");
    command
        .arg(scene.file("main.py", &text))
        .env("RETHINKDB_PASSWORD", PASSWORD);
    Run::of(&mut command).stdout.contains(ANSWER)
}

/// A driver without certificates leaves TLS to stunnel.
#[test]
fn stunnel() {
    try_tunnel::<RethinkDb>("rethinkdb", |scene, _, port| connects(scene, port, ""));
}

/// Before 2.4.3 the server sends its leaf alone; a hint says what to trust then.
#[test]
fn intermediates_can_be_trusted_besides_the_root() {
    let scene = Scene::new();
    let port = free_port();
    let _server = RethinkDb::new(&scene).start(&scene, State::NoIntermediate, false, port);
    for (trust, enough) in [("ca-chain.pem", true), ("ca.pem", false)] {
        let file = scene.entry("node1").join(trust);
        let line = format!("    ssl={{'ca_certs': '{}'}},", file.display());
        assert_eq!(connects(&scene, port, &line), enough, "{trust}");
    }
}

/// A node's command; it joins the node at the other port.
fn node(scene: &Scene, state: State, version: &str, port: u16, join: Option<u16>) -> Command {
    let mut settings = vec![
        format!("cluster-port={port}"),
        "bind-cluster=127.0.0.1".to_owned(),
    ];
    settings.extend(join.map(|port| format!("join=localhost:{port}")));
    let mut arguments = vec!["--listener", "cluster", "--server-version", version];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let text = scene.config(RethinkDb::NAME, state, &arguments);
    let mut command = program("python3");
    command
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/clients/rethinkdb_node.py"
        ))
        .arg(scene.file(&format!("{port}.conf"), &text));
    command
}

#[test]
fn nodes_meet_by_mutual_tls() {
    let scene = Scene::new();
    for (first, second, version, refusal) in [
        (State::Right, State::Node("node2"), "2.4.4", None),
        // Nodes compare neither names nor purposes, as the warning `shared-root` says.
        (State::Right, State::AnotherName, "2.4.4", None),
        (State::Right, State::Node("app"), "2.4.4", None),
        // Before 2.4.3 nodes send their leaf alone, so the file with the roots holds the intermediates too.
        (State::NoIntermediate, State::NoIntermediate, "2.4.2", None),
        (
            State::Right,
            State::NoIntermediate,
            "2.4.4",
            Some("alert unknown ca"),
        ),
        (
            State::Right,
            State::Expired,
            "2.4.4",
            Some("alert certificate expired"),
        ),
        (
            State::Right,
            State::AnotherRoot,
            "2.4.4",
            Some("unable to get local issuer certificate"),
        ),
        (
            State::Expired,
            State::Right,
            "2.4.4",
            Some("certificate has expired"),
        ),
    ] {
        let (port, own) = (free_port(), free_port());
        let _first = Server::start(&mut node(&scene, first, version, port, None), port);
        let mut second_node = node(&scene, second, version, own, Some(port));
        match refusal {
            None => drop(Server::start(&mut second_node, own)),
            Some(refusal) => {
                let run = Run::of(&mut second_node).expect_status(1);
                assert!(run.stderr.contains(refusal), "{second:?}: {run:#?}");
            }
        }
    }
}
