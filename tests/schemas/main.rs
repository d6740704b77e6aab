//! What every command prints with `--json` is what its JSON Schema says, as another program reads it.

#[path = "../support/mod.rs"]
mod support;

use std::{collections::BTreeSet, fs, iter, path::Path};

use serde_json::{Map, Value, json};
use support::{Certctl, Run, program};

const NOW: &str = "2030-01-01T00:00:00Z";

/// Command lines in their order, each with its exit code; `--json` is added.
const SESSION: &[(&str, i32)] = &[
    ("issue node1 node2 node3 app --init -n", 0),
    ("issue node1 node2 node3 app --init", 0),
    ("issue node1", 4),
    ("prove", 0),
    ("prove node1 nobody", 1),
    ("probe 127.0.0.1:1", 3),
    (
        "issue lone --self-signed --san URI:urn:a,email:a@b.test,IP:::1",
        0,
    ),
    (
        "init-ca other --permit-dns db.internal --path-len 2 --crl-url http://crl.test/a",
        0,
    ),
    ("init-intermediate lower --ca other -n", 0),
    ("init-intermediate lower --ca other --key-type rsa2048", 0),
    ("inspect pki/certs/lone/cert.pem", 0),
    ("init-ca locked --passphrase-file passphrase", 0),
    ("request remote --san remote.db.internal -n", 0),
    ("request remote", 0),
    (
        "sign pki/certs/remote/request.csr --ca issuing --name signed -n",
        0,
    ),
    (
        "sign pki/certs/remote/request.csr --ca issuing --name signed",
        0,
    ),
    (
        "install remote pki/certs/signed/cert.pem --trust pki/certs/signed/ca.pem -n",
        0,
    ),
    (
        "install remote pki/certs/signed/cert.pem --trust pki/certs/signed/ca.pem",
        0,
    ),
    (
        "passphrase root --new-passphrase-file pki/certs/node1/ca.pem -n",
        0,
    ),
    ("passphrase root --remove", 0),
    ("import theirs --dir taken -n", 0),
    ("import theirs --dir taken", 0),
    ("import theirs --dir taken --keys", 0),
    ("renew node1 --force -n", 0),
    ("renew node1 --force", 0),
    ("renew --all", 0),
    ("needs-renewal node1", 3),
    ("needs-renewal node1 --within 2y", 0),
    ("needs-renewal nobody", 1),
    ("revoke node2 --reason keyCompromise -n", 0),
    ("revoke node2 --reason keyCompromise --yes", 0),
    ("rotate-ca status", 0),
    ("rotate-ca start -n", 2),
    ("rotate-ca plan root --server redis", 0),
    ("rotate-ca start root -n", 0),
    ("rotate-ca start root", 0),
    ("rotate-ca status", 0),
    ("rotate-ca switch", 4),
    ("rotate-ca ack --all -n", 0),
    ("rotate-ca ack --all", 0),
    ("rotate-ca switch --canary node1", 0),
    ("rotate-ca abort", 0),
    ("rotate-ca ack --all", 0),
    ("rotate-ca abort", 0),
    ("rotate-ca start root --cross-sign -n", 0),
    ("rotate-ca start root --cross-sign", 0),
    ("rotate-ca abort", 0),
    ("init-ca acme", 0),
    ("cross-sign root --by acme -n", 0),
    ("cross-sign root --by acme", 0),
    ("list", 0),
    ("show ca/root-by-acme", 0),
    ("revoke ca/root-by-acme --yes", 0),
    ("crl --ca issuing -n", 0),
    ("crl --ca issuing", 0),
    ("fleet init", 0),
    ("fleet init --out fleet.toml -n", 0),
    ("fleet init --out fleet.toml", 0),
    ("apply fleet.toml -n", 0),
    ("apply changed.toml -n --prune", 0),
    ("apply changed.toml --prune", 0),
    ("list", 0),
    ("list --revoked --replaced", 0),
    ("show node1", 0),
    ("show ca/issuing", 0),
    ("inspect pki/certs/node1/cert.pem", 0),
    ("inspect node1 pki/certs/node1/key.pem", 0),
    ("completions bash -- certctl config r", 0),
    ("inspect pki/certs/node1/key.pem", 0),
    ("inspect pki/ca/locked/key.pem", 0),
    ("inspect pki/ca/issuing/crl.pem", 0),
    ("inspect pki/ca/other/cert.pem", 0),
    ("inspect request.csr", 0),
    ("inspect parameters.pem", 0),
    ("verify pki/certs/node1/cert.pem", 0),
    (
        "verify pki/certs/node1/cert.pem --host elsewhere.test --at 2035-01-01T00:00:00Z",
        3,
    ),
    ("verify revoked.pem --crl pki/ca/issuing/crl.pem", 3),
    ("verify revoked.pem --at 2029-12-31T23:59:59Z", 0),
    (
        "verify pki/certs/node1/cert.pem --trust pki/ca/other/cert.pem",
        3,
    ),
    ("verify nowhere.pem", 1),
    ("log", 0),
    ("log --verify", 0),
    ("ledger backup backup.db", 0),
    ("ledger verify", 0),
    ("pull", 1),
    ("join mysql://db/pki", 2),
    ("check", 3),
    ("check --fix -n", 0),
    ("check --fix", 0),
    ("check redis.conf", 3),
    ("check --list", 0),
    ("check nowhere", 1),
    ("report -n --out report.html", 0),
    ("report --out report.html", 0),
    ("report --out report.html", 4),
    ("report", 0),
    ("explain shared-root", 0),
    ("explain owner", 0),
    ("explain nothing", 2),
    ("explain unknown_ca --entry node1", 0),
    ("explain UNABLE_TO_VERIFY_LEAF_SIGNATURE", 0),
    ("explain expired 116", 0),
    ("explain /no/such/file", 1),
    ("config --list", 0),
    ("config rethinkdb --list", 0),
    ("config redis node1 --target-dir /etc/redis/tls", 0),
    ("config redis node1 --out out.conf -n", 0),
    ("config redis node1 --out-dir configuration -n", 0),
    ("config redis node1 --out-dir configuration", 0),
    ("setup --yes --dir other --fleet other.toml -n", 0),
    ("setup --yes --dir other --fleet other.toml", 0),
    ("client redis python node1", 0),
    ("export app --format pem --out app.pem -n", 0),
    ("export app --format pem --out app.pem", 0),
    ("install-root root --print", 0),
    ("uninstall-root root --print", 0),
    ("completions bash", 0),
    ("completions bash --install -n", 0),
    ("--version --verbose", 0),
    ("man", 0),
    ("man --out pages -n", 0),
    ("issue", 2),
    ("frobnicate", 2),
];

