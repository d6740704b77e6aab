//! PgBouncer's client against a real bouncer before a real PostgreSQL.

use std::path::PathBuf;

use crate::{
    Client, Peer, Refusals,
    scene::{Scene, State},
    support::{
        postgresql::{as_somebody, hand_over, init, start, take_back},
        process::{Server, free_port},
        program,
    },
    try_client,
};

struct PgBouncer {
    postgresql: u16,
    _postgresql: Server,
    home: PathBuf,
}

impl Peer for PgBouncer {
    const NAME: &'static str = "pgbouncer";

    fn new(scene: &Scene) -> Self {
        let home = scene.home().join("postgresql");
        std::fs::create_dir(&home).expect("the test's directory can be written");
        let data = init(&home, "data", "CREATE ROLE app LOGIN;");
        let postgresql = free_port();
        let server = start(&home, &data, postgresql, "", "host all all all trust\n");
        take_back(&scene.home().join("pki"));
        Self {
            postgresql,
            _postgresql: server,
            home: scene.home().to_owned(),
        }
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let set = [
            format!("listen_port={port}"),
            "listen_addr=127.0.0.1".to_owned(),
            format!("auth_file={}/users", scene.home().display()),
        ];
        let mut arguments = vec!["--listener", "tls"];
        arguments.extend(set.iter().flat_map(|it| ["--set", it]));
        match mutual {
            true => arguments.extend(["--client-ca", "root"]),
            false => arguments.extend(["--set", "auth_type=trust"]),
        }
        take_back(&self.home.join("pki"));
        let text = scene.config(Self::NAME, state, &arguments);
        let databases = format!("[databases]\n* = host=127.0.0.1 port={}\n", self.postgresql);
        scene.file("users", "\"app\" \"\"\n");
        let file = scene.file(
            "pgbouncer.ini",
            &format!("{databases}{text}unix_socket_dir =\n"),
        );
        hand_over(&self.home);
        let mut command = program("pgbouncer");
        let server = Server::start(as_somebody(command.arg(file)), port);
        // The clients are run by who runs the tests, and their keys are what `certctl` made.
        take_back(&self.home.join("pki"));
        server
    }

    fn environment<'a>(&'a self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        let user = if wrong.is_some() { "other" } else { "app" };
        vec![
            ("PGUSER", user),
            ("PGDATABASE", "postgres"),
            ("HOME", "/nowhere"),
        ]
    }
}

#[test]
fn psql() {
    try_client::<PgBouncer>(&Client {
        language: "psql",
        file: "main.sh",
        build: "",
        run: "sh main.sh",
        presents: true,
        answer: "answer: 1",
        refusals: Refusals {
            root: "certificate verify failed",
            name: Some("does not match host name \"localhost\""),
            expired: "certificate verify failed",
            intermediate: "certificate verify failed",
            certificate: "alert certificate required|bad certificate|closed the connection|certificate required|TLS client certificate",
            password: Some("TLS certificate name mismatch|certificate authentication failed"),
        },
    });
}
