//! Redis' clients against a real server, and against Valkey's.

use crate::{
    Client, GO, NODE, PYTHON, Peer, Refusals, offer_libraries,
    scene::{Scene, State},
    stunnel::try_tunnel,
    support::{Run, process::Server, program},
    try_client,
};

struct Redis;

struct Valkey;

const PASSWORD: &str = "secret";

impl Peer for Redis {
    const NAME: &'static str = "redis";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        start(Self::NAME, scene, state, mutual, port)
    }

    fn environment<'a>(&self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        environment(wrong)
    }
}

impl Peer for Valkey {
    const NAME: &'static str = "valkey";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        start(Self::NAME, scene, state, mutual, port)
    }

    fn environment<'a>(&self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        environment(wrong)
    }
}

fn start(of: &str, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
    let port_setting = format!("tls-port={port}");
    let mut arguments = vec!["--set", &port_setting, "--set", "bind=127.0.0.1"];
    if !mutual {
        arguments.extend(["--set", "tls-auth-clients=no"]);
    }
    let text = scene.config(of, state, &arguments);
    let mut command = program(format!("{of}-server"));
    command.arg(scene.file(&format!("{of}.conf"), &text)).args([
        "--save",
        "",
        "--requirepass",
        PASSWORD,
    ]);
    Server::start(&mut command, port)
}

fn environment(wrong: Option<&str>) -> Vec<(&'static str, &str)> {
    let password = wrong.unwrap_or(PASSWORD);
    vec![("REDIS_PASSWORD", password), ("REDISCLI_AUTH", password)]
}

/// What the servers' own shells say.
const SHELL: Client = Client {
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
};

#[test]
fn redis_cli() {
    try_client::<Redis>(&SHELL);
}

#[test]
fn valkey_cli() {
    try_client::<Valkey>(&Client {
        language: "valkey-cli",
        ..SHELL
    });
}

#[test]
fn python() {
    let client = Client {
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
    };
    try_client::<Redis>(&client);
    try_client::<Valkey>(&client);
}

#[test]
fn node() {
    let client = Client {
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
    };
    try_client::<Redis>(&client);
    try_client::<Valkey>(&client);
}

#[test]
fn go() {
    let client = Client {
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
    };
    try_client::<Redis>(&client);
    try_client::<Valkey>(&client);
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
