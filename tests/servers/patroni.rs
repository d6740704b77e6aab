//! Patroni: members that show certificates to etcd, to each other and to the primary, and change places.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{
    process::{Server, until},
    support::{
        Run,
        postgresql::{as_somebody, hand_over, of_postgresql, python_as_somebody, take_back},
        program,
        walk::Walk,
    },
};

/// A member, and the PostgreSQL that it has started: that runs apart from it, and would go on.
struct Member {
    patroni: Option<Server>,
    data: PathBuf,
}

impl Member {
    /// Starts what its way has laid.
    fn start(walk: &Walk, number: u8) -> Self {
        let host = walk.numbered(number);
        let file = host.join("etc/patroni/config.yml");
        let laid = fs::read_to_string(&file).expect("it is laid");
        fs::write(&file, here(&laid)).expect("our own");
        hand_over(&host);
        let mut patroni = python_as_somebody("patroni");
        // It has a file for passwords at home.
        patroni.arg(&file).env("HOME", &host).current_dir("/");
        Self {
            data: host.join("var/lib/postgresql/patroni"),
            patroni: Some(Server::start_at(&mut patroni, walk.at(number, 8008))),
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.patroni = None;
        let mut stop = of_postgresql("pg_ctl");
        stop.args(["stop", "-s", "-m", "immediate", "-D"]);
        // It may not have come so far.
        let _ = as_somebody(stop.arg(&self.data)).output();
    }
}

/// What is laid, for the user and the PostgreSQL of this machine, and in a hurry.
fn here(laid: &str) -> String {
    let mut id = program("id");
    let account = Run::of(as_somebody(id.arg("-un"))).stdout;
    let pg_ctl = of_postgresql("pg_ctl");
    let bin = Path::new(pg_ctl.get_program()).parent().expect("a path");
    [
        (
            r#"patroni \"postgres\""#,
            format!(r#"patroni \"{}\""#, account.trim()),
        ),
        ("/usr/lib/postgresql/15/bin", bin.display().to_string()),
        (
            "  dcs:\n",
            "  dcs:\n    ttl: 20\n    loop_wait: 1\n    retry_timeout: 3\n".to_owned(),
        ),
        (
            "  - data-checksums\n",
            "  - data-checksums\n  - no-sync\n".to_owned(),
        ),
        (
            "  parameters:\n",
            "  basebackup:\n  - no-sync\n  parameters:\n    fsync: 'off'\n".to_owned(),
        ),
    ]
    .iter()
    .fold(laid.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}: {text}");
        text.replace(from, to)
    })
}

/// The first of etcd's members, alone.
fn etcd(walk: &Walk) -> Server {
    let made = walk.run(
        "certctl issue etcd --san 10.0.0.1
         certctl config etcd etcd --client-ca root --out etcd.env \
             --set listen-client-urls=https://10.0.0.1:2379 --set advertise-client-urls=https://10.0.0.1:2379 \
             --set listen-peer-urls=https://10.0.0.1:2380 --set initial-advertise-peer-urls=https://10.0.0.1:2380 \
             --set initial-cluster=etcd=https://10.0.0.1:2380 --set data-dir=$HOSTS/etcd",
    );
    drop(made.expect_status(0));
    let mut command = program("sh");
    command.args(["-c", "set -a; . \"$0\"; exec etcd"]);
    command.arg(walk.certctl.home().join("etcd.env"));
    Server::start_at(&mut command, walk.at(1, 2379))
}

/// A request of the REST API's of a member, with a certificate or none.
fn curl(walk: &Walk, number: u8, shown: Option<&str>, words: &[&str]) -> Run {
    let mut curl = program("curl");
    curl.args(["--silent", "--show-error", "--max-time", "20", "--cacert"]);
    curl.arg(walk.certctl.pki("ca/root/bundle.pem"));
    if let Some(name) = shown {
        let entry = walk.certctl.pki("certs").join(name);
        curl.arg("--cert").arg(entry.join("cert.pem"));
        curl.arg("--key").arg(entry.join("key.pem"));
    }
    let [path, words @ ..] = words else {
        panic!("no path")
    };
    let url = format!("https://{}{path}", walk.at(number, 8008));
    Run::of(curl.args(words).arg(url))
}

/// Names of the members that are the primary, and of those that stream from it.
fn roles(walk: &Walk) -> [Vec<String>; 2] {
    let told = curl(walk, 1, Some("app"), &["/cluster"]).stdout;
    let told: Value = serde_json::from_str(&told).unwrap_or_default();
    let members = told["members"].as_array().cloned().unwrap_or_default();
    [("leader", "running"), ("replica", "streaming")].map(|(role, state)| {
        let is_meant = |it: &&Value| it["role"] == role && it["state"] == state;
        let meant = members.iter().filter(is_meant);
        let names = meant.filter_map(|it| it["name"].as_str());
        names.map(str::to_owned).collect()
    })
}

fn number(name: &str) -> u8 {
    let digits = name.trim_start_matches("node");
    digits.parse().expect("nodes are numbered")
}

