//! The programs that `certctl client` prints, unchanged: they reach the right server, and refuse a wrong one.
//!
//! Each server has a file here: how it starts with what `certctl config` prints, and a test for each program.
//! Where tests/run cannot install a server, a stand-in beside that file takes its place.

mod cassandra;
mod emqx;
mod etcd;
mod kafka;
mod mariadb;
mod memcached;
mod mongodb;
mod mosquitto;
mod nats;
mod openbao;
mod opensearch;
mod patroni;
mod pgbouncer;
mod postgresql;
mod rabbitmq;
mod redis;
mod rethinkdb;
mod rqlite;
mod scene;
mod stunnel;
#[path = "../support/mod.rs"]
mod support;

use std::{fs, os::unix::fs::symlink, path::PathBuf};

use scene::{Scene, State};
use support::{
    Run, peers,
    process::{Server, free_port},
    program,
};

/// A server for programs to connect to.
trait Peer {
    /// What `certctl` calls it.
    const NAME: &'static str;
    /// Whether it can do without clients' certificates.
    const LENIENT: bool = true;

    fn new(scene: &Scene) -> Self;

    /// Starts it with what `certctl config` prints; `mutual` where it asks for certificates.
    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server;

    /// The variables from which programs take its user and password, where it has one; or a wrong password.
    fn environment<'a>(&'a self, _wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        Vec::new()
    }
}

/// A program, and what it says.
struct Client {
    language: &'static str,
    file: &'static str,
    /// Compiles it, where it needs that; `PEERS` stands for where tests/run installs libraries.
    build: &'static str,
    run: &'static str,
    /// Whether it can present a certificate.
    presents: bool,
    answer: &'static str,
    refusals: Refusals,
}

/// What a program says where it does not connect; `|` stands between words of which one is enough.
struct Refusals {
    root: &'static str,
    /// None for programs that compare no names, and connect.
    name: Option<&'static str>,
    expired: &'static str,
    intermediate: &'static str,
    /// Under TLS 1.3 the server says no after the handshake. A program that is writing by then may see no more
    /// than a closed connection.
    certificate: &'static str,
    /// None where there are no users.
    password: Option<&'static str>,
}

const GO: Refusals = Refusals {
    root: "x509: certificate signed by unknown authority",
    name: Some("x509: certificate is valid for elsewhere, not localhost"),
    expired: "x509: certificate has expired",
    intermediate: "x509: certificate signed by unknown authority",
    certificate: "tls: certificate required|tls: bad certificate|connection reset|broken pipe|http2: client conn could not be",
    password: None,
};

const JAVA: Refusals = Refusals {
    root: "unable to find valid certification path",
    name: Some("No subject alternative DNS name matching localhost found"),
    expired: "CertificateExpiredException",
    intermediate: "unable to find valid certification path",
    certificate: "certificate_required|reset|closed|Broken pipe",
    password: None,
};

const NODE: Refusals = Refusals {
    root: "unable to get local issuer certificate",
    name: Some("localhost. is not in the cert's altnames: DNS:elsewhere"),
    expired: "certificate has expired",
    intermediate: "unable to verify the first certificate",
    certificate: "alert certificate required|ECONNRESET|EPIPE|closed",
    password: None,
};

const PYTHON: Refusals = Refusals {
    root: "unable to get local issuer certificate",
    name: Some("certificate is not valid for 'localhost'"),
    expired: "certificate has expired",
    intermediate: "unable to get local issuer certificate",
    certificate: "alert certificate required|EOF occurred|reset by peer|Broken pipe",
    password: None,
};

/// Runs a program against its server in every state.
fn try_client<P: Peer>(client: &Client) {
    let scene = Scene::new();
    let peer = P::new(&scene);
    let port = free_port();
    let plain = Program::new::<P>(client, &scene, port, None);
    let own = match client.presents {
        true => &Program::new::<P>(client, &scene, port, Some("app")),
        false => &plain,
    };
    let environment = peer.environment(None);
    let refusals = &client.refusals;

    own.finds_nobody(&environment);
    let server = peer.start(&scene, State::Right, client.presents, port);
    own.connects(&environment);
    if let Some(refusal) = refusals.password {
        own.is_refused(&peer.environment(Some("wrong")), refusal);
    }
    drop(server);
    for (state, refusal) in [
        (State::AnotherRoot, Some(refusals.root)),
        (State::AnotherName, refusals.name),
        (State::Expired, Some(refusals.expired)),
        (State::NoIntermediate, Some(refusals.intermediate)),
    ] {
        let _server = peer.start(&scene, state, client.presents, port);
        match refusal {
            Some(refusal) => own.is_refused(&environment, refusal),
            None => own.connects(&environment),
        }
    }
    let server = peer.start(&scene, State::Right, true, port);
    plain.is_refused(&environment, refusals.certificate);
    drop(server);
    if P::LENIENT {
        let _server = peer.start(&scene, State::Right, false, port);
        plain.connects(&environment);
    }
}

