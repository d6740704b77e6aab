//! The history: what it tells, and that no row can be changed or taken away unseen.

mod support;

use rusqlite::Connection;
use support::Certctl;

/// A PKI with five events: made, issued, replaced, revoked, listed in a CRL.
fn history() -> Certctl {
    let certctl = Certctl::new();
    for arguments in [
        &["issue", "a", "b", "--init"][..],
        &["issue", "c"],
        &["issue", "a", "--force"],
        &["revoke", "b", "--reason", "superseded"],
        &["crl"],
    ] {
        let mut command = certctl.command(arguments);
        command.env("SUDO_USER", "alice").env("USER", "root");
        let _ = support::Run::of(&mut command).expect_status(0);
    }
    certctl
}

fn log(certctl: &Certctl, arguments: &[&str], status: i32) -> serde_json::Value {
    let all = [&["log", "--json"], arguments].concat();
    let run = certctl.run(&all).expect_status(status);
    serde_json::from_str(&run.stdout).expect("JSON")
}

#[test]
fn events_tell_who_did_what_to_which_certificates() {
    let certctl = history();
    let document = log(&certctl, &["--verify"], 0);
    assert_eq!(document["verified"]["ok"], true);
    let events = document["events"].as_array().expect("a list");
    let found: Vec<_> = events
        .iter()
        .map(|event| {
            let user = event["user"].as_str().expect("text");
            assert!(user.contains(" (uid "), "{user}");
            assert_ne!(event["host"], "");
            let certificates = event["certificates"].as_array().expect("a list");
            let words = certificates.iter().map(|one| {
                let word = |key: &str| one[key].as_str().expect("text");
                format!("{} {}", word("name"), word("change"))
            });
            (event["command"].as_str().expect("text"), words.collect())
        })
        .collect::<Vec<(&str, Vec<String>)>>();
    let expected = [
        (
            "issue a b --init",
            &["root issued", "issuing issued", "a issued", "b issued"][..],
        ),
        ("issue c", &["c issued"]),
        ("issue a --force", &["a issued", "a replaced"]),
        ("revoke b --reason superseded", &["b revoked"]),
        ("crl", &[]),
    ];
    for ((command, words), (expected_command, expected_words)) in found.iter().zip(expected) {
        assert_eq!(
            (*command, &words[..]),
            (
                expected_command,
                &expected_words
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()[..]
            )
        );
    }
    assert_eq!(found.len(), expected.len());
    let of_b = log(&certctl, &["b"], 0);
    assert_eq!(of_b["events"].as_array().expect("a list").len(), 2);
}

