//! MariaDB's clients against a real server.

use crate::{
    Client, GO, JAVA, NODE, PYTHON, Peer, Refusals, offer_libraries,
    scene::{Scene, State},
    support::{Run, process::Server, program},
    try_client,
};

struct MariaDb;

const PASSWORD: &str = "secret";

impl Peer for MariaDb {
    const NAME: &'static str = "mariadb";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        let mut install = program("mariadb-install-db");
        install.args(["--no-defaults", "--user=root", "--skip-test-db"]);
        install.arg("--auth-root-authentication-method=normal");
        install.arg(format!("--datadir={}/data", scene.home().display()));
        drop(Run::of(&mut install).expect_status(0));
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let home = scene.home().display();
        let client_ca: &[&str] = if mutual {
            &["--client-ca", "root"]
        } else {
            &[]
        };
        let text = scene.config(Self::NAME, state, client_ca);
        // Who must show a certificate is said of users.
        let require = if mutual { "X509" } else { "SSL" };
        let sql =
            format!("CREATE OR REPLACE USER me IDENTIFIED BY '{PASSWORD}' REQUIRE {require};\n");
        let init = scene.file("init.sql", &sql);
        let file = scene.file("my.cnf", &text);
        let mut command = program("mariadbd");
        command.arg(format!("--defaults-file={}", file.display()));
        command.args(["--user=root", "--bind-address=127.0.0.1"]);
        command.arg(format!("--datadir={home}/data"));
        command.arg(format!("--socket={home}/socket"));
        command.arg(format!("--pid-file={home}/pid"));
        command.arg(format!("--init-file={}", init.display()));
        Server::start(command.arg(format!("--port={port}")), port)
    }

    fn environment<'a>(&self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        let password = wrong.unwrap_or(PASSWORD);
        vec![
            ("MARIADB_USER", "me"),
            ("MARIADB_PASSWORD", password),
            ("MYSQL_PWD", password),
        ]
    }
}

#[test]
fn mariadb() {
    try_client::<MariaDb>(&Client {
        language: "mariadb",
        file: "ask",
        build: "",
        run: "sh ask",
        presents: true,
        answer: "answer\t1",
        refusals: Refusals {
            root: "self-signed certificate in certificate chain|unable to get local issuer certificate",
            name: Some("Validation of SSL server certificate failed|certificate"),
            expired: "certificate has expired",
            intermediate: "unable to get local issuer certificate|unable to verify",
            certificate: "Access denied",
            password: Some("Access denied"),
        },
    });
}

#[test]
fn python() {
    try_client::<MariaDb>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "answer: 1",
        refusals: Refusals {
            certificate: "Access denied",
            password: Some("Access denied"),
            ..PYTHON
        },
    });
}

#[test]
fn node() {
    try_client::<MariaDb>(&Client {
        language: "node",
        file: "main.js",
        build: "",
        run: "node main.js",
        presents: true,
        answer: "answer: 1",
        refusals: Refusals {
            certificate: "Access denied",
            password: Some("Access denied"),
            ..NODE
        },
    });
}

#[test]
fn java() {
    try_client::<MariaDb>(&Client {
        language: "java",
        file: "Main.java",
        build: "javac -cp PEERS/java/* Main.java",
        run: "java -XX:TieredStopAtLevel=1 -cp PEERS/java/*:. Main",
        presents: true,
        answer: "answer: 1",
        refusals: Refusals {
            name: Some("DNS host \"localhost\" doesn't correspond to certificate"),
            certificate: "Access denied",
            password: Some("Access denied"),
            ..JAVA
        },
    });
}

#[test]
fn go() {
    try_client::<MariaDb>(&Client {
        language: "go",
        file: "main.go",
        build: "go build -modfile=PEERS/go/go.mod -o main main.go",
        run: "./main",
        presents: true,
        answer: "answer: 1",
        refusals: Refusals {
            certificate: "Access denied",
            password: Some("Access denied"),
            ..GO
        },
    });
}
