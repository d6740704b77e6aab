//! `certctl prove`: what it says of pairs is what OpenSSL does with the same files at both ends.

#[path = "support/mod.rs"]
mod support;

use std::{fs, path::PathBuf, time::Instant};

use serde_json::Value;
use support::{
    Certctl, Run,
    process::{Server, free_port},
    program,
};

/// Two nodes, a server and a client below one root; what a test breaks of it.
struct Scene(Certctl);

impl Scene {
    fn new() -> Self {
        let scene = Self(Certctl::new());
        scene.run(&["issue", "node1", "node2", "--init"]);
        scene.run(&["issue", "web", "--profile", "server"]);
        scene.run(&["issue", "app", "--profile", "client"]);
        scene
    }

    fn run(&self, arguments: &[&str]) {
        drop(self.0.run(arguments).expect_status(0));
    }

    fn of(&self, name: &str, file: &str) -> PathBuf {
        self.0.pki(format!("certs/{name}/{file}"))
    }

    #[track_caller]
    fn prove(&self, arguments: &[&str]) -> Value {
        let run = self.0.run(&[&["--json", "prove"], arguments].concat());
        let document: Value =
            serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
        let status = if document["findings"].as_array().is_some_and(Vec::is_empty) {
            0
        } else {
            3
        };
        drop(run.expect_status(status));
        document
    }

    /// Whether OpenSSL connects with these two, each asking the other for a certificate.
    fn openssl(&self, client: &str, server: &str) -> bool {
        let port = free_port();
        let mut listening = program("openssl");
        listening.args([
            "s_server",
            "-www",
            "-Verify",
            "5",
            "-verify_return_error",
            "-accept",
        ]);
        listening.arg(format!("127.0.0.1:{port}"));
        self.add_files(&mut listening, server);
        let _server = Server::start(&mut listening, port);
        let mut dialling = program("openssl");
        dialling.args([
            "s_client",
            "-ign_eof",
            "-verify_return_error",
            "-connect",
            &format!("127.0.0.1:{port}"),
        ]);
        self.add_files(&mut dialling, client);
        dialling.args(["-verify_hostname", server]);
        // What the server thinks of the client comes with its answer.
        let run = Run::with_input(&mut dialling, "GET / HTTP/1.0\r\n\r\n");
        run.stdout.contains("HTTP/1.0 200")
    }

    fn add_files(&self, command: &mut std::process::Command, name: &str) {
        let text = fs::read_to_string(self.of(name, "cert.pem")).expect("issued");
        let end = "-----END CERTIFICATE-----\n";
        let rest = text.split_inclusive(end).skip(1).collect::<String>();
        command.arg("-cert").arg(self.of(name, "cert.pem"));
        command.arg("-key").arg(self.of(name, "key.pem"));
        command.arg("-CAfile").arg(self.of(name, "ca.pem"));
        if !rest.is_empty() {
            let path = self.0.home().join(format!("{name}-rest.pem"));
            fs::write(&path, rest).expect("the test's directory can be written");
            command.arg("-cert_chain").arg(path);
        }
    }
}

/// Whether a refusal of these two, in either role, is told.
fn refuses(document: &Value, client: &str, server: &str) -> bool {
    let refusals = document["refusals"].as_array().expect("a list").iter();
    let is_by = |it: &Value, name: &str| {
        it["by"]
            .as_array()
            .is_some_and(|by| by.iter().any(|it| it == name))
    };
    refusals.into_iter().any(|it| {
        let is = |refused: &str, role: &str, by: &str| {
            it["name"] == refused && it["role"] == role && is_by(it, by)
        };
        is(client, "client", server) || is(server, "server", client)
    })
}

