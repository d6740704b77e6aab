//! The client of Patroni's REST API against a real member, which waits for somebody to make data.

use crate::{
    Client, Peer, Refusals,
    scene::{Scene, State},
    support::{
        process::{Server, free_port},
        program,
    },
    try_client,
};

struct Patroni {
    etcd: u16,
    _etcd: Server,
}

impl Peer for Patroni {
    const NAME: &'static str = "patroni";

    fn new(scene: &Scene) -> Self {
        let [etcd, peer] = [free_port(), free_port()];
        let own = format!("http://127.0.0.1:{etcd}");
        let mut command = program("etcd");
        command.args([
            "--listen-client-urls",
            &own,
            "--advertise-client-urls",
            &own,
        ]);
        command.args(["--listen-peer-urls", &format!("http://127.0.0.1:{peer}")]);
        command.arg("--data-dir").arg(scene.home().join("etcd"));
        Self {
            etcd,
            _etcd: Server::start(&mut command, etcd),
        }
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let set = [
            format!("etcd3.hosts=127.0.0.1:{}", self.etcd),
            format!("restapi.listen=127.0.0.1:{port}"),
            format!("restapi.connect_address=localhost:{port}"),
            format!("scope={state:?}.{mutual}"),
        ];
        let mut arguments = vec!["--listener", "restapi,members"];
        arguments.extend(set.iter().flat_map(|set| ["--set", set]));
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let home = scene.home().display();
        let rest = format!(
            "postgresql:\n  listen: 127.0.0.1:1\n  connect_address: 127.0.0.1:1\n  data_dir: {home}/data\n  \
             pgpass: {home}/pgpass\n  bin_dir: /bin\n  authentication: {{superuser: {{}}, replication: {{username: a}}}}\n"
        );
        let file = scene.file("patroni.yml", &(text + &rest));
        Server::start(program("patroni").arg(file), port)
    }
}

#[test]
fn curl() {
    try_client::<Patroni>(&Client {
        language: "curl",
        file: "ask",
        build: "",
        run: "sh ask",
        presents: true,
        answer: "\"members\"",
        refusals: Refusals {
            root: "unable to get local issuer certificate",
            name: Some("no alternative certificate subject name matches"),
            expired: "certificate has expired",
            intermediate: "unable to get local issuer certificate",
            certificate: "curl: (35)|curl: (52)|curl: (55)|curl: (56)",
            password: None,
        },
    });
}