/// Of the session, what each command printed: the document on stdout, or the error on stderr.
fn documents() -> Vec<(String, Value)> {
    let certctl = Certctl::at(NOW);
    let put =
        |name: &str, text: &str| fs::write(certctl.home().join(name), text).expect("writable");
    put("passphrase", "correct horse\n");
    put(
        "redis.conf",
        "tls-port 6379\ntls-cert-file /nowhere/a\ntls-crt-file b\n",
    );
    put(
        "parameters.pem",
        "-----BEGIN PARAMETERS-----\nBQA=\n-----END PARAMETERS-----\n",
    );
    let mut documents = Vec::new();
    for &(line, status) in SESSION {
        let command = line.split(' ').next().expect("a word");
        prepare(&certctl, line);
        let words: Vec<_> = iter::once("--json").chain(line.split(' ')).collect();
        let run = certctl.run(&words).expect_status(status);
        let is_error = run.stdout.is_empty();
        assert_eq!(is_error, matches!(status, 1 | 2 | 4), "{line}");
        let text = match is_error {
            // Warnings and notes stand before it.
            true => run.stderr.lines().last().unwrap_or_default(),
            false => &run.stdout,
        };
        let document =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"));
        documents.push((command.to_owned() + &line[command.len()..], document));
    }
    documents
}

