//! rqlite's clients and nodes against rqlited.

use std::{fs, process::Command};

use crate::{
    Client, GO, PYTHON, Peer, Program, Refusals,
    scene::{Scene, State},
    support::{
        Run,
        process::{Server, free_port, until},
        program,
    },
    try_client,
};

/// As [`Peer::new`] has them printed; the shell has each statement run by what may ask and change.
const USERS: [&str; 3] = [
    "user=app:query,execute",
    "user=reader:query",
    "user=watcher:status",
];

struct Rqlite {
    /// The file with users.
    auth: String,
    /// Their passwords, in the order of [`USERS`].
    passwords: Vec<String>,
}

impl Peer for Rqlite {
    const NAME: &'static str = "rqlite";

    fn new(scene: &Scene) -> Self {
        let users = USERS.iter().flat_map(|user| ["--set", user]);
        let words: Vec<_> = ["config", "rqlite", "--as", "auth"]
            .into_iter()
            .chain(users)
            .collect();
        let text = scene.print(&words);
        let all: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
        let password = |user: &serde_json::Value| user["password"].as_str().map(str::to_owned);
        let passwords = all.iter().filter_map(password).collect();
        let auth = scene.file("auth.json", &text).display().to_string();
        Self { auth, passwords }
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let raft = free_port();
        let set = [
            format!("http-addr=127.0.0.1:{port}"),
            format!("raft-addr=127.0.0.1:{raft}"),
            format!("data={}", data(scene, raft)),
            format!("auth={}", self.auth),
        ];
        let mut arguments = vec!["--listener", "http"];
        arguments.extend(set.iter().flat_map(|set| ["--set", set]));
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let server = Server::start(&mut rqlited(scene, state, &arguments), port);
        until_it_leads(scene, raft);
        server
    }

    fn environment<'a>(&'a self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        let password = wrong.unwrap_or(&self.passwords[0]);
        vec![("RQLITE_USER", "app"), ("RQLITE_PASSWORD", password)]
    }
}

/// Where a node keeps its data.
fn data(scene: &Scene, raft: u16) -> String {
    let path = scene.home().join(format!("data.{raft}"));
    path.display().to_string()
}

/// What rqlited says.
fn log(scene: &Scene, raft: u16) -> String {
    fs::read_to_string(data(scene, raft) + ".log").unwrap_or_default()
}

fn until_it_leads(scene: &Scene, raft: u16) {
    until("it has a leader", || {
        log(scene, raft).contains("is now Leader")
    });
}

/// rqlited with the flags that `certctl config` prints.
fn rqlited(scene: &Scene, state: State, arguments: &[&str]) -> Command {
    let flags = [&["--as", "flags", "--server-version", "8.43.4"], arguments].concat();
    let text = scene.config(Rqlite::NAME, state, &flags);
    let (_, data) = text
        .trim_end()
        .rsplit_once(' ')
        .expect("it ends with the data's path");
    // Who is not let in tries no longer than it takes to say why.
    let text = text.replacen(
        "rqlited",
        "rqlited -join-attempts 2 -join-interval 200ms",
        1,
    );
    let mut command = program("sh");
    command.args(["-c", &format!("exec {} 2>{data}.log", text.trim_end())]);
    command
}

/// A question over HTTPS, whatever certificate is shown.
fn ask(port: u16, path: &str) -> Run {
    let mut curl = program("curl");
    curl.args(["--silent", "--insecure", "--fail"]);
    Run::of(curl.arg(format!("https://localhost:{port}{path}")))
}

fn is_ready(port: u16) -> bool {
    ask(port, "/readyz").status == Some(0)
}

