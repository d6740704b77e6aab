//! What a machine says of what others have, and what it leaves of itself where nothing is to be changed.

use crate::database::{Database, ISSUERS, Machine};

#[test]
fn a_rehearsal_leaves_nothing_there() {
    let database = Database::new();
    let machine = database.first();
    machine.done("issue n1");
    let rows = || {
        database.sql(
            "SELECT (SELECT count(*) FROM certctl.certificate), (SELECT count(*) FROM certctl.outcome)",
        )
    };
    let before = rows();
    for line in [
        "issue n2 -n",
        "renew n1 --force -n",
        "revoke n1 -n",
        "crl --all -n",
    ] {
        machine.done(line);
    }
    assert_eq!(rows(), before);
    machine.done("issue n2");
    machine.is_well();
}

#[test]
fn what_others_have_is_told_and_judged() {
    let database = Database::new();
    let first = database.first();
    let second = database.join(&first, ISSUERS[1]);
    first.done("issue n1 n2");
    first.done("crl --all");
    second.done("pull");
    let run = second.run("check").expect_status(0);
    assert!(
        run.stderr.contains("2 entries are on other machines"),
        "{run:#?}"
    );
    // Its CRL lacks what was revoked on the other machine, though no file of that is here.
    first.done("revoke n1 --yes --reason keyCompromise");
    let run = second.run("check").expect_status(3);
    assert!(run.stdout.contains("crl-incomplete"), "{run:#?}");
    second.done("crl --all");
    let _ = second.run("check").expect_status(0);
    // A new CA's directory is fetched, not put back from a backup.
    first.done("init-ca other");
    let run = second.run("check").expect_status(3);
    assert!(run.stdout.contains("`certctl pull` fetches it"), "{run:#?}");
    second.done("pull");
    let _ = second.run("check").expect_status(0);
    // What is renewed by its name gets a new key here, and that is said; what is due is left to who has the keys.
    let run = second.run("renew --all --force").expect_status(3);
    assert!(
        run.stderr.contains("its key is on another machine"),
        "{run:#?}"
    );
    let run = second.run("renew n2 --force").expect_status(0);
    assert!(
        run.stderr.contains("goes there with its certificate"),
        "{run:#?}"
    );
    let run = first.run("check").expect_status(3);
    assert!(run.stdout.contains("`certctl pull n2` fetches"), "{run:#?}");
}

/// Whoever takes a hold off, what was on hold comes back where its key is.
#[test]
fn a_hold_is_taken_off_elsewhere() {
    let database = Database::new();
    let first = database.first();
    let second = database.join(&first, ISSUERS[1]);
    first.done("issue n1 n2");
    first.done("revoke n1 n2 --reason certificateHold --yes");
    second.done("revoke n1 --reason removeFromCRL --yes");
    second.done("crl --all");
    assert!(!first.certctl.pki("certs/n1").exists());
    let run = first.run("check");
    assert!(!run.stdout.contains("ledger-older"), "{run:#?}");
    first.done("pull");
    second.done("pull n1");
    for (machine, has_key) in [(&first, true), (&second, false)] {
        let key = machine.certctl.pki("certs/n1/key.pem");
        assert_eq!(key.exists(), has_key);
        machine.is_well();
    }
    assert!(!first.certctl.pki("certs/n2").exists());
    first.done("renew n1 --force");
}

#[test]
fn a_rotation_goes_from_machine_to_machine() {
    let database = Database::new();
    let first = database.first();
    let second = database.join(&first, ISSUERS[1]);
    first.done("issue a1");
    second.done("issue b1");
    first.done("rotate-ca start root");
    // Without its successor's certificate, too, a machine knows who is not ready.
    let run = second.run("rotate-ca switch").expect_status(4);
    assert!(run.stderr.contains("`a1` is not known"), "{run:#?}");
    second.done("pull");
    let run = second.run("check --fix").expect_status(0);
    assert!(!run.stderr.contains("made "), "{run:#?}");
    second.done("rotate-ca ack b1");
    first.done("rotate-ca ack a1");
    let run = first.run("rotate-ca switch").expect_status(0);
    assert!(
        run.stderr
            .contains("1 entry left to the machines that have the keys"),
        "{run:#?}"
    );
    let issuer = |machine: &Machine, name: &str| {
        let shown = machine.done(&format!("show {name} --json"));
        let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        shown["issuer"].as_str().unwrap_or_default().to_owned()
    };
    let before = issuer(&first, "b1");
    assert_ne!(issuer(&first, "a1"), before);
    second.take_keys(&first);
    second.done("rotate-ca switch");
    assert_eq!(issuer(&first, "b1"), issuer(&first, "a1"));
    second.done("rotate-ca ack b1");
    first.done("rotate-ca ack a1");
    first.done("rotate-ca finish");
    second.done("pull");
    for machine in [&first, &second] {
        machine.is_well();
    }
}

/// What another machine keeps is told, and nothing is missing.
#[test]
fn what_others_keep_is_not_missing() {
    let database = Database::new();
    let first = database.first();
    let second = database.join(&first, ISSUERS[1]);
    first.done("issue n1 n2");
    first.done("revoke n2 --yes");
    first.done("init-ca other");
    for (name, words) in [
        ("n1", "`certctl pull certs/n1` fetches"),
        ("n2", "in the archive of another machine"),
        ("ca/other", "`certctl pull ca/other` fetches"),
    ] {
        let run = second.run(&format!("show {name}")).expect_status(0);
        assert!(run.stderr.contains(words), "{name}: {run:#?}");
        assert!(!run.stderr.contains("warning"), "{name}: {run:#?}");
        assert!(!run.stdout.contains("files in"), "{name}: {run:#?}");
        let run = first.run(&format!("show {name}")).expect_status(0);
        assert_eq!(run.stderr, "", "{name}: {run:#?}");
        assert!(run.stdout.contains("files in"), "{name}: {run:#?}");
    }
    // What became of it before names no directory that is not here, but the machine that has it.
    first.done("renew n1 --force");
    let shown = second.done("show n1");
    assert!(!shown.contains("archive"), "{shown}");
    for line in ["show n1 --json", "list --json"] {
        let document: serde_json::Value =
            serde_json::from_str(&second.done(line)).expect("it is JSON");
        let entries = ["history", "entries"]
            .iter()
            .filter_map(|it| document[it].as_array());
        let entries: Vec<_> = entries.flatten().filter(|it| it["name"] == "n1").collect();
        assert!(!entries.is_empty(), "{document}");
        for entry in entries {
            let host = entry["machine"].as_str().unwrap_or_default();
            assert_eq!(entry["path"], "", "{document}");
            assert!(
                shown.contains(&format!("on {host}")) && !host.is_empty(),
                "{shown}"
            );
        }
    }
    // What is here and broken is.
    second.done("pull n1");
    let file = second.certctl.pki("certs/n1/cert.pem");
    std::fs::remove_file(file).expect("it was fetched");
    let run = second.run("show n1").expect_status(0);
    assert!(run.stderr.contains("warning: cannot read"), "{run:#?}");
}
