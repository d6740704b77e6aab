//! memcached's client against a real server.

use crate::{
    Client, PYTHON, Peer, Refusals,
    scene::{Scene, State},
    support::{process::Server, program},
    try_client,
};

struct Memcached;

impl Peer for Memcached {
    const NAME: &'static str = "memcached";

    fn new(_: &Scene) -> Self {
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let port_setting = format!("port={port}");
        let mut arguments = vec!["--as", "flags", "--set", &port_setting];
        arguments.extend(["--set", "listen=127.0.0.1", "--set", "user=root"]);
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let mut command = program("sh");
        Server::start(command.args(["-c", &format!("exec {text}")]), port)
    }
}

#[test]
fn python() {
    try_client::<Memcached>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "answer: ",
        refusals: Refusals {
            certificate: "alert certificate required|EOF occurred|reset by peer|Broken pipe|MemcacheUnexpectedCloseError",
            ..PYTHON
        },
    });
}