/// The exit code of `timeout`.
const TIMED_OUT: Option<i32> = Some(124);

/// A program in a directory of its own.
struct Program<'a> {
    client: &'a Client,
    directory: PathBuf,
}

impl<'a> Program<'a> {
    /// Prints and compiles it; it presents the entry.
    fn new<P: Peer>(client: &'a Client, scene: &Scene, port: u16, entry: Option<&str>) -> Self {
        let port = port.to_string();
        let words = ["client", P::NAME, client.language, "--port", &port];
        let text = scene.print(&[&words, entry.as_slice()].concat());
        let directory = scene.home().join(entry.unwrap_or("plain"));
        fs::create_dir(&directory).expect("the test's directory can be written");
        fs::write(directory.join(client.file), text).expect("the test's directory can be written");
        let program = Self { client, directory };
        if !client.build.is_empty() {
            let _ = program.run(client.build, &[]).expect_status(0);
        }
        program
    }

    fn run(&self, words: &str, environment: &[(&str, &str)]) -> Run {
        let libraries = peers().display().to_string();
        // Some libraries wait for ever where a handshake goes wrong in a way that nobody thought of.
        let mut command = program("timeout");
        command
            .arg("60")
            .args(
                words
                    .split(' ')
                    .map(|word| word.replace("PEERS", &libraries)),
            )
            .current_dir(&self.directory)
            .env("GOMODCACHE", peers().join("go/cache"))
            .env("GOPROXY", "off")
            .envs(environment.iter().copied());
        Run::of(&mut command)
    }

    #[track_caller]
    fn connects(&self, environment: &[(&str, &str)]) {
        let run = self.run(self.client.run, environment).expect_status(0);
        assert!(run.stdout.contains(self.client.answer), "{run:#?}");
    }

    /// Nobody listens: it says so in one line, and not as if it had worked.
    #[track_caller]
    fn finds_nobody(&self, environment: &[(&str, &str)]) {
        let run = self.run(self.client.run, environment);
        assert!(![Some(0), TIMED_OUT].contains(&run.status), "{run:#?}");
        let all = format!("{}{}", run.stdout, run.stderr);
        // A library that the user brings along says so each time, whatever comes of the connection.
        // libpq says why for each address, and what that may mean; etcdctl logs how often it has tried.
        let others = ["SLF4J: ", "\t", "connection to server at", r#"{"level":"#];
        let is_own = |line: &&str| !others.iter().any(|it| line.starts_with(it));
        let said = all.lines().filter(is_own);
        let said: Vec<_> = said.collect();
        assert_eq!(said.len(), 1, "{run:#?}");
        let reason = said[0].to_ascii_lowercase();
        let words = [
            "refused",
            "can't connect",
            "couldn't connect",
            "connect call failed",
            "no servers available",
            "timed out waiting for a node",
            "context deadline exceeded",
            "is it running?",
        ];
        assert!(words.iter().any(|it| reason.contains(it)), "{run:#?}");
    }

    #[track_caller]
    fn is_refused(&self, environment: &[(&str, &str)], refusal: &str) {
        let run = self.run(self.client.run, environment);
        assert_ne!(run.status, TIMED_OUT, "{run:#?}");
        assert!(!run.stdout.contains(self.client.answer), "{run:#?}");
        let said = format!("{}{}", run.stdout, run.stderr);
        let mut words = refusal.split('|');
        assert!(
            words.any(|words| said.contains(words)),
            "{refusal}: {run:#?}"
        );
    }
}

/// Puts the libraries of npm and of Go where programs in directories below look for them.
fn offer_libraries(scene: &Scene) {
    let modules = peers().join("node_modules");
    assert!(modules.is_dir(), "tests/run installs what the tests need");
    symlink(modules, scene.home().join("node_modules"))
        .expect("the test's directory can be written");
    // The module with the libraries takes its place.
    scene.file("go.mod", "module clients\n");
}
