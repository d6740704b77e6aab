//! RethinkDB's drivers, as published, against a stand-in for the server's driver port.

use crate::{
    Client, GO, NODE, PYTHON, Peer, Refusals, offer_libraries,
    scene::{Scene, State},
    stunnel::try_tunnel,
    support::{Run, process::Server, program},
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
            root: "unable to find valid certification path",
            name: Some("No subject alternative DNS name matching localhost found"),
            expired: "CertificateExpiredException",
            intermediate: "unable to find valid certification path",
            certificate: "certificate_required|reset|closed|Broken pipe",
            password: WRONG_PASSWORD,
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

/// A driver without certificates, and here without TLS.
#[test]
fn stunnel() {
    try_tunnel::<RethinkDb>("rethinkdb", |scene, peer, port| {
        let text = scene.print(&["client", "rethinkdb", "python", "--port", &port.to_string()]);
        let without_tls = text.lines().filter(|line| !line.contains("ssl="));
        let text = without_tls.collect::<Vec<_>>().join("\n");
        let mut command = program("python3");
        command
            .arg(scene.file("main.py", &text))
            .envs(peer.environment(None));
        Run::of(&mut command).stdout.contains(ANSWER)
    });
}
