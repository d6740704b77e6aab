//! etcd's clients against a real member.

use crate::{
    Client, GO, Peer, Refusals, offer_libraries,
    scene::{Scene, State},
    support::{
        process::{Server, free_port},
        program,
    },
    try_client,
};

struct Etcd;

impl Peer for Etcd {
    const NAME: &'static str = "etcd";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let peer = free_port();
        let set = [
            format!("listen-client-urls=https://127.0.0.1:{port}"),
            format!("advertise-client-urls=https://localhost:{port}"),
            format!("listen-peer-urls=http://127.0.0.1:{peer}"),
            format!("initial-advertise-peer-urls=http://127.0.0.1:{peer}"),
            format!("initial-cluster=node=http://127.0.0.1:{peer}"),
            format!("data-dir={}/{peer}", scene.home().display()),
            String::from("name=node"),
        ];
        let mut arguments = vec!["--as", "yaml", "--listener", "client"];
        arguments.extend(set.iter().flat_map(|set| ["--set", set]));
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let file = scene.file("etcd.yml", &text);
        Server::start(program("etcd").arg("--config-file").arg(file), port)
    }
}

#[test]
fn etcdctl() {
    // It says in several lines what goes wrong, and at the end that time is up.
    const LATE: &str = "context deadline exceeded";
    try_client::<Etcd>(&Client {
        language: "etcdctl",
        file: "ask",
        build: "",
        run: "sh ask",
        presents: true,
        answer: "cluster_id",
        refusals: Refusals {
            root: LATE,
            name: Some(LATE),
            expired: LATE,
            intermediate: LATE,
            certificate: LATE,
            password: None,
        },
    });
}

#[test]
fn curl() {
    try_client::<Etcd>(&Client {
        language: "curl",
        file: "ask",
        build: "",
        run: "sh ask",
        presents: true,
        answer: "etcdserver",
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

#[test]
fn go() {
    try_client::<Etcd>(&Client {
        language: "go",
        file: "main.go",
        build: "go build -modfile=PEERS/go/go.mod -o main main.go",
        run: "./main",
        presents: true,
        answer: "answer: ",
        refusals: Refusals {
            certificate: "tls: certificate required|tls: bad certificate|connection reset|broken pipe|EOF",
            ..GO
        },
    });
}
