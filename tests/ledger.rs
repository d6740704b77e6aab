//! The ledger is data: what is put into it decides nothing, an older one that was put back forgets no
//! revocation, and what is published with a certificate is what it knows.

mod support;

use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use support::{Certctl, Run, openssl};

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// Runs command lines that go through.
fn run_all(certctl: &Certctl, lines: &[&str]) {
    for line in lines {
        let _ = certctl.run(&words(line)).expect_status(0);
    }
}

/// The number of a CA's CRL, and how many certificates it lists, as openssl reads it.
fn crl(certctl: &Certctl, issuer: &str) -> (u64, usize) {
    let path = certctl
        .pki("ca")
        .join(issuer)
        .join("crl.pem")
        .display()
        .to_string();
    let text = openssl(&["crl", "-in", &path, "-noout", "-text"])
        .expect_status(0)
        .stdout;
    let number = text.split("X509v3 CRL Number:").nth(1).unwrap_or_default();
    let number = number.split_whitespace().next().unwrap_or_default();
    (
        number.parse().expect("a number"),
        text.matches("Serial Number:").count(),
    )
}

fn serial(certctl: &Certctl, name: &str) -> String {
    let path = certctl
        .pki("certs")
        .join(name)
        .join("cert.pem")
        .display()
        .to_string();
    let text = openssl(&["x509", "-in", &path, "-noout", "-serial"])
        .expect_status(0)
        .stdout;
    text.trim().trim_start_matches("serial=").to_owned()
}

fn save(certctl: &Certctl) -> PathBuf {
    let copy = certctl.home().join("saved.db");
    fs::copy(certctl.pki("ledger.db"), &copy).expect("it can be copied");
    copy
}

fn restore(certctl: &Certctl) {
    fs::copy(certctl.home().join("saved.db"), certctl.pki("ledger.db")).expect("it can be copied");
}

/// What tells that an older ledger was put back: for each of them what is done after the backup, what is
/// taken away, and what is told.
const OLDER: [(&str, &[&str], &[&str], &str); 8] = [
    (
        "a CRL with more",
        &["revoke b --yes", "crl --ca issuing"],
        &["archive"],
        "does not call revoked",
    ),
    (
        "a later CRL",
        &["crl --ca issuing", "crl --ca issuing"],
        &[],
        "has number 3, the last that the ledger knows has 1",
    ),
    (
        "a CRL in the bundle",
        &["revoke b --yes", "crl --all"],
        &["archive", "ca/issuing/crl.pem"],
        "crl-bundle.pem",
    ),
    ("an archived entry", &["revoke b --yes"], &[], "archived"),
    ("a replaced entry", &["issue b --force"], &[], "archived"),
    ("a renewed entry", &["renew b --force"], &[], "archived"),
    (
        "a new entry",
        &["issue c"],
        &[],
        "does not know the certificate",
    ),
    (
        "a new entry, revoked",
        &["issue c", "revoke c --yes"],
        &[],
        "archived",
    ),
];

#[test]
fn an_older_ledger_makes_no_crl() {
    for (what, later, taken, told) in OLDER {
        let certctl = Certctl::new();
        run_all(
            &certctl,
            &["issue a b --init", "revoke a --yes", "crl --ca issuing"],
        );
        let before = crl(&certctl, "issuing");
        save(&certctl);
        run_all(&certctl, later);
        restore(&certctl);
        for path in taken {
            let path = certctl.pki(path);
            let _ = fs::remove_dir_all(&path);
            let _ = fs::remove_file(&path);
        }
        let standing = fs::read(certctl.pki("ca/issuing/crl.pem")).ok();
        for line in ["crl --ca issuing", "crl --all", "crl --ca issuing -n"] {
            let run = certctl.run(&words(line)).expect_status(4);
            assert!(run.stderr.contains(told), "{what}: {run:?}");
            assert!(run.stderr.contains("--force"), "{what}: {run:?}");
        }
        assert_eq!(
            fs::read(certctl.pki("ca/issuing/crl.pem")).ok(),
            standing,
            "{what}"
        );
        let check = certctl.run(&["check", "--json"]).expect_status(3);
        let codes = ["crl-newer-than-ledger", "ledger-older", "unrecorded"];
        assert!(
            codes.iter().any(|code| check.stdout.contains(code)),
            "{what}: {check:?}"
        );
        // Who insists gets one, with a number that has not been used.
        let run = certctl
            .run(&words("crl --ca issuing --force"))
            .expect_status(0);
        assert!(run.stderr.contains(told), "{what}: {run:?}");
        assert!(crl(&certctl, "issuing").0 > before.0, "{what}");
    }
}

