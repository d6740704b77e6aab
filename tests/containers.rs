//! Compose and Kubernetes read what `config` and `export` print for them.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use support::{Certctl, Run, program};

/// Snippets of a format, as tests/emit keeps them: every server, every version, with and without a
/// client CA.
fn snippets(format: &str) -> Vec<PathBuf> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = |folder: &Path| {
        fs::read_dir(folder)
            .expect("it exists")
            .map(|it| it.expect("readable").path())
    };
    let found: Vec<_> = files(&golden)
        .flat_map(|server| files(&server).collect::<Vec<_>>())
        .filter(|path| {
            let name = path.file_name().expect("a file").to_string_lossy();
            name.starts_with(&format!("{format}-"))
        })
        .collect();
    assert!(!found.is_empty(), "no snippet of format {format}");
    found
}

/// What `docker compose` would start.
fn services(file: &Path) -> Value {
    let mut load = program("cmd");
    load.args(["-format", "json"]).arg(file);
    let run = Run::of(&mut load).expect_status(0);
    let mut project: Value = serde_json::from_str(&run.stdout).expect("JSON");
    project["services"].take()
}

#[test]
fn compose_loads_every_snippet() {
    for file in snippets("compose") {
        let services = services(&file);
        let mounts = services["node1"]["volumes"].as_array().expect("volumes");
        let read_only = mounts.iter().filter(|it| it["read_only"] == true);
        let sources: Vec<_> = read_only.filter_map(|it| it["source"].as_str()).collect();
        assert!(!sources.is_empty(), "{}: {services:#}", file.display());
        assert!(sources.iter().all(|it| it.starts_with('/')), "{sources:?}");
        let targets: Vec<_> = mounts
            .iter()
            .filter_map(|it| it["target"].as_str())
            .collect();
        let command = services["node1"]["command"].to_string();
        let words = command.split(['"', '=', ';', ',', ' ']);
        let is_file = |it: &&Path| it.is_absolute() && it.extension().is_some_and(|it| it == "pem");
        for named in words.map(Path::new).filter(is_file) {
            let is_there = targets.iter().any(|it| named.starts_with(it));
            assert!(
                is_there,
                "{}: {} is not mounted",
                file.display(),
                named.display()
            );
        }
    }
}

#[test]
fn compose_replaces_nothing_in_values() {
    let certctl = Certctl::new();
    let _ = certctl.run(&["issue", "node1", "--init"]).expect_status(0);
    let words = [
        "config",
        "rethinkdb",
        "--as",
        "compose",
        "--set",
        "server-name=a$b ${c}",
    ];
    let snippet = certctl.run(&words).expect_status(0).stdout;
    let file = certctl.home().join("compose.yaml");
    fs::write(&file, snippet).expect("the test's directory can be written");
    let services = services(&file);
    let command = services["node1"]["command"].as_array().expect("a command");
    assert!(command.contains(&"a$b ${c}".into()), "{command:?}");
}

#[test]
fn kubernetes_knows_every_field() {
    let certctl = Certctl::new();
    let _ = certctl.run(&["issue", "node1", "--init"]).expect_status(0);
    let secret = [
        "export",
        "node1",
        "--format",
        "k8s-secret",
        "--out",
        "secret.yaml",
    ];
    let _ = certctl.run(&secret).expect_status(0);
    let mut validate = program("kubernetes-validate");
    validate.arg("--strict").args(snippets("k8s"));
    let _ = Run::of(validate.arg(certctl.home().join("secret.yaml"))).expect_status(0);
}
