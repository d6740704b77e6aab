//! NATS' clients against a real server.

use crate::{
    Client, GO, PYTHON, Peer, Refusals, offer_libraries,
    scene::{Scene, State},
    support::{process::Server, program},
    try_client,
};

struct Nats;

const PASSWORD: &str = "secret";

impl Peer for Nats {
    const NAME: &'static str = "nats";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let port_setting = format!("port={port}");
        let mut arguments = vec!["--set", &port_setting, "--set", "host=127.0.0.1"];
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let text = format!("{text}authorization {{ user: me, password: {PASSWORD} }}\n");
        let mut command = program("nats-server");
        Server::start(command.arg("-c").arg(scene.file("nats.conf", &text)), port)
    }

    fn environment<'a>(&self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        vec![
            ("NATS_USER", "me"),
            ("NATS_PASSWORD", wrong.unwrap_or(PASSWORD)),
        ]
    }
}

#[test]
fn nats() {
    try_client::<Nats>(&Client {
        language: "nats",
        file: "ask",
        build: "",
        run: "sh ask",
        presents: true,
        answer: "connected to tls://localhost:",
        refusals: Refusals {
            password: Some("Authorization Violation"),
            ..GO
        },
    });
}

#[test]
fn python() {
    try_client::<Nats>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "answer: localhost",
        refusals: Refusals {
            certificate: "alert certificate required|alert bad certificate|Connection lost|EOF|reset by peer|Broken pipe",
            password: Some("Authorization Violation"),
            ..PYTHON
        },
    });
}

#[test]
fn go() {
    try_client::<Nats>(&Client {
        language: "go",
        file: "main.go",
        build: "go build -modfile=PEERS/go/go.mod -o main main.go",
        run: "./main",
        presents: true,
        answer: "answer: ",
        refusals: Refusals {
            password: Some("Authorization Violation"),
            ..GO
        },
    });
}