/// What an older ledger has forgotten can be revoked again, and all is well.
#[test]
fn what_was_forgotten_is_revoked_again() {
    let certctl = Certctl::new();
    run_all(&certctl, &["issue a b --init", "revoke a --yes"]);
    let forgotten = serial(&certctl, "b");
    save(&certctl);
    run_all(
        &certctl,
        &["revoke b --yes", "crl --all", "crl --all", "crl --all"],
    );
    restore(&certctl);
    let _ = certctl.run(&["crl", "--all"]).expect_status(4);
    let _ = certctl
        .run(&["revoke", "--serial", &forgotten, "--yes"])
        .expect_status(0);
    // The number alone is still later than the ledger's.
    let run = certctl.run(&["crl", "--ca", "issuing"]).expect_status(4);
    assert!(run.stderr.contains("has number 3"), "{run:?}");
    let _ = certctl
        .run(&["crl", "--ca", "issuing", "--force"])
        .expect_status(0);
    assert_eq!(crl(&certctl, "issuing"), (4, 2));
}

/// A CRL says less where a hold has ended, and where nothing is wrong.
#[test]
fn the_newest_ledger_makes_crls() {
    let certctl = Certctl::new();
    run_all(
        &certctl,
        &[
            "issue a b --init",
            "revoke a --reason certificateHold --yes",
            "crl --all",
            "revoke a --reason removeFromCRL --yes",
            "crl --all",
            "revoke b --yes",
            "renew a --force",
            "issue a --force",
            "crl --all",
            "renew issuing --force",
            "crl --all",
            "check",
        ],
    );
    assert_eq!(crl(&certctl, "issuing"), (4, 1));
}

#[test]
fn a_broken_crl_is_not_replaced_unasked() {
    let certctl = Certctl::new();
    run_all(&certctl, &["issue a --init", "crl --all"]);
    fs::write(
        certctl.pki("ca/issuing/crl.pem"),
        "-----BEGIN X509 CRL-----\nMII",
    )
    .expect("it is ours");
    let run = certctl.run(&["crl", "--ca", "issuing"]).expect_status(4);
    assert!(run.stderr.contains("cannot be told"), "{run:?}");
    let _ = certctl
        .run(&["crl", "--ca", "issuing", "--force"])
        .expect_status(0);
    assert_eq!(crl(&certctl, "issuing").0, 2);
}

/// What somebody might put into the database, to have queries find something else.
const OBJECTS: [&str; 6] = [
    "CREATE TRIGGER undo AFTER INSERT ON status_change WHEN new.status = 'revoked' BEGIN
     UPDATE certificate SET status = 'current', revoked_at = NULL, reason = NULL WHERE id = new.certificate; END",
    "CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT * FROM n",
    "ALTER TABLE certificate RENAME TO real; CREATE VIEW certificate AS SELECT * FROM real WHERE status <> 'revoked'",
    "CREATE TABLE other (x)",
    "DROP INDEX certificate_revoked",
    "DROP TRIGGER certificate_status",
];

#[test]
fn objects_of_others_are_refused() {
    for sql in OBJECTS {
        let certctl = Certctl::new();
        run_all(&certctl, &["issue a --init"]);
        let db = Connection::open(certctl.pki("ledger.db")).expect("it opens");
        db.execute_batch(sql).expect("it can be written");
        db.close().expect("it closes");
        for line in [
            "list",
            "revoke a --yes",
            "crl --all",
            "log --verify",
            "issue b",
            "check",
        ] {
            let run = certctl.run(&words(line));
            let refused = match line {
                "check" => run.status == Some(3) && run.stdout.contains("malformed"),
                _ => run.status == Some(1) && run.stderr.contains("ledger.db"),
            };
            assert!(refused, "{sql}, {line}: {run:?}");
        }
    }
}

