//! MongoDB's clients against a stand-in that speaks its wire protocol.

use std::fs;

use crate::{
    Client, NODE, PYTHON, Peer, Refusals,
    scene::{Scene, State},
    support::{process::Server, program},
    try_client,
};

struct MongoDb;

impl Peer for MongoDb {
    const NAME: &'static str = "mongodb";

    fn new(scene: &Scene) -> Self {
        let app = scene.entry("app");
        let both = ["key.pem", "cert.pem"].map(|name| fs::read(app.join(name)).expect("readable"));
        fs::write(app.join("app.pem"), both.concat()).expect("the test's directory can be written");
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let crt = format!("crt={}", scene.both(state).display());
        let mut arguments = vec!["--set", &crt];
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let mut server = program("python3");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/mongodb.py");
        server.arg(script).arg(scene.file("mongod.conf", &text));
        Server::start(server.arg(port.to_string()), port)
    }
}

#[test]
fn python() {
    try_client::<MongoDb>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "answer: [",
        refusals: Refusals {
            certificate: "connection closed|alert certificate required|EOF occurred|reset by peer|Broken pipe",
            ..PYTHON
        },
    });
}

#[test]
fn mongosh() {
    try_client::<MongoDb>(&Client {
        language: "mongosh",
        file: "main.sh",
        build: "",
        // It keeps a log there.
        run: "env HOME=. sh main.sh",
        presents: true,
        answer: "[",
        refusals: Refusals {
            certificate: "alert certificate required|connection closed|ECONNRESET|EPIPE|closed",
            intermediate: "unable to get local issuer certificate",
            ..NODE
        },
    });
}
