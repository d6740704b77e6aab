//! PostgreSQL and psql, one wrong set-up after the other; it runs as no root.

use std::{fs, os::unix::process::CommandExt as _, path::Path, process::Command};

use certctl::messages::Direction::{self, Own, PeerRefused, WeRefused};
use tempfile::TempDir;

use crate::{
    cases::Job,
    material::Material,
    scene::{AFTERWARDS, Heard, Running, run},
    support::{Run, process::free_port, program},
};

/// A user that owns nothing, where the tests are root's.
const NOBODY: u32 = 65534;

/// One wrong set-up: what the server is told and whom it lets in, what psql is told, and what each may say.
struct Case {
    name: &'static str,
    server: &'static str,
    rule: &'static str,
    client: &'static str,
    said: (Option<Direction>, Option<Direction>),
}

const ALL: &str = "host all all all trust";
const MUTUAL: &str = "hostssl all all all trust clientcert=verify-ca";

const fn case(
    name: &'static str,
    server: &'static str,
    rule: &'static str,
    client: &'static str,
    said: (Option<Direction>, Option<Direction>),
) -> Case {
    Case {
        name,
        server,
        rule,
        client,
        said,
    }
}

const CASES: &[Case] = &[
    case(
        "wrong CA",
        "",
        ALL,
        "sslmode=verify-ca sslrootcert=strange-ca.pem",
        (Some(PeerRefused), Some(WeRefused)),
    ),
    case(
        "wrong name",
        "",
        ALL,
        "sslmode=verify-full sslrootcert=ca.pem host=elsewhere.test",
        (None, Some(WeRefused)),
    ),
    case(
        "no certificate",
        "",
        MUTUAL,
        "sslmode=require",
        (Some(WeRefused), Some(PeerRefused)),
    ),
    case(
        "stranger",
        "",
        MUTUAL,
        "sslmode=require sslcert=strange.pem sslkey=strange.key",
        (Some(WeRefused), Some(PeerRefused)),
    ),
    case(
        "expired client",
        "",
        MUTUAL,
        "sslmode=require sslcert=old.pem sslkey=old.key",
        (Some(WeRefused), Some(PeerRefused)),
    ),
    case(
        "another user",
        "",
        "hostssl all all all cert",
        "sslmode=require sslcert=app.pem sslkey=app.key",
        (Some(WeRefused), Some(PeerRefused)),
    ),
    case(
        "old protocol",
        "ssl_min_protocol_version=TLSv1.3",
        ALL,
        "sslmode=require ssl_max_protocol_version=TLSv1.2",
        (Some(WeRefused), Some(PeerRefused)),
    ),
    case(
        "plain client",
        "",
        "hostssl all all all trust",
        "sslmode=disable",
        (Some(WeRefused), Some(PeerRefused)),
    ),
    case(
        "plain server",
        "ssl=off",
        ALL,
        "sslmode=require",
        (None, Some(PeerRefused)),
    ),
    case(
        "roots absent",
        "",
        ALL,
        "sslmode=verify-ca sslrootcert=none.pem",
        (None, Some(Own)),
    ),
    case(
        "mismatch of psql",
        "",
        ALL,
        "sslmode=require sslcert=app.pem sslkey=strange.key",
        (None, Some(Own)),
    ),
    case(
        "key of psql absent",
        "",
        ALL,
        "sslmode=require sslcert=app.pem sslkey=none.key",
        (None, Some(Own)),
    ),
    case(
        "open key of psql",
        "",
        ALL,
        "sslmode=require sslcert=app.pem sslkey=open.key",
        (None, Some(Own)),
    ),
    case(
        "mismatch",
        "ssl_key_file=app.key",
        ALL,
        "",
        (Some(Own), None),
    ),
    case(
        "absent",
        "ssl_cert_file=none.pem",
        ALL,
        "",
        (Some(Own), None),
    ),
    case(
        "open key",
        "ssl_key_file=open.key",
        ALL,
        "",
        (Some(Own), None),
    ),
    case(
        "absent roots",
        "ssl_ca_file=none.pem",
        ALL,
        "",
        (Some(Own), None),
    ),
];