/// The files of a CA that are published with what it signs, each with what somebody else's holds.
#[test]
fn only_what_is_recorded_is_handed_out() {
    let certctl = Certctl::new();
    run_all(
        &certctl,
        &[
            "issue a --init",
            "--dir evil init-ca root --cn Evil",
            "--dir evil init-intermediate issuing",
        ],
    );
    let evil =
        |file: &str| fs::read(certctl.home().join("evil/ca").join(file)).expect("it is there");
    let both = |file: &str, other: &str| {
        [
            fs::read(certctl.pki("ca").join(file)).expect("it is there"),
            evil(other),
        ]
        .concat()
    };
    for (file, content) in [
        ("root/bundle.pem", evil("root/cert.pem")),
        ("root/bundle.pem", both("root/bundle.pem", "root/cert.pem")),
        ("root/bundle.pem", Vec::new()),
        ("issuing/chain.pem", evil("issuing/chain.pem")),
        (
            "issuing/chain.pem",
            both("issuing/chain.pem", "issuing/cert.pem"),
        ),
        (
            "issuing/chain.pem",
            both("issuing/chain.pem", "root/cert.pem"),
        ),
        ("issuing/cert.pem", evil("issuing/cert.pem")),
    ] {
        let path = certctl.pki("ca").join(file);
        let old = fs::read(&path).expect("it is there");
        fs::write(&path, content).expect("it is ours");
        for line in [
            "issue b",
            "renew a --force",
            "issue a --force",
            "init-intermediate other --ca issuing",
        ] {
            let run = certctl.run(&words(line)).expect_status(1);
            assert!(run.stderr.contains(file), "{line}: {run:?}");
        }
        assert!(!certctl.pki("certs/b").exists());
        fs::write(&path, old).expect("it is ours");
    }
    run_all(&certctl, &["issue b", "renew a --force"]);
}

/// After a new root the intermediate leads nowhere: nothing is signed until it has a new one, too.
#[test]
fn an_orphan_does_not_sign() {
    let certctl = Certctl::new();
    run_all(&certctl, &["issue a --init", "init-ca root --force"]);
    let run = certctl
        .run(&["issue", "b", "--ca", "issuing"])
        .expect_status(4);
    assert!(
        run.stderr.contains("was signed by an earlier `root`"),
        "{run:?}"
    );
    run_all(
        &certctl,
        &[
            "init-intermediate issuing --ca root --force",
            "issue b --ca issuing",
        ],
    );
}

/// A CA that `openssl ca` kept: two certificates are revoked, and its last CRL has number 7.
fn made_elsewhere(certctl: &Certctl) {
    let script = "
        mkdir -p ca && cd ca && : > index.txt && echo 10 > serial && echo 07 > crlnumber
        printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\nserial=serial\\ncrlnumber=crlnumber\\nnew_certs_dir=.\\n\
certificate=ca.pem\\nprivate_key=ca.key\\ndefault_md=sha256\\ndefault_days=30\\ndefault_crl_days=30\\n\
policy=p\\nunique_subject=no\\ncopy_extensions=none\\n[p]\\ncommonName=supplied\\n' > ca.cnf
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
            -subj /CN=Old -days 3650 -addext keyUsage=critical,keyCertSign,cRLSign
        for n in 1 2 3; do
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout l$n.key -out l$n.csr -subj /CN=l$n
            openssl ca -config ca.cnf -batch -notext -in l$n.csr -out l$n.pem
        done
        openssl ca -config ca.cnf -revoke l1.pem -crl_reason keyCompromise
        openssl ca -config ca.cnf -revoke l2.pem
        openssl ca -config ca.cnf -gencrl -out old.crl
    ";
    let mut command = std::process::Command::new("sh");
    let _ = Run::of(command.args(["-ec", script]).current_dir(certctl.home())).expect_status(0);
}

