//! Cassandra's clients against a real node. What a wrong node shows ends with the handshake, for which OpenSSL stands
//! in: a node needs ten seconds to start.

use std::fs;

use crate::{
    Client, GO, JAVA, NODE, PYTHON, Peer, Refusals, offer_libraries,
    scene::{Scene, State},
    support::{
        Run,
        cassandra::Node,
        process::{Server, free_port},
        program,
    },
    try_client,
};

struct Cassandra;

impl Peer for Cassandra {
    const NAME: &'static str = "cassandra";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let crt = scene.both(state).display().to_string();
        if !matches!(state, State::Right) {
            let mut server = program("openssl");
            server.args(["s_server", "-quiet", "-port", &port.to_string()]);
            server.args(["-cert", &crt]);
            let chain = fs::read_to_string(scene.chain(state)).expect("issued");
            let end = "-----END CERTIFICATE-----\n";
            let (_, behind) = chain.split_once(end).expect("a chain is PEM");
            if !behind.is_empty() {
                server
                    .arg("-cert_chain")
                    .arg(scene.file("behind.pem", behind));
            }
            return Server::start(&mut server, port);
        }
        let crt = format!("crt={crt}");
        let mut arguments = vec!["--listener", "client", "--set", &crt];
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let storage = free_port();
        let ports = [port, storage, free_port()];
        Node::new(
            scene.home(),
            &format!("node{storage}"),
            ports,
            storage,
            &text,
        )
        .start()
    }
}

#[test]
fn python() {
    try_client::<Cassandra>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "answer: 5.0.5",
        refusals: Refusals {
            name: Some("certificate is not valid for"),
            certificate: "CERTIFICATE_REQUIRED|EOF occurred|reset by peer|Broken pipe",
            ..PYTHON
        },
    });
}

#[test]
fn node() {
    try_client::<Cassandra>(&Client {
        language: "node",
        file: "main.js",
        build: "",
        run: "node main.js",
        presents: true,
        answer: "answer: 5.0.5",
        refusals: Refusals {
            name: Some("does not match certificate's altnames"),
            certificate: "certificate required|ECONNRESET|EPIPE|closed",
            ..NODE
        },
    });
}

#[test]
fn go() {
    try_client::<Cassandra>(&Client {
        language: "go",
        file: "main.go",
        build: "go build -modfile=PEERS/go/go.mod -o main main.go",
        run: "./main",
        presents: true,
        answer: "answer: 5.0.5",
        refusals: GO,
    });
}

#[test]
fn java() {
    try_client::<Cassandra>(&Client {
        language: "java",
        file: "Main.java",
        build: "javac -cp PEERS/java/* Main.java",
        run: "java -XX:TieredStopAtLevel=1 -cp PEERS/java/*:. Main",
        presents: true,
        answer: "answer: 5.0.5",
        refusals: Refusals {
            name: Some("No name matching localhost found|No subject alternative"),
            certificate: "certificate_required|Connection reset|Broken pipe|ClosedChannelException|closed|Lost connection",
            password: None,
            ..JAVA
        },
    });
}

#[test]
fn cqlsh_with_its_settings() {
    let scene = Scene::new();
    let port = free_port();
    let ask = |entry: &str, trust: &str| {
        let words = ["config", "cassandra", entry, "--as", "cqlshrc", "--set"];
        let own = scene.print(&[&words[..], &[&format!("certfile={trust}")]].concat());
        let file = scene.file("cqlshrc", &own);
        let mut command = program("timeout");
        command.args(["60", "cqlsh", "--cqlshrc"]).arg(file);
        command.args(["--execute", "SELECT release_version FROM system.local"]);
        Run::of(command.args(["localhost", &port.to_string()]))
    };
    let root = scene.entry("app").join("ca.pem").display().to_string();
    let strange = scene.home().join("strange/ca/root/bundle.pem");
    let _server = Cassandra.start(&scene, State::Right, true, port);
    let run = ask("app", &root);
    assert!(run.stdout.contains("5.0.5"), "{run:?}");
    // Its driver forgets to verify, of which `config` and `check` warn: once it does not, they need not.
    let run = ask("app", &strange.display().to_string());
    assert!(run.stdout.contains("5.0.5"), "{run:?}");
    let run = ask("old", &root);
    assert!(![Some(0), Some(124)].contains(&run.status), "{run:?}");
}
