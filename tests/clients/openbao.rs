//! OpenBao's clients against a real server.

use crate::{
    Client, GO, Peer, Refusals,
    scene::{Scene, State},
    support::{
        process::{Server, free_port},
        program,
    },
    try_client,
};

struct OpenBao;

impl Peer for OpenBao {
    const NAME: &'static str = "openbao";

    fn new(_: &Scene) -> Self {
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let set = [
            format!("listener.tcp.address=127.0.0.1:{port}"),
            format!("listener.tcp.cluster_address=127.0.0.1:{}", free_port()),
        ];
        let mut arguments: Vec<&str> = set.iter().flat_map(|it| ["--set", it]).collect();
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let text = format!("{text}storage \"inmem\" {{}}\ndisable_mlock = true\n");
        let mut command = program("bao");
        command.args(["server", "-config"]);
        Server::start(command.arg(scene.file("openbao.hcl", &text)), port)
    }
}

#[test]
fn bao() {
    try_client::<OpenBao>(&Client {
        language: "bao",
        file: "ask",
        build: "",
        run: "env HOME=. BAO_MAX_RETRIES=0 sh ask",
        presents: true,
        answer: "2.7.2",
        refusals: GO,
    });
}

#[test]
fn curl() {
    try_client::<OpenBao>(&Client {
        language: "curl",
        file: "ask",
        build: "",
        run: "sh ask",
        presents: true,
        answer: "storage_type",
        refusals: Refusals {
            root: "unable to get local issuer certificate",
            name: Some("no alternative certificate subject name matches"),
            expired: "certificate has expired",
            intermediate: "unable to get local issuer certificate",
            certificate: "alert bad certificate|alert certificate required|Transport endpoint is not connected|reset by peer",
            password: None,
        },
    });
}