#[test]
fn an_adopted_ca_goes_on_from_its_crl() {
    let certctl = Certctl::new();
    made_elsewhere(&certctl);
    let run = certctl
        .run(&words(
            "init-ca old --key ca/ca.key --cert ca/ca.pem --crl ca/old.crl",
        ))
        .expect_status(0);
    assert!(!run.stderr.contains("warning"), "{run:?}");
    run_all(
        &certctl,
        &[
            "issue new --ca old",
            "revoke new --yes",
            "crl --all",
            "log --verify",
        ],
    );
    assert_eq!(crl(&certctl, "old"), (8, 3));
    for (leaf, is_revoked) in [("l1", true), ("l2", true), ("l3", false)] {
        let run = openssl(&[
            "verify",
            "-CAfile",
            &certctl.home().join("ca/ca.pem").display().to_string(),
            "-crl_check",
            "-CRLfile",
            &certctl.pki("ca/old/crl.pem").display().to_string(),
            &certctl
                .home()
                .join(format!("ca/{leaf}.pem"))
                .display()
                .to_string(),
        ]);
        assert_eq!(run.status != Some(0), is_revoked, "{leaf}: {run:?}");
    }
    let path = certctl.pki("ca/old/crl.pem").display().to_string();
    let text = openssl(&["crl", "-in", &path, "-noout", "-text"])
        .expect_status(0)
        .stdout;
    assert!(text.contains("Key Compromise"), "{text}");
    let _ = certctl
        .run(&["check", "--fail-on", "error"])
        .expect_status(0);
    // The history covers what was taken over.
    let db = Connection::open(certctl.pki("ledger.db")).expect("it opens");
    db.execute("DELETE FROM adopted_revocation", [])
        .expect("it can be written");
    db.close().expect("it closes");
    let _ = certctl.run(&["log", "--verify"]).expect_status(3);
    let _ = certctl.run(&["crl", "--all"]).expect_status(4);
}

#[test]
fn adoption_says_what_is_not_known() {
    let certctl = Certctl::new();
    made_elsewhere(&certctl);
    run_all(&certctl, &["--dir other init-ca", "--dir other crl --all"]);
    for (crl, told) in [
        (
            "other/ca/root/crl.pem",
            "no CRL in it that this CA has signed",
        ),
        ("ca/ca.pem", "no CRL in it"),
        ("ca/none.crl", "No such file"),
    ] {
        let line = format!("init-ca old --key ca/ca.key --cert ca/ca.pem --crl {crl}");
        let run = certctl.run(&words(&line)).expect_status(1);
        assert!(run.stderr.contains(told), "{run:?}");
        assert!(!certctl.pki("").exists(), "{crl}");
    }
    let run = certctl
        .run(&words("init-ca old --key ca/ca.key --cert ca/ca.pem"))
        .expect_status(0);
    assert!(
        run.stderr
            .contains("what this CA has revoked before is not known"),
        "{run:?}"
    );
    assert!(run.stderr.contains("--crl FILE"), "{run:?}");
}

/// Servers refuse everybody when a CRL ends: who renews what is due renews CRLs, too.
#[test]
fn crls_are_renewed_in_time() {
    let certctl = Certctl::at("2030-01-01T00:00:00Z");
    run_all(&certctl, &["issue a --init --days 300", "crl --all"]);
    let at = |now: &str, line: &str| {
        let mut command = certctl.command(&words(line));
        Run::of(command.env("CERTCTL_NOW", now))
    };
    for (now, line, status, made) in [
        (
            "2030-01-20T00:00:00Z",
            "renew --all --detailed-exitcode",
            0,
            1,
        ),
        (
            "2030-01-20T00:00:00Z",
            "crl --all --if-due --detailed-exitcode",
            0,
            1,
        ),
        ("2030-01-21T00:00:00Z", "renew --all -n", 0, 1),
        (
            "2030-01-21T00:00:00Z",
            "renew --all --detailed-exitcode",
            10,
            2,
        ),
        (
            "2030-01-21T00:00:00Z",
            "renew --all --detailed-exitcode",
            0,
            2,
        ),
        (
            "2030-02-11T00:00:00Z",
            "crl --all --if-due --detailed-exitcode",
            10,
            3,
        ),
    ] {
        let run = at(now, line).expect_status(status);
        assert_eq!(crl(&certctl, "root").0, made, "{now}, {line}: {run:?}");
        assert_eq!(crl(&certctl, "issuing").0, made, "{now}, {line}: {run:?}");
    }
    // A revocation is due at once.
    let _ = at("2030-02-12T00:00:00Z", "revoke a --yes").expect_status(0);
    let _ = at("2030-02-12T00:00:00Z", "crl --all --if-due").expect_status(0);
    assert_eq!(
        (crl(&certctl, "root").0, crl(&certctl, "issuing")),
        (3, (4, 1))
    );
    // Without its key a CA is told, and the others are done.
    fs::remove_file(certctl.pki("ca/root/key.pem")).expect("it is ours");
    let run = at("2030-03-10T00:00:00Z", "renew --all").expect_status(3);
    assert!(run.stderr.contains("the CRL of `root` is due"), "{run:?}");
    assert_eq!(
        (crl(&certctl, "root").0, crl(&certctl, "issuing").0),
        (3, 5)
    );
}

