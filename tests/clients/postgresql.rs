//! PostgreSQL's clients against a real server.

use std::path::PathBuf;

use crate::{
    Client, GO, JAVA, NODE, Peer, Refusals, offer_libraries,
    scene::{Scene, State},
    support::{
        postgresql::{init, start, take_back},
        process::Server,
    },
    try_client,
};

struct Postgresql {
    data: PathBuf,
}

const ROLES: &str = "CREATE ROLE app LOGIN; CREATE ROLE other LOGIN;";

impl Peer for Postgresql {
    const NAME: &'static str = "postgresql";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        let data = init(scene.home(), "data", ROLES);
        take_back(scene.home());
        Self { data }
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        take_back(scene.home());
        let own: &[&str] = match mutual {
            true => &["--client-ca", "root"],
            false => &[],
        };
        let settings = scene.config(Self::NAME, state, own);
        let rules = match mutual {
            true => scene.config(
                Self::NAME,
                State::Right,
                &["--as", "hba", "--client-ca", "root"],
            ),
            false => String::from("hostssl all all all trust\n"),
        };
        let server = start(scene.home(), &self.data, port, &settings, &rules);
        // The clients are run by who runs the tests, and their keys are what `certctl` made.
        take_back(&scene.home().join("pki"));
        server
    }

    fn environment<'a>(&'a self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        // Who a client is says its certificate: as another it is refused.
        let user = if wrong.is_some() { "other" } else { "app" };
        vec![
            ("PGUSER", user),
            ("PGDATABASE", "postgres"),
            ("HOME", "/nowhere"),
        ]
    }
}

/// What the server says of who shows no certificate, and of who would be another.
const REFUSALS: Refusals = Refusals {
    root: "certificate verify failed",
    name: Some("does not match host name \"localhost\""),
    expired: "certificate verify failed",
    intermediate: "certificate verify failed",
    certificate: "requires a valid client certificate",
    password: Some("certificate authentication failed"),
};

#[test]
fn psql() {
    try_client::<Postgresql>(&Client {
        language: "psql",
        file: "main.sh",
        build: "",
        run: "sh main.sh",
        presents: true,
        answer: "answer: 1",
        refusals: REFUSALS,
    });
}

#[test]
fn uri() {
    try_client::<Postgresql>(&Client {
        language: "uri",
        file: "main.uri",
        build: "",
        run: "xargs -a main.uri psql --no-psqlrc --no-password --tuples-only --command=SELECT('answer:'||1)",
        presents: true,
        answer: "answer:1",
        refusals: REFUSALS,
    });
}

#[test]
fn python() {
    try_client::<Postgresql>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "answer: 1",
        refusals: REFUSALS,
    });
}

#[test]
fn node() {
    try_client::<Postgresql>(&Client {
        language: "node",
        file: "main.js",
        build: "",
        run: "node main.js",
        presents: true,
        answer: "answer: 1",
        refusals: Refusals {
            certificate: REFUSALS.certificate,
            password: REFUSALS.password,
            ..NODE
        },
    });
}

#[test]
fn go() {
    try_client::<Postgresql>(&Client {
        language: "go",
        file: "main.go",
        build: "go build -modfile=PEERS/go/go.mod -o main main.go",
        run: "./main",
        presents: true,
        answer: "answer: 1",
        refusals: Refusals {
            certificate: REFUSALS.certificate,
            password: REFUSALS.password,
            ..GO
        },
    });
}

#[test]
fn rust() {
    try_client::<Postgresql>(&Client {
        language: "rust",
        file: "main.rs",
        build: "rustc --edition 2024 @PEERS/rust/arguments main.rs",
        run: "./main",
        presents: true,
        answer: "answer: 1",
        refusals: Refusals {
            root: "invalid peer certificate: UnknownIssuer",
            name: Some("certificate not valid for name"),
            expired: "certificate expired",
            intermediate: "invalid peer certificate: UnknownIssuer",
            certificate: REFUSALS.certificate,
            password: REFUSALS.password,
        },
    });
}

#[test]
fn java() {
    try_client::<Postgresql>(&Client {
        language: "java",
        file: "Main.java",
        build: "javac -cp PEERS/java/* Main.java",
        run: "java -XX:TieredStopAtLevel=1 -cp PEERS/java/*:. Main",
        presents: true,
        answer: "answer: 1",
        refusals: Refusals {
            name: Some("hostname localhost could not be verified"),
            certificate: REFUSALS.certificate,
            password: REFUSALS.password,
            ..JAVA
        },
    });
}