/// What a command line finds besides what the ones before it made.
fn prepare(certctl: &Certctl, line: &str) {
    let copy = |from: &str, to: &str| {
        let to = certctl.home().join(to);
        fs::copy(certctl.pki(from), to).expect("it is there");
    };
    match line {
        "install remote pki/certs/signed/cert.pem --trust pki/certs/signed/ca.pem -n" => {
            copy("certs/remote/request.csr", "request.csr");
        }
        "import theirs --dir taken -n" => {
            let folder = certctl.home().join("theirs/node1");
            fs::create_dir_all(&folder).expect("writable");
            let read = |name: &str| fs::read_to_string(certctl.pki(name)).expect("made");
            let both = read("ca/root/cert.pem") + &read("ca/issuing/cert.pem");
            fs::write(certctl.home().join("theirs/minica.pem"), both).expect("writable");
            copy("certs/node1/cert.pem", "theirs/node1/cert.pem");
        }
        "revoke node2 --reason keyCompromise -n" => copy("certs/node2/cert.pem", "revoked.pem"),
        "apply fleet.toml -n" => {
            let text = fs::read_to_string(certctl.home().join("fleet.toml")).expect("written");
            let app = text.find("name = \"app\"").expect("an entry");
            let changed = text.replace("profile = \"node\"", "profile = \"server\"\nlocal = true");
            assert!(changed.len() > app);
            fs::write(certctl.home().join("changed.toml"), changed).expect("writable");
        }
        "check" => {
            fs::remove_file(certctl.pki("certs/app/ca.pem")).expect("it is there");
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            fs::set_permissions(certctl.pki("certs/app/key.pem"), mode).expect("one's own");
        }
        _ => {}
    }
}

fn schemas() -> Map<String, Value> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/schema");
    let files = fs::read_dir(directory).expect("it exists");
    let schema = |path: &Path| {
        let name = path.file_stem().expect("a file").to_string_lossy();
        let text = fs::read_to_string(path).expect("readable");
        (
            name.into_owned(),
            serde_json::from_str(&text).expect("JSON"),
        )
    };
    files
        .map(|file| schema(&file.expect("readable").path()))
        .collect()
}

/// What another program finds wrong with documents.
fn mistakes(documents: &[(String, Value)]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/validate.py");
    let asked = json!({ "schemas": schemas(), "documents": documents });
    let run = Run::with_input(program("python3").arg(script), &asked.to_string());
    run.expect_status(0).stdout
}

#[test]
fn every_document_is_what_its_schema_says() {
    let documents = documents();
    assert_eq!(mistakes(&documents), "");

    let printed: BTreeSet<_> = documents
        .iter()
        .map(|(_, it)| it["schema"].as_str().expect("text").to_owned())
        .collect();
    // A database is needed for what is pulled: see tests/shared_ledger.
    let known: BTreeSet<_> = schemas()
        .keys()
        .filter(|name| *name != "pull")
        .map(|name| format!("certctl/{name}/v1"))
        .collect();
    assert_eq!(printed, known, "each schema is tried");
    let ran: BTreeSet<_> = SESSION
        .iter()
        .filter_map(|(line, _)| line.split(' ').next())
        .collect();
    for command in certctl::cli::definition().get_subcommands() {
        assert!(
            ran.contains(command.get_name()),
            "{} is not tried",
            command.get_name()
        );
    }

    // A validator that finds nothing would be as content.
    for (name, change) in [
        (
            "check",
            (|it| it["findings"][0]["more"] = json!(1)) as fn(&mut Value),
        ),
        ("check", |it| it["findings"][0]["severity"] = json!("grave")),
        ("check", |it| {
            it["next_to_expire"]["not_after"] = json!("tomorrow");
        }),
        ("verify", |it| it["chain"][0]["more"] = json!(1)),
        ("verify", |it| it["faults"] = json!([{ "code": "none" }])),
        ("inspect", |it| it["items"][0]["kind"] = json!("crl")),
        ("inspect", |it| it["items"][0]["more"] = json!(1)),
        ("list", |it| {
            drop(
                it["entries"][0]
                    .as_object_mut()
                    .expect("an object")
                    .remove("kind"),
            );
        }),
        ("show", |it| it["certificate"]["more"] = json!(1)),
        ("error", |it| it["code"] = json!("unheard-of")),
    ] {
        let schema = format!("certctl/{name}/v1");
        let (_, document) = documents
            .iter()
            .find(|(_, it)| it["schema"] == *schema)
            .expect("printed");
        let mut changed = document.clone();
        change(&mut changed);
        assert_ne!(
            mistakes(&[(name.to_owned(), changed.clone())]),
            "",
            "{changed:#}"
        );
    }
}

#[test]
fn man_prints_schemas() {
    let certctl = Certctl::at(NOW);
    let run = certctl
        .run(&["man", "--json-schema", "check"])
        .expect_status(0);
    assert_eq!(
        serde_json::from_str::<Value>(&run.stdout).expect("JSON"),
        schemas()["check"]
    );
    let run = certctl
        .run(&["man", "--json-schema", "chekc"])
        .expect_status(2);
    assert!(run.stderr.contains("'check'"), "{}", run.stderr);
}
