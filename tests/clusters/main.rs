//! The ways to clusters that certctl-clusters(7) shows, as far as their files: each is walked, and what comes to lie on
//! the hosts is judged. Redis and Valkey, too, are then started and looked at; tests/servers does that for the others.

#[path = "../support/mod.rs"]
mod support;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use certctl::emit::{Catalogue, Server, Step};
use support::{
    process::{self, until},
    program,
    walk::Walk,
};

/// Servers that somebody can walk to.
fn servers() -> Vec<Server> {
    let servers = Catalogue::embedded().servers().expect("they are sound");
    let is_walked = |server: &Server| !server.walk().is_empty();
    servers.into_iter().filter(is_walked).collect()
}

/// What is laid beside and is nothing about TLS, so that `check` reads none of it: secrets.
const SECRETS: [&str; 1] = ["rqlite/auth.json"];

/// What only names files and users, which `check` does not read either.
const VARIABLES: [&str; 2] = ["pgbouncer/userlist.txt", "redislabs/tls.rladmin"];

/// What `check` says of what is wrong on the hosts.
fn findings(server: &Server) -> Vec<String> {
    let walk = Walk::of(&server.name);
    walk.lay();
    walk.open();
    let laid = walk.laid();
    assert!(!laid.is_empty(), "{}", server.name);
    let mut found = Vec::new();
    let mut check = |words: &[&str], path: &Path| {
        let path = path.display().to_string();
        let run = walk.certctl.run(&[&["check", &path], words].concat());
        if run.status != Some(0) {
            found.push(format!("{}: {run:#?}", server.name));
        }
    };
    for (_, file) in &laid {
        if SECRETS.iter().any(|name| file.ends_with(name)) {
            let mode = fs::metadata(file).expect("copied").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
            continue;
        }
        if VARIABLES.iter().any(|name| file.ends_with(name)) {
            continue;
        }
        check(&["--server", &server.name], file);
    }
    for entry in walk.entries() {
        check(&[], &entry);
    }
    found
}

#[test]
fn check_finds_nothing_in_what_each_way_lays() {
    let servers = servers();
    assert!(servers.len() > 4);
    let found: Vec<_> = std::thread::scope(|scope| {
        let all: Vec<_> = servers
            .iter()
            .map(|server| scope.spawn(|| findings(server)))
            .collect();
        let all = all.into_iter();
        all.flat_map(|it| it.join().expect("it is walked"))
            .collect()
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The README shows some ways without the looks behind them, in the very words of the manual.
#[test]
fn the_readme_has_the_same_lines() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("there is a README");
    let (_, rest) = readme.split_once("\n## Clusters\n").expect("a section");
    let (section, _) = rest.split_once("\n## ").expect("another");
    let servers = servers();
    let shown: Vec<_> = section.split("\n### ").skip(1).collect();
    assert!(shown.len() > 3, "{section}");
    for text in shown {
        let (title, text) = text.split_once("\n\n```sh\n").expect("a block");
        let (block, _) = text.split_once("```").expect("it ends");
        assert!(block.lines().count() < 10, "too long: {block}");
        let server = servers.iter().find(|it| it.manifest.title == title);
        let server = server.unwrap_or_else(|| panic!("{title} is in the manual"));
        let steps = server.walk().into_iter();
        let lines: String = steps.map(|Step { commands, .. }| commands).collect();
        assert!(lines.starts_with(block), "{title}:\n{block}\n{lines}");
    }
}

#[test]
fn redis() {
    becomes_a_cluster("redis", &Walk::of("redis"));
}

#[test]
fn valkey() {
    becomes_a_cluster("valkey", &Walk::of("valkey"));
}

/// Starts three servers of a make on what its way lays, and goes the rest of it.
fn becomes_a_cluster(make: &str, walk: &Walk) {
    walk.lay();
    let _servers: Vec<_> = (1..=3)
        .map(|number| {
            let mut server = program(format!("{make}-server"));
            server.arg(
                walk.numbered(number)
                    .join(format!("etc/{make}/{make}.conf")),
            );
            // Between addresses of one machine all connections would come from the first.
            let own = walk.address(number).to_string();
            server.args(["--bind-source-addr", &own]);
            process::Server::start_at(&mut server, walk.at(number, 6379))
        })
        .collect();
    walk.look();
    let ask = |words: &str| {
        let address = walk.address(2);
        walk.run(&format!(
            "cd pki/certs/node2 && {make}-cli --tls --cert cert.pem --key key.pem --cacert ca.pem -c -h {address} {words}"
        ))
        .expect_status(0)
        .stdout
    };
    // Each node hears for itself that the cluster is whole.
    until("it is told a value", || ask("set key value").contains("OK"));
    until("it knows the value", || ask("get key").contains("value"));
}
