//! Ledgers that are not spoken to: what their URLs say, who answers, and who may have written the directory.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::{
    database::{Database, ISSUERS, Machine, OWNER},
    relay::Relay,
    support::{Certctl, Run},
};

/// Runs what begins a PKI directory; none is left.
#[track_caller]
fn begin(url: &str, status: i32, words: &str) {
    for line in ["init-ca --ledger URL", "join URL"] {
        let machine = Machine::new(Certctl::in_memory(), url.to_owned());
        let run: Run = machine.run(line).expect_status(status);
        assert!(run.stderr.contains(words), "{line}: {run:#?}");
        assert!(!run.stderr.contains("secret"), "{line}: {run:#?}");
        assert!(
            !machine.certctl.pki("").exists(),
            "{line}: something was left"
        );
    }
}

#[test]
fn urls() {
    let database = Database::bare();
    let url = database.url(ISSUERS[0]);
    // No tables yet.
    begin(&url, 1, "there is no ledger");
    let roots = format!("sslrootcert={}", database.file(ISSUERS[0], "ca.pem"));
    let elsewhere = Certctl::in_memory();
    let _ = elsewhere
        .run(&["issue", "other", "--init"])
        .expect_status(0);
    let others = elsewhere.pki("certs/other");
    let of = |name: &str| others.join(name).display().to_string();
    let own = |name: &str| database.file(ISSUERS[0], name);
    for (from, to, status, words) in [
        ("postgres://", "mysql://", 2, "postgres://HOST/DB"),
        ("ops1@", "ops1:secret@", 2, "password"),
        ("?", "?password=secret&", 2, "password"),
        ("verify-full", "require", 2, "sslmode=require"),
        ("verify-full", "disable", 2, "sslmode=disable"),
        (&roots, "a=b", 1, "a"),
        (&own("ca.pem"), &of("ca.pem"), 1, "certificate"),
        (&own("ca.pem"), "/nowhere", 1, "/nowhere"),
        (
            &format!("&sslkey={}", own("key.pem")),
            "",
            1,
            "belong together",
        ),
        (
            &own("key.pem"),
            &of("key.pem"),
            1,
            "the shared ledger cannot be reached",
        ),
        ("ops1@", "ops2@", 1, "ops2"),
        ("/pki?", "/nothing?", 1, "nothing"),
    ] {
        assert!(url.contains(from), "{from}");
        begin(&url.replace(from, to), status, words);
    }
}

#[test]
fn a_server_of_another_name() {
    let mut database = Database::new();
    let _ = database.tls.run(&["issue", "elsewhere"]).expect_status(0);
    database.stop();
    database.put_certificates("elsewhere");
    database.start();
    begin(&database.url(ISSUERS[0]), 1, "certificate");
}

/// Another ledger in the place of the one that a directory belongs to.
#[test]
fn another_ledger() {
    let database = Database::new();
    let machine = database.first();
    let _ = database.sql("CREATE DATABASE other OWNER owner");
    let owner = database.url(OWNER).replace("/pki?", "/other?");
    let run = database
        .tls
        .run(&["ledger", "init", &owner, "--role", "ops1"])
        .expect_status(0);
    let _ = database.sql_in("other", &run.stdout);
    let path = machine.certctl.pki("ledger.toml");
    let text = fs::read_to_string(&path).expect("it is there");
    assert!(!text.contains("PRIVATE"), "{text}");
    fs::write(&path, text.replace("/pki?", "/other?")).expect("it is ours");
    for line in ["list", "issue n1", "ledger copy URL"] {
        let run = machine.run(line).expect_status(1);
        assert!(
            run.stderr.contains("another ledger") || line.starts_with("ledger"),
            "{run:#?}"
        );
    }
    // Gone altogether, the copy is nobody's own ledger.
    fs::remove_file(&path).expect("it is ours");
    let _ = machine.run("issue n1").expect_status(1);
    fs::write(&path, text).expect("it is ours");
    machine.done("issue n1");
    machine.is_well();
}

/// Whoever else can write there may have named a ledger of his own.
#[test]
fn a_directory_that_others_can_write() {
    let database = Database::new();
    let relay = Relay::to(database.port);
    let machine = Machine::new(
        Certctl::in_memory(),
        database.url_by(ISSUERS[0], relay.port),
    );
    machine.done("init-ca --ledger URL");
    assert!(relay.count().0 > 0);
    let mode = |mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(machine.certctl.pki(""), permissions).expect("it is ours");
    };
    mode(0o777);
    for line in ["list", "issue n1", "pull", "check", "ledger verify"] {
        let run = machine.run(line);
        assert!(
            run.status.is_some() && (line == "list" || run.status != Some(0)),
            "{run:#?}"
        );
    }
    assert_eq!(relay.count().0, 0, "somebody was spoken to");
    mode(0o700);
    machine.done("issue n1");
}