#[test]
fn a_changed_or_missing_row_is_found() {
    let certctl = history();
    let path = certctl.pki("ledger.db");
    let whole = std::fs::read(&path).expect("made");
    for (tampering, event) in [
        ("UPDATE event SET user = 'mallory' WHERE txn = 2", 2),
        ("UPDATE event SET at = at + 1 WHERE txn = 5", 5),
        ("UPDATE event SET command = '' WHERE txn = 1", 1),
        ("UPDATE event SET hash = x'00' WHERE txn = 3", 3),
        ("DELETE FROM event WHERE txn = 1", 1),
        ("DELETE FROM event WHERE txn = 5", 4),
        ("DELETE FROM event", 0),
        ("DELETE FROM certificate WHERE name = 'c'", 2),
        ("UPDATE certificate SET names = 'DNS:evil' WHERE name = 'c'", 2),
        ("UPDATE certificate SET issuer = NULL WHERE name = 'c'", 2),
        ("UPDATE certificate SET tbs = zeroblob(4) WHERE name = 'root'", 1),
        ("UPDATE certificate SET not_after = not_after + 1 WHERE name = 'issuing'", 1),
        ("INSERT INTO certificate SELECT 99, txn, issuer, x'01', name, kind, not_before, not_after, names,
          key_type, origin, status, revoked_at, reason, tbs FROM certificate WHERE name = 'c'", 2),
        ("DROP TRIGGER certificate_status;
          UPDATE certificate SET status = 'current', revoked_at = NULL, reason = NULL WHERE name = 'b'", 1),
        ("UPDATE certificate SET status = 'current', revoked_at = NULL, reason = NULL WHERE name = 'b'", 5),
        ("UPDATE certificate SET reason = 'keyCompromise' WHERE name = 'b'", 5),
        ("DELETE FROM status_change WHERE txn = 4", 4),
        ("UPDATE status_change SET revoked_at = revoked_at - 1", 4),
        ("DROP TRIGGER certificate_status;
          UPDATE certificate SET status = 'current', revoked_at = NULL, reason = NULL WHERE name = 'b';
          INSERT INTO status_change SELECT 6, id, 'current', NULL, NULL FROM certificate WHERE name = 'b'", 6),
        ("UPDATE crl SET number = 0", 5),
        ("UPDATE crl SET this_update = this_update + 1", 5),
        ("UPDATE crl SET url = 'http://evil.test/'", 5),
        ("DELETE FROM crl", 5),
        ("INSERT INTO crl SELECT 6, issuer, url, number + 1, this_update FROM crl", 6),
    ] {
        std::fs::write(&path, &whole).expect("writable");
        let db = Connection::open(&path).expect("a database");
        let trigger = "SELECT sql FROM sqlite_schema WHERE type = 'trigger'";
        let trigger: String = db.query_row(trigger, [], |row| row.get(0)).expect("there is one");
        db.execute_batch(tampering).expect(tampering);
        // Without it the ledger would not even open.
        if tampering.contains("DROP TRIGGER") {
            db.execute_batch(&trigger).expect("it is gone");
        }
        db.close().expect("no statement is open");
        let document = log(&certctl, &["--verify"], 3);
        assert_eq!(document["verified"]["event"], event, "{tampering}: {document:#}");
    }
}

#[test]
fn a_command_that_fails_leaves_no_event() {
    let certctl = history();
    let _ = certctl.run(&["issue", "c"]).expect_status(4);
    let _ = certctl.run(&["issue", "d", "-n"]).expect_status(0);
    let document = log(&certctl, &["--verify"], 0);
    assert_eq!(document["events"].as_array().expect("a list").len(), 5);
}

#[test]
fn nothing_from_outside_begins_a_line() {
    let certctl = Certctl::new();
    let forged = "alice\n9  2026-01-01T00:00:00Z  root@vm  revoke everything\u{202e}";
    let mut command = certctl.command(&["issue", "a", "--init", "--dir", "pki"]);
    command.env("SUDO_USER", "").env("USER", forged);
    let _ = support::Run::of(&mut command).expect_status(0);
    let run = certctl.run(&["log"]).expect_status(0);
    assert_eq!(run.stdout.lines().count(), 4, "{}", run.stdout);
    assert!(run.stdout.contains(r"alice\n9"), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{202e}'), "{}", run.stdout);
    for arguments in [
        &["inspect", "nope\nred\u{1b}[31m.pem"][..],
        &["verify", "nope\nred.pem", "--trust", "x"],
        &["sign", "nope\nred.pem"],
        &["apply", "nope\nred.toml"],
        &["issue", "nope\nred"],
        &["issue", "b", "--extfile", "nope\nred"],
        &["--dir", "nope\nred", "list"],
        &["check", "nope\nred"],
        &["config", "nope\nred"],
        &["log", "--user\nroot"],
        &["needs-renewal", "./nope\nred"],
    ] {
        let run = certctl.run(arguments);
        let begins = |line: &str| line.starts_with("red") || line.starts_with("root");
        assert!(
            !run.stderr.lines().any(begins),
            "{arguments:?}: {}",
            run.stderr
        );
        assert!(
            !run.stderr.contains('\u{1b}'),
            "{arguments:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn only_root_has_somebody_behind_sudo() {
    let certctl = Certctl::new();
    let mut command = certctl.command(&["issue", "a", "--init"]);
    command.env("SUDO_USER", "operator").env("USER", "me");
    let _ = support::Run::of(&mut command).expect_status(0);
    let document = log(&certctl, &[], 0);
    let user = document["events"][0]["user"].as_str().expect("text");
    let number = user.rsplit_once("uid ").expect("a number").1;
    let expected = if number == "0)" { "operator" } else { "me" };
    assert!(user.starts_with(expected), "{user}");
}