/// All of them in turn: they share a database.
pub(crate) fn job() -> Job {
    Job::new(|material| {
        let home = files(material);
        let path = home.path();
        let mut init = somebody("initdb");
        init.arg("-D")
            .arg(path.join("data"))
            .args(["-U", "postgres", "-A", "trust", "--no-sync"]);
        drop(Run::of(&mut init).expect_status(0));
        CASES.iter().flat_map(|case| case.run(path)).collect()
    })
}

impl Case {
    fn run(&self, home: &Path) -> Vec<Heard> {
        let port = free_port();
        let hba = home.join("hba.conf");
        fs::write(&hba, format!("{}\n", self.rule)).expect("the test's directory can be written");
        let file = |name: &str| home.join(name).display().to_string();
        let mut command = somebody("postgres");
        command.arg("-D").arg(home.join("data"));
        let usual = [
            "ssl=on",
            "ssl_cert_file=node1.pem",
            "ssl_key_file=node1.key",
            "ssl_ca_file=ca.pem",
            "fsync=off",
        ];
        for setting in usual
            .into_iter()
            .chain(self.server.split(' ').filter(|it| !it.is_empty()))
        {
            let (key, value) = setting.split_once('=').expect("KEY=VALUE");
            let value = if key.ends_with("_file") {
                file(value)
            } else {
                value.to_owned()
            };
            command.args(["-c", &format!("{key}={value}")]);
        }
        let folder = format!("unix_socket_directories={}", home.display());
        command
            .args(["-p", &port.to_string(), "-c", &folder, "-c"])
            .arg(format!("hba_file={}", hba.display()));
        let mut running = Running::start(&mut command);
        let mut heard = Vec::new();
        if running.listens(port) && !self.client.is_empty() {
            let words = self
                .client
                .split(' ')
                .map(|word| match word.split_once('=') {
                    Some((key @ ("sslcert" | "sslkey" | "sslrootcert"), name)) => {
                        format!("{key}={}", file(name))
                    }
                    _ => word.to_owned(),
                });
            let words: Vec<_> = words.collect();
            let usual = format!(
                "host=localhost hostaddr=127.0.0.1 port={port} user=postgres dbname=postgres sslcert={}",
                file("none")
            );
            let mut client = somebody("psql");
            client.args(["-c", "select 1", &format!("{usual} {}", words.join(" "))]);
            let mut said = run(&mut client);
            // It listens before it lets anybody in.
            while ["is starting up", "is not yet accepting connections"]
                .iter()
                .any(|it| said.contains(&format!("the database system {it}")))
            {
                said = run(&mut client);
            }
            heard.extend(self.heard("psql", said, self.said.1));
        }
        heard.extend(self.heard("postgresql", running.said(AFTERWARDS), self.said.0));
        heard
    }

    fn heard(&self, program: &'static str, text: String, said: Option<Direction>) -> Option<Heard> {
        let expected = vec![said?];
        Some(Heard {
            program,
            case: self.name,
            with: "its own",
            text,
            expected,
        })
    }
}

/// What both need, in a directory that is theirs.
fn files(material: &Material) -> TempDir {
    let home = tempfile::tempdir().expect("a temporary directory can be made");
    for (name, entry) in [
        ("node1", "node1"),
        ("app", "app"),
        ("strange", "stranger"),
        ("old", "oldapp"),
    ] {
        let identity = material.identity(entry);
        for (key, kind) in [("cert", "pem"), ("key", "key")] {
            let to = home.path().join(format!("{name}.{kind}"));
            fs::copy(&identity[key], to).expect("issued");
        }
    }
    for (name, roots) in [("ca.pem", "own"), ("strange-ca.pem", "strange")] {
        fs::copy(material.roots(roots), home.path().join(name)).expect("issued");
    }
    let open = home.path().join("open.key");
    fs::copy(home.path().join("app.key"), &open).expect("issued");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(open, mode).expect("it is ours");
    if rustix::process::geteuid().is_root() {
        let everything = Run::of(
            program("chown")
                .args(["-R", &NOBODY.to_string()])
                .arg(home.path()),
        );
        drop(everything.expect_status(0));
    }
    home
}

/// Debian keeps the programs of all versions apart, off the search path.
fn somebody(name: &str) -> Command {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut paths = versions.map(|it| it.path().join("bin").join(name));
    let mut command = match paths.find(|path| path.exists()) {
        Some(path) => program(path),
        None => program(name),
    };
    command.current_dir("/");
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY);
    }
    command
}