const CURL: Client = Client {
    language: "curl",
    file: "main.sh",
    build: "",
    run: "sh main.sh",
    presents: true,
    answer: r#""values": ["#,
    refusals: Refusals {
        root: "unable to get local issuer certificate",
        name: Some("no alternative certificate subject name matches target host name 'localhost'"),
        expired: "certificate has expired",
        intermediate: "unable to get local issuer certificate",
        certificate: "alert certificate required|reset by peer|Broken pipe|getpeername() failed",
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

#[test]
fn cli() {
    try_client::<Rqlite>(&Client {
        language: "cli",
        file: "main.sh",
        build: "",
        run: "sh main.sh",
        presents: true,
        answer: "| 1 |",
        refusals: Refusals {
            password: Some("401 Unauthorized"),
            ..GO
        },
    });
}

#[test]
fn users_may_do_what_the_file_says() {
    let scene = Scene::new();
    let rqlite = Rqlite::new(&scene);
    let port = free_port();
    let _server = rqlite.start(&scene, State::Right, false, port);
    let curl = Program::new::<Rqlite>(&CURL, &scene, port, None);
    curl.is_refused(&[], "error: 401");
    let user = |index: usize, name| {
        let password = rqlite.passwords[index].as_str();
        [("RQLITE_USER", name), ("RQLITE_PASSWORD", password)]
    };
    curl.connects(&user(0, "app"));
    curl.connects(&user(1, "reader"));
    curl.is_refused(&user(2, "watcher"), "error: 401");
}

/// A node's command, and its port for clients.
fn node(scene: &Scene, state: State, raft: u16, join: Option<u16>) -> (Command, u16) {
    let port = free_port();
    let mut set = vec![
        format!("http-addr=127.0.0.1:{port}"),
        format!("http-adv-addr=localhost:{port}"),
        format!("raft-addr=127.0.0.1:{raft}"),
        format!("raft-adv-addr=localhost:{raft}"),
        format!("data={}", data(scene, raft)),
    ];
    set.extend(join.map(|port| format!("join=localhost:{port}")));
    let arguments: Vec<_> = set.iter().flat_map(|set| ["--set", set]).collect();
    (rqlited(scene, state, &arguments), port)
}

fn first(scene: &Scene, raft: u16) -> (Server, u16) {
    let (mut command, port) = node(scene, State::Right, raft, None);
    let server = Server::start(&mut command, port);
    until_it_leads(scene, raft);
    (server, port)
}

#[test]
fn three_nodes_meet_by_mutual_tls() {
    let scene = Scene::new();
    let raft = free_port();
    let (_first, port) = first(&scene, raft);
    let others: Vec<_> = ["node2", "node3"]
        .map(|name| {
            let (mut command, port) = node(&scene, State::Node(name), free_port(), Some(raft));
            (Server::start(&mut command, port), port)
        })
        .into();
    for (_, other) in &others {
        until("it knows the leader", || is_ready(*other));
    }
    let mut write = program("curl");
    write.args([
        "--silent",
        "--insecure",
        "--data",
        r#"["CREATE TABLE t (a)"]"#,
    ]);
    write.args(["--header", "Content-Type: application/json"]);
    let written = Run::of(write.arg(format!("https://localhost:{port}/db/execute")));
    assert!(!written.stdout.contains("error"), "{written:#?}");
    for (_, other) in &others {
        let query = "/db/query?level=none&q=SELECT+name+FROM+sqlite_master";
        until("it has what the first was told", || {
            ask(*other, query).stdout.contains(r#"[["t"]]"#)
        });
    }
}

#[test]
fn a_new_certificate_is_shown_without_a_restart() {
    let scene = Scene::new();
    let (_server, port) = first(&scene, free_port());
    let serial = || {
        let mut client = program("openssl");
        client.args(["s_client", "-connect", &format!("localhost:{port}")]);
        let shown = Run::with_input(&mut client, "").stdout;
        let mut x509 = program("openssl");
        Run::with_input(x509.args(["x509", "-noout", "-serial"]), &shown).stdout
    };
    let old = serial();
    assert!(old.starts_with("serial="), "{old}");
    scene.print(&["renew", "node1", "--force"]);
    // It looks at the files' times again after a second.
    until("the new one is shown", || {
        let new = serial();
        new.starts_with("serial=") && new != old
    });
}

#[test]
fn nodes_refuse_a_wrong_one() {
    let scene = Scene::new();
    let raft = free_port();
    let _first = first(&scene, raft);
    for (state, refusal) in [
        (
            State::AnotherRoot,
            "x509: certificate signed by unknown authority",
        ),
        // Whoever is refused while it writes may never read why.
        (
            State::Expired,
            "remote error: tls: expired certificate|broken pipe|connection reset",
        ),
        // Go keeps a certificate back that leads to none of the roots that the other side names.
        (
            State::NoIntermediate,
            "remote error: tls: certificate required|remote error: tls: unknown certificate authority|broken pipe|\
             connection reset",
        ),
    ] {
        let own = free_port();
        let _ = Run::of(&mut node(&scene, state, own, Some(raft)).0).expect_status(1);
        let said = log(&scene, own);
        let mut words = refusal.split('|');
        assert!(words.any(|words| said.contains(words)), "{state:?}: {said}");
    }
}

/// Who is good for dialling is let in, and then dialled back.
#[test]
fn a_node_that_cannot_be_dialled_back_has_no_leader() {
    let scene = Scene::new();
    for (state, refusal) in [
        (
            State::AnotherName,
            "x509: certificate is valid for elsewhere, not localhost",
        ),
        (
            State::Node("app"),
            "x509: certificate specifies an incompatible key usage",
        ),
    ] {
        let raft = free_port();
        let _first = first(&scene, raft);
        let (mut command, port) = node(&scene, state, free_port(), Some(raft));
        let _wrong = Server::start(&mut command, port);
        until("the first says why", || log(&scene, raft).contains(refusal));
        assert!(!is_ready(port), "{state:?}");
    }
}
