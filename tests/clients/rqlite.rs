//! rqlite's clients and nodes against a stand-in for the server.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::{
    Client, GO, PYTHON, Peer, Program, Refusals,
    scene::{Scene, State},
    support::{
        Run,
        process::{Server, free_port},
        program,
    },
    try_client,
};

struct Rqlite {
    users: String,
    password: String,
}

impl Peer for Rqlite {
    const NAME: &'static str = "rqlite";

    fn new(scene: &Scene) -> Self {
        let users = ["--set", "user=app:query", "--set", "user=watcher:status"];
        let text = scene.print(&[&["config", "rqlite", "--as", "auth"], &users[..]].concat());
        let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let password = all[0]["password"].as_str().expect("a text").to_owned();
        let users = scene.file("auth.json", &text).display().to_string();
        Self { users, password }
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let address = format!("http-addr=127.0.0.1:{port}");
        let users = format!("auth={}", self.users);
        let mut arguments = vec!["--listener", "http", "--set", &address, "--set", &users];
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        Server::start(&mut rqlited(scene, state, &arguments), port)
    }

    fn environment<'a>(&'a self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        let password = wrong.unwrap_or(&self.password);
        vec![("RQLITE_USER", "app"), ("RQLITE_PASSWORD", password)]
    }
}

/// The stand-in with the flags that `certctl config` prints.
fn rqlited(scene: &Scene, state: State, arguments: &[&str]) -> Command {
    static STAND_IN: OnceLock<PathBuf> = OnceLock::new();
    let stand_in = STAND_IN.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rqlite");
        let mut build = program("go");
        build
            .args(["build", "-o"])
            .arg(directory.join("rqlited"))
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/clients/rqlite.go"
            ));
        let _ = Run::of(&mut build).expect_status(0);
        directory
    });
    let flags = [&["--as", "flags"], arguments].concat();
    let text = scene.config(Rqlite::NAME, state, &flags);
    let mut command = program("sh");
    command.args(["-c", &format!("PATH={}; exec {text}", stand_in.display())]);
    command
}

const CURL: Client = Client {
    language: "curl",
    file: "main.sh",
    build: "",
    run: "sh main.sh",
    presents: true,
    answer: r#""values":[[1]]"#,
    refusals: Refusals {
        root: "unable to get local issuer certificate",
        name: Some("no alternative certificate subject name matches target host name 'localhost'"),
        expired: "certificate has expired",
        intermediate: "unable to get local issuer certificate",
        certificate: "alert certificate required|reset by peer|Broken pipe",
        password: Some("error: 401"),
    },
};

#[test]
fn curl() {
    try_client::<Rqlite>(&CURL);
}

#[test]
fn python() {
    try_client::<Rqlite>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "'values': [[1]]",
        refusals: Refusals {
            password: Some("HTTP Error 401: Unauthorized"),
            ..PYTHON
        },
    });
}

#[test]
fn go() {
    try_client::<Rqlite>(&Client {
        language: "go",
        file: "main.go",
        build: "go build -o main main.go",
        run: "./main",
        presents: true,
        answer: r#""values":[[1]]"#,
        refusals: Refusals {
            password: Some("401 Unauthorized"),
            ..GO
        },
    });
}

/// Its shell cannot be installed by tests/run either.
#[test]
fn cli_is_well_formed() {
    let scene = Scene::new();
    let text = scene.print(&["client", "rqlite", "cli", "app"]);
    let _ = Run::of(program("sh").arg("-n").arg(scene.file("main.sh", &text))).expect_status(0);
}

#[test]
fn users_may_do_what_the_file_says() {
    let scene = Scene::new();
    let rqlite = Rqlite::new(&scene);
    let port = free_port();
    let _server = rqlite.start(&scene, State::Right, false, port);
    let curl = Program::new::<Rqlite>(&CURL, &scene, port, None);
    curl.connects(&rqlite.environment(None));
    curl.is_refused(&[], "error: 401");
    let users = std::fs::read_to_string(&rqlite.users).expect("written above");
    let users: serde_json::Value = serde_json::from_str(&users).expect("JSON");
    let watcher = users[1]["password"].as_str().expect("a text");
    let watcher = [("RQLITE_USER", "watcher"), ("RQLITE_PASSWORD", watcher)];
    curl.is_refused(&watcher, "error: 401");
}

/// A node's command, and its port for clients.
fn node(scene: &Scene, state: State, raft: u16, join: &[u16]) -> (Command, u16) {
    let port = free_port();
    let mut settings = vec![
        format!("http-addr=127.0.0.1:{port}"),
        format!("raft-addr=127.0.0.1:{raft}"),
        format!("raft-adv-addr=localhost:{raft}"),
    ];
    if !join.is_empty() {
        let addresses: Vec<_> = join
            .iter()
            .map(|port| format!("localhost:{port}"))
            .collect();
        settings.push(format!("join={}", addresses.join(",")));
    }
    let arguments: Vec<_> = settings
        .iter()
        .flat_map(|setting| ["--set", setting])
        .collect();
    (rqlited(scene, state, &arguments), port)
}

#[test]
fn three_nodes_meet_by_mutual_tls() {
    let scene = Scene::new();
    let rafts = [free_port(), free_port(), free_port()];
    let start = |name, raft, join: &[u16]| {
        let (mut command, port) = node(&scene, State::Node(name), raft, join);
        (Server::start(&mut command, port), port)
    };
    let (_first, first) = start("node1", rafts[0], &[]);
    let (_second, second) = start("node2", rafts[1], &rafts[..1]);
    let (_third, _) = start("node3", rafts[2], &rafts[..2]);
    for (port, joined) in [(first, r#"["node2","node3"]"#), (second, r#"["node3"]"#)] {
        let mut curl = program("curl");
        let trust = scene.entry("node1").join("ca.pem");
        curl.args([
            "-sS",
            &format!("https://localhost:{port}/status"),
            "--cacert",
        ])
        .arg(trust);
        assert_eq!(
            Run::of(&mut curl).stdout,
            format!("{{\"joined\":{joined}}}\n")
        );
    }
}

#[test]
fn nodes_refuse_a_wrong_one() {
    let scene = Scene::new();
    let raft = free_port();
    let (mut first, port) = node(&scene, State::Right, raft, &[]);
    let _first = Server::start(&mut first, port);
    for (state, refusal) in [
        (
            State::AnotherRoot,
            "x509: certificate signed by unknown authority",
        ),
        (
            State::AnotherName,
            "x509: certificate is valid for elsewhere, not localhost",
        ),
        (State::Expired, "remote error: tls: expired certificate"),
        // Go keeps a certificate back that leads to none of the roots that the other side names.
        (
            State::NoIntermediate,
            "remote error: tls: certificate required",
        ),
        (
            State::Node("app"),
            "x509: certificate specifies an incompatible key usage",
        ),
    ] {
        let (mut command, _) = node(&scene, state, free_port(), &[raft]);
        let run = Run::of(&mut command).expect_status(1);
        assert!(run.stderr.contains(refusal), "{state:?}: {run:#?}");
    }
}
