//! What certctl-contributing(7) asks of each server, so that none is half there.

use std::{fs, path::Path};

use certctl::emit::Server;

use crate::fixture::{golden, servers};

/// Whose words a server's logs hold, where it has none of its own; nothing where nobody has heard it yet.
const WORDS: [(&str, &str); 5] = [
    ("emqx", "erlang"),
    ("nats", "go"),
    ("redis-enterprise", "openssl"),
    ("rethinkdb", "openssl"),
    ("rqlite", "go"),
];

/// Programs that no test runs, and what is done instead.
const NOT_RUN: [(&str, &str, &str); 5] = [
    ("redis-enterprise", "python", "Redis' own is run"),
    ("redis-enterprise", "redis-cli", "Redis' own is run"),
    ("redis-enterprise", "stunnel", "it is run with Redis"),
    ("rethinkdb", "ruby", "its syntax is checked"),
    (
        "rethinkdb",
        "stunnel",
        "it is run with the server's stand-in",
    ),
];

fn text(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).unwrap_or_default()
}

/// All that runs servers.
fn walked() -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folders = ["clusters", "servers"].map(|folder| tests.join(folder));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("it is there"));
    files
        .map(|file| text(file.expect("readable").path()))
        .collect()
}

/// What a server lacks.
fn lacks(server: &Server) -> Vec<String> {
    let (name, manifest) = (&server.name, &server.manifest);
    let mut missing = Vec::new();
    let mut need = |is_there: bool, what: String| {
        if !is_there {
            missing.push(format!("{name}: {what}"));
        }
    };
    need(!manifest.reload.trim().is_empty(), "reload".to_owned());
    need(!manifest.proof.trim().is_empty(), "proof".to_owned());
    // Who has run it, or the same options, has seen both.
    let is_seen = !manifest.proof.ends_with("documentation");
    for (said, what) in [
        (manifest.reads_chain, "reads_chain"),
        (manifest.many_roots, "many_roots"),
    ] {
        need(said.is_some() == is_seen, what.to_owned());
    }
    need(
        golden(name).join("cases.toml").is_file(),
        format!("tests/golden/{name}/cases.toml"),
    );

    let own = text(format!("templates/{name}/messages.toml"));
    let stack = WORDS.iter().find(|(server, _)| server == name);
    let stack = stack.map(|(_, stack)| text(format!("templates/explain/{stack}.toml")));
    let known = [own, stack.unwrap_or_default()];
    let says = known.iter().any(|it| it.contains("[[message]]"));
    need(
        says,
        format!("templates/{name}/messages.toml, or a stack in WORDS"),
    );

    let is_for_files = manifest.rules.iter().any(|rule| rule.file.is_some());
    let is_broken = text("tests/configurations.rs").contains(&format!("\"{name}"));
    need(
        !is_for_files || is_broken,
        "a broken file in tests/configurations.rs".to_owned(),
    );

    // One that is like another is run beside it.
    let like = manifest
        .like
        .as_ref()
        .map_or(name, |it| it.server.get_ref());
    let clients = text(format!("tests/clients/{like}.rs"));
    for client in &manifest.clients {
        let mut others = NOT_RUN.iter();
        let is_excused = others.any(|(server, other, _)| server == name && *other == client.name);
        let is_run = clients.contains(&format!("language: \"{}\"", client.name));
        let what = format!("the client `{}` in tests/clients/{like}.rs", client.name);
        need(is_run != is_excused, what);
    }

    let steps = server.walk();
    need(
        steps.len() > 2,
        format!("templates/{name}/walk.sh, with a look and a stranger"),
    );
    let scene = format!("Walk::of(\"{name}\")");
    let is_told = steps
        .iter()
        .any(|it| it.about.contains("The tests run no server"));
    need(
        walked().contains(&scene) != is_told,
        format!("{scene} in a test, or that there is none in walk.sh"),
    );

    let is_run = manifest.proof.starts_with("run: ");
    let mut files = ["fronts", "places", like].into_iter();
    let is_tried = files.any(|file| {
        let text = text(format!("tests/servers/{file}.rs"));
        text.contains(&format!("\"{name}\"")) || file == name && !text.is_empty()
    });
    need(
        !is_run || is_tried,
        "what `proof` says in tests/servers".to_owned(),
    );
    let readme = text("README.md");
    let supported = readme
        .split("## What is supported")
        .nth(1)
        .unwrap_or_default();
    let product = manifest.title.split(' ').next().unwrap_or_default();
    need(
        supported.contains(product),
        format!("`{product}` in the support table of README.md"),
    );
    missing
}

#[test]
fn every_server_is_whole() {
    let missing: Vec<_> = servers().iter().flat_map(lacks).collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