fn codes(document: &Value) -> Vec<&str> {
    let findings = document["findings"].as_array().expect("a list").iter();
    let mut codes: Vec<_> = findings.filter_map(|it| it["code"].as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

const PAIRS: [(&str, &str); 5] = [
    ("node1", "node2"),
    ("node2", "node1"),
    ("node1", "web"),
    ("app", "node1"),
    ("app", "web"),
];

/// Each breaks something; the code that is told then.
#[test]
fn openssl_says_the_same_of_every_pair() {
    type Break = fn(&Scene);
    let table: [(&str, Break, &[&str]); 5] = [
        ("nothing", |_| {}, &[]),
        (
            "the trust of another root",
            |scene| {
                scene.run(&["--dir", "strange", "issue", "node1", "--init"]);
                let strange = scene.0.home().join("strange/certs/node1/ca.pem");
                fs::copy(strange, scene.of("node2", "ca.pem")).expect("issued");
            },
            &["issuer-unknown"],
        ),
        (
            "an intermediate that is missing",
            |scene| {
                let path = scene.of("app", "cert.pem");
                let text = fs::read_to_string(&path).expect("issued");
                let end = "-----END CERTIFICATE-----\n";
                let leaf = text.split_inclusive(end).next().expect("a leaf");
                fs::write(path, leaf).expect("it is ours");
            },
            &["issuer-unknown"],
        ),
        (
            "a server as a node",
            |scene| {
                for file in ["cert.pem", "key.pem"] {
                    fs::copy(scene.of("web", file), scene.of("node2", file)).expect("issued");
                }
            },
            &["purpose"],
        ),
        (
            "another root's node",
            |scene| {
                scene.run(&["--dir", "strange", "issue", "node2", "--init"]);
                for file in ["cert.pem", "key.pem"] {
                    let strange = scene.0.home().join("strange/certs/node2").join(file);
                    fs::copy(strange, scene.of("node2", file)).expect("issued");
                }
            },
            &["issuer-unknown"],
        ),
    ];
    for (what, spoil, expected) in table {
        let scene = Scene::new();
        spoil(&scene);
        let document = scene.prove(&[]);
        assert_eq!(codes(&document), expected, "{what}: {document:#}");
        for (client, server) in PAIRS {
            // OpenSSL is asked for the name too, which the copied certificate does not have.
            if what == "a server as a node" && server == "node2" {
                continue;
            }
            let connects = !refuses(&document, client, server);
            assert_eq!(
                connects,
                scene.openssl(client, server),
                "{what}: {client} to {server}: {document:#}"
            );
        }
    }
}

#[test]
fn what_ends_is_told_of_its_time() {
    let certctl = Certctl::at("2030-01-01T00:00:00Z");
    drop(certctl.run(&["issue", "node1", "--init"]).expect_status(0));
    drop(
        certctl
            .run(&["issue", "node2", "--days", "10"])
            .expect_status(0),
    );
    let run = |now: &str| {
        let mut command = certctl.command(&["--json", "prove"]);
        let run = Run::of(command.env("CERTCTL_NOW", now));
        serde_json::from_str::<Value>(&run.stdout).expect("a document")
    };
    assert!(codes(&run("2030-01-02T00:00:00Z")).is_empty());
    let late = run("2030-02-01T00:00:00Z");
    assert_eq!(codes(&late), ["expired"]);
    assert!(refuses(&late, "node1", "node2") && refuses(&late, "node2", "node1"));
    assert_eq!((&late["pairs"], &late["connect"]), (&2.into(), &0.into()));
}

/// RethinkDB before 2.4.3 sends its first certificate alone, so that its nodes trust the intermediates themselves.
#[test]
fn what_a_server_sends_counts() {
    let scene = Scene::new();
    for (server, expected) in [
        ("rethinkdb@2.4.2", &["served-chain-incomplete"][..]),
        ("rethinkdb@2.4.3", &[]),
        ("rethinkdb", &[]),
        ("redis", &[]),
    ] {
        let document = scene.prove(&["--for", server]);
        assert_eq!(codes(&document), expected, "{server}: {document:#}");
        assert_eq!(
            refuses(&document, "app", "node1"),
            !expected.is_empty(),
            "{server}"
        );
        assert!(!refuses(&document, "node2", "node1"), "{server}");
    }
    scene.run(&[
        "issue",
        "nameless",
        "--no-name-san",
        "--san",
        "URI:urn:node",
    ]);
    let names = ["node1", "nameless"];
    assert_eq!(
        codes(&scene.prove(&[&names[..], &["--for", "rqlite"]].concat())),
        ["host"]
    );
    // Its nodes look at no names.
    assert!(codes(&scene.prove(&[&names[..], &["--for", "rethinkdb"]].concat())).is_empty());
}

#[test]
fn a_matrix_is_printed() {
    let scene = Scene::new();
    let run = scene.0.run(&["prove"]).expect_status(0);
    assert_eq!(
        run.stdout,
        "from \\ to  node1  node2  web\n\
         app        ok     ok     ok\n\
         node1      -      ok     ok\n\
         node2      ok     -      ok\n\n\
         7 of 7 pairs connect; 4 handshakes made\n"
    );
}

#[test]
fn mistakes_are_told() {
    let scene = Scene::new();
    scene.run(&["issue", "other", "--profile", "client"]);
    for (arguments, status, expected) in [
        (&["nobody", "node1", "noone"][..], 1, "no entry `noone`"),
        (&["app", "other"], 1, "no two entries"),
        (&["--for", "nobody"], 2, "nobody"),
        (&["--for", "redis@new"], 2, "version"),
    ] {
        let run = scene
            .0
            .run(&[&["prove"], arguments].concat())
            .expect_status(status);
        assert!(
            run.stderr.contains(expected),
            "{arguments:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_thousand_nodes_take_seconds() {
    let certctl = Certctl::in_memory();
    drop(
        certctl
            .run(&["issue", "node{1..1000}", "--init", "-q"])
            .expect_status(0),
    );
    let began = Instant::now();
    let run = certctl.run(&["--json", "prove"]).expect_status(0);
    let took = began.elapsed();
    let document: Value = serde_json::from_str(&run.stdout).expect("a document");
    assert_eq!(
        (&document["pairs"], &document["connect"]),
        (&999_000.into(), &999_000.into())
    );
    // Ten for a release; this is none, and others are at work beside it.
    assert!(took.as_secs() < 60, "{took:?}");
}