/// With an older ledger nothing takes the place of what was revoked since: it would be called replaced.
#[test]
fn what_was_forgotten_is_not_replaced() {
    for line in [
        "renew b --force",
        "issue b",
        "issue b --force",
        "renew --all --within 400d",
    ] {
        let certctl = Certctl::new();
        run_all(&certctl, &["issue a b --init --days 300"]);
        let forgotten = serial(&certctl, "b");
        save(&certctl);
        run_all(&certctl, &["revoke b --yes --reason keyCompromise"]);
        restore(&certctl);
        let run = certctl.run(&words(line)).expect_status(4);
        assert!(run.stderr.contains(&forgotten), "{line}: {run:?}");
        run_all(
            &certctl,
            &[
                &format!("revoke --serial {forgotten} --yes"),
                "issue b",
                "crl --all",
                "check",
            ],
        );
        assert_eq!(crl(&certctl, "issuing").1, 1, "{line}");
    }
}

/// Has SQLite make an index anew by another rule, and puts the old words back.
fn forge_index(certctl: &Certctl, name: &str, from: &str, to: &str) {
    let db = Connection::open(certctl.pki("ledger.db")).expect("it opens");
    let set = |from: &str, to: &str| {
        db.execute_batch("PRAGMA writable_schema = ON")
            .expect("it can be set");
        let sql = "UPDATE sqlite_schema SET sql = replace(sql, ?1, ?2) WHERE name = ?3";
        assert_eq!(
            db.execute(sql, [from, to, name])
                .expect("it can be written"),
            1
        );
        db.execute_batch("PRAGMA writable_schema = RESET")
            .expect("it can be set");
    };
    set(from, to);
    db.execute_batch(&format!("REINDEX {name}"))
        .expect("it can be made");
    set(to, from);
    db.close().expect("it closes");
}

/// An entry that waits for its next certificate is archived and in use: nothing is wrong with that.
#[test]
fn an_entry_that_waits_is_no_older_ledger() {
    let certctl = Certctl::new();
    run_all(
        &certctl,
        &[
            "issue a b --init",
            "crl --all",
            "request a --force",
            "crl --all",
            "revoke b --yes",
            "crl --all",
        ],
    );
    assert_eq!(crl(&certctl, "issuing"), (3, 1));
    let run = certctl.run(&["check", "--json"]);
    assert!(!run.stdout.contains("ledger-older"), "{run:?}");
    let request = certctl.pki("certs/a/request.csr").display().to_string();
    let _ = certctl
        .run(&["sign", &request, "--name", "a", "--force"])
        .expect_status(0);
    run_all(&certctl, &["crl --all", "log --verify"]);
}

