//! EMQX's port for remote calls, with a stand-in that has the TLS of gen_rpc.

use crate::{
    Client, Peer, Refusals,
    scene::{Scene, State},
    support::{process::Server, program},
    try_client,
};

struct Emqx;

impl Peer for Emqx {
    const NAME: &'static str = "emqx";
    const LENIENT: bool = false;

    fn new(_: &Scene) -> Self {
        Self
    }

    fn start(&self, scene: &Scene, state: State, _: bool, port: u16) -> Server {
        let text = scene.config(Self::NAME, state, &["--as", "env"]);
        let mut command = program("escript");
        command
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/clients/emqx.escript"
            ))
            .arg(port.to_string())
            .envs(text.lines().filter_map(|line| line.split_once('=')));
        Server::start(&mut command, port)
    }
}

#[test]
fn erlang() {
    try_client::<Emqx>(&Client {
        language: "erlang",
        file: "main.sh",
        build: "",
        run: "sh main.sh",
        presents: true,
        answer: "connected: ",
        refusals: Refusals {
            root: "unknown_ca",
            name: None,
            expired: "certificate_expired",
            intermediate: "unknown_ca",
            certificate: "certificate_required|refused: {error,closed}",
            password: None,
        },
    });
}
