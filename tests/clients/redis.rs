//! Redis' clients against a real server.

use crate::{
    Client, GO, NODE, PYTHON, Peer, Refusals, offer_libraries,
    scene::{Scene, State},
    stunnel::try_tunnel,
    support::{Run, process::Server, program},
    try_client,
};

struct Redis;

const PASSWORD: &str = "secret";

impl Peer for Redis {
    const NAME: &'static str = "redis";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let port_setting = format!("tls-port={port}");
        let mut arguments = vec!["--set", &port_setting, "--set", "bind=127.0.0.1"];
        if !mutual {
            arguments.extend(["--set", "tls-auth-clients=no"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let mut command = program("redis-server");
        command.arg(scene.file("redis.conf", &text)).args([
            "--save",
            "",
            "--requirepass",
            PASSWORD,
        ]);
        Server::start(&mut command, port)
    }

    fn environment<'a>(&self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        let password = wrong.unwrap_or(PASSWORD);
        vec![("REDIS_PASSWORD", password), ("REDISCLI_AUTH", password)]
    }
}

#[test]
fn redis_cli() {
    try_client::<Redis>(&Client {
        language: "redis-cli",
        file: "main.sh",
        build: "",
        run: "sh main.sh",
        presents: true,
        answer: "PONG",
        refusals: Refusals {
            root: "certificate verify failed",
            name: None,
            expired: "certificate verify failed",
            intermediate: "certificate verify failed",
            certificate: "certificate required|Server closed the connection|reset by peer",
            password: Some("WRONGPASS"),
        },
    });
}

#[test]
fn python() {
    try_client::<Redis>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "answer: True",
        refusals: Refusals {
            password: Some("AuthenticationError"),
            ..PYTHON
        },
    });
}

#[test]
fn node() {
    try_client::<Redis>(&Client {
        language: "node",
        file: "main.js",
        build: "",
        run: "node main.js",
        presents: true,
        answer: "answer: PONG",
        refusals: Refusals {
            password: Some("WRONGPASS"),
            ..NODE
        },
    });
}

#[test]
fn go() {
    try_client::<Redis>(&Client {
        language: "go",
        file: "main.go",
        build: "go build -modfile=PEERS/go/go.mod -o main main.go",
        run: "./main",
        presents: true,
        answer: "answer: PONG",
        refusals: Refusals {
            password: Some("WRONGPASS"),
            ..GO
        },
    });
}

/// Redis Enterprise is closed; its stunnel does not mind what is behind it.
#[test]
fn stunnel_of_redis_enterprise() {
    try_tunnel::<Redis>("redis-enterprise", |_, peer, port| {
        let mut command = program("redis-cli");
        command
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "PING"])
            .envs(peer.environment(None));
        Run::of(&mut command).stdout.contains("PONG")
    });
}
