//! MongoDB's clients against a stand-in that speaks its wire protocol.

use crate::{
    Client, PYTHON, Peer, Refusals,
    scene::{Scene, State},
    support::{process::Server, program},
    try_client,
};

struct MongoDb;

impl Peer for MongoDb {
    const NAME: &'static str = "mongodb";

    fn new(_: &Scene) -> Self {
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