/// Some SQL at a member, as a role with an entry's certificate.
fn ask(walk: &Walk, at: u8, role: &str, entry: &str, sql: &str) -> Run {
    let mut psql = program("psql");
    let entry = walk.certctl.pki("certs").join(entry).display().to_string();
    let words = format!(
        "host={} user={role} dbname=postgres sslmode=verify-full sslrootcert={entry}/ca.pem \
         sslcert={entry}/cert.pem sslkey={entry}/key.pem",
        walk.address(at)
    );
    psql.env("HOME", "/nowhere");
    Run::of(psql.args(["--no-psqlrc", "--no-password", "-Atc", sql, &words]))
}

/// `patronictl` with a member's own file.
fn patronictl(walk: &Walk, number: u8) -> Command {
    let file = walk.numbered(number).join("etc/patroni/config.yml");
    let mut command = program("patronictl");
    command.arg("-c").arg(file);
    command
}

/// The serial number of the certificate that a member shows.
fn serial(walk: &Walk, at: u8, port: u16, more: &[&str]) -> String {
    let mut client = program("openssl");
    let address = walk.at(at, port).to_string();
    client.args(["s_client", "-connect", &address]).args(more);
    let shown = Run::with_input(&mut client, "").stdout;
    let mut x509 = program("openssl");
    Run::with_input(x509.args(["x509", "-noout", "-serial"]), &shown).stdout
}

#[test]
fn members_change_places_and_read_new_files() {
    let walk = Walk::of("patroni");
    walk.lay();
    walk.open();
    let _etcd = etcd(&walk);
    let _members: Vec<_> = (1..=3).map(|it| Member::start(&walk, it)).collect();
    until("two stream from the third", || {
        let [first, others] = roles(&walk);
        first.len() == 1 && others.len() == 2
    });
    let [first, others] = roles(&walk);
    let old = number(&first[0]);
    let socket = walk.numbered(old).join("var/run/postgresql");
    let mut psql = program("psql");
    psql.args([
        "-U",
        "postgres",
        "-d",
        "postgres",
        "-c",
        "CREATE ROLE app LOGIN",
        "-h",
    ]);
    let run = Run::of(as_somebody(psql.arg(socket)));
    // What is made at the primary comes to the member that is asked.
    drop(run.expect_status(0));
    for number in 1..=3 {
        until("the role is there", || {
            ask(&walk, number, "app", "app", "SELECT 1").stdout == "1\n"
        });
    }
    walk.look();
    refuse_others(&walk, old, number(&others[0]));
    change_places(&walk, &first[0], &others[0]);
    read_new_files(&walk, 1);
}

/// Members come as the roles of replication and pg_rewind, and nobody else does; who changes the cluster shows a certificate.
fn refuse_others(walk: &Walk, primary: u8, other: u8) {
    let other = format!("node{other}");
    let run = ask(
        walk,
        primary,
        "rewind",
        &other,
        "SELECT pg_is_in_recovery()",
    );
    assert_eq!(run.stdout, "f\n", "{run:?}");
    for (role, entry) in [("rewind", "app"), ("postgres", "app"), ("postgres", &other)] {
        let run = ask(walk, primary, role, entry, "SELECT 1");
        assert!(
            run.stderr.contains("certificate authentication failed"),
            "{run:?}"
        );
    }
    let post = ["/restart", "--request", "POST"];
    assert_ne!(curl(walk, primary, None, &post).status, Some(0));
}

/// A switchover by patronictl, which asks the members by mutual TLS.
fn change_places(walk: &Walk, from: &str, to: &str) {
    let mut switch = patronictl(walk, number(from));
    switch.args(["switchover", "--leader", from, "--candidate", to, "--force"]);
    let run = Run::of(&mut switch).expect_status(0);
    assert!(run.stdout.contains("Successfully switched over"), "{run:?}");
    until("the others stream from the new primary", || {
        let [first, others] = roles(walk);
        first == [to] && others.len() == 2
    });
}

/// Both ports of a member show a new certificate once it is told to look.
fn read_new_files(walk: &Walk, at: u8) {
    let both = || {
        [
            serial(walk, at, 8008, &[]),
            serial(walk, at, 5432, &["-starttls", "postgres"]),
        ]
    };
    let old = both();
    assert!(old[0].starts_with("serial=") && old[0] == old[1], "{old:?}");
    let tls = walk.numbered(at).join("etc/patroni/tls");
    take_back(&tls);
    let made = walk.run(&format!(
        "certctl renew node{at} --force && cp -p pki/certs/node{at}/*.pem {}",
        tls.display()
    ));
    drop(made.expect_status(0));
    hand_over(&tls);
    let mut reload = patronictl(walk, at);
    reload.args(["reload", "main", &format!("node{at}"), "--force"]);
    drop(Run::of(&mut reload).expect_status(0));
    until("both ports show the new certificate", || {
        let new = both();
        new[0].starts_with("serial=") && new[0] == new[1] && new != old
    });
}