/// An index that leaves a row out, or finds another, loses no revocation, and is found.
#[test]
fn a_forged_index_decides_nothing() {
    let certctl = Certctl::new();
    run_all(&certctl, &["issue a b --init", "revoke a --yes"]);
    forge_index(&certctl, "certificate_revoked", "'revoked'", "'nothing'");
    run_all(&certctl, &["crl --ca issuing"]);
    assert_eq!(crl(&certctl, "issuing"), (1, 1));
    let run = certctl.run(&["log", "--verify"]).expect_status(3);
    assert!(run.stderr.contains("does not hold together"), "{run:?}");
    let run = certctl.run(&["check"]).expect_status(3);
    assert!(run.stdout.contains("malformed"), "{run:?}");

    let certctl = Certctl::new();
    run_all(&certctl, &["issue a b --init"]);
    let swapped = format!(
        "CASE serial WHEN x'{a}' THEN x'{b}' WHEN x'{b}' THEN x'{a}' ELSE serial END",
        a = serial(&certctl, "a"),
        b = serial(&certctl, "b"),
    );
    forge_index(
        &certctl,
        "certificate_serial",
        "(serial, issuer)",
        &format!("({swapped}, issuer)"),
    );
    let run = certctl.run(&["revoke", "a", "--yes"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(certctl.pki("certs/a").exists() && certctl.pki("certs/b").exists());
    let _ = certctl.run(&["log", "--verify"]).expect_status(3);
}

/// A new root reaches the entries with the chain that leads to it.
#[test]
fn entries_get_the_root_of_their_chain() {
    let certctl = Certctl::new();
    run_all(
        &certctl,
        &[
            "issue a b --init",
            "init-ca root --force",
            "renew ca/issuing --force",
            "check",
        ],
    );
    let path = |file: &str| certctl.pki(file).display().to_string();
    let _ = openssl(&[
        "verify",
        "-CAfile",
        &path("certs/a/ca.pem"),
        "-untrusted",
        &path("certs/b/cert.pem"),
        &path("certs/b/cert.pem"),
    ])
    .expect_status(0);
}

/// Of what the ledger knows, only the CAs above a certificate go out with it.
#[test]
fn only_what_belongs_there_is_handed_out() {
    let certctl = Certctl::new();
    run_all(&certctl, &["issue a --init", "init-ca other"]);
    let read = |file: &str| fs::read(certctl.pki(file)).expect("it is there");
    let bundle = certctl.pki("ca/root/bundle.pem");
    let old = fs::read(&bundle).expect("it is there");
    for other in ["ca/issuing/cert.pem", "certs/a/cert.pem"] {
        fs::write(&bundle, [old.clone(), read(other)].concat()).expect("it is ours");
        for line in ["issue b --ca issuing", "renew a --force"] {
            let run = certctl
                .run(&[&words(line)[..], &["--wait", "1s"]].concat())
                .expect_status(1);
            assert!(
                run.stderr.contains("bundle.pem"),
                "{other}, {line}: {run:?}"
            );
        }
    }
    // Another root that is in use here was put there by somebody who wants it.
    fs::write(&bundle, [old.clone(), read("ca/other/cert.pem")].concat()).expect("it is ours");
    run_all(&certctl, &["issue d --ca issuing"]);
    fs::write(&bundle, &old).expect("it is ours");
    // One that was replaced is not.
    run_all(&certctl, &["init-ca other --force"]);
    let archived = fs::read_dir(certctl.pki("archive")).expect("it is there");
    let archived = archived.map(|entry| entry.expect("listed").path().join("cert.pem"));
    let replaced = archived
        .into_iter()
        .find(|path| path.display().to_string().contains("other-"));
    let replaced = fs::read(replaced.expect("it is archived")).expect("it is there");
    fs::write(&bundle, [old.clone(), replaced].concat()).expect("it is ours");
    let _ = certctl.run(&words("issue e --ca issuing")).expect_status(1);
    fs::write(&bundle, old).expect("it is ours");
    // The same root before and after its renewal is one.
    run_all(&certctl, &["renew ca/root --force", "issue c --ca issuing"]);
}

/// Those CAs whose keys are here get their CRLs.
#[test]
fn a_ca_without_its_key_holds_no_other_up() {
    let certctl = Certctl::new();
    run_all(&certctl, &["issue a --init"]);
    fs::remove_file(certctl.pki("ca/root/key.pem")).expect("it is ours");
    let run = certctl.run(&["crl", "--all"]).expect_status(3);
    assert!(run.stderr.contains("the CRL of `root` is due"), "{run:?}");
    assert_eq!(crl(&certctl, "issuing"), (1, 0));
}
