//! Somebody who may do anything in the database changes what is recorded there; somebody who may issue adds what certctl
//! never writes.

use std::{collections::BTreeSet, fs, time::Duration};

use certctl::{
    pki::{certificate::Certificate, entry_name::EntryName, pem},
    store::{
        Access, Pki,
        layout::Place,
        ledger::{Kind, Origin, Record, Status, event::Author},
        stage::StagedFile,
    },
};

use crate::{
    database::{Database, ISSUERS, Machine},
    many::at_once,
    support::Certctl,
};

/// What is done, and what takes it back.
const CHANGES: [(&str, &str); 5] = [
    (
        "UPDATE certctl.certificate SET names = names || 'x' WHERE name = 'n1'",
        "UPDATE certctl.certificate SET names = left(names, -1) WHERE name = 'n1'",
    ),
    (
        "UPDATE certctl.event SET command = command || 'x' WHERE command LIKE 'issue%'",
        "UPDATE certctl.event SET command = left(command, -1) WHERE command LIKE 'issue%'",
    ),
    (
        "UPDATE certctl.status_change SET reason = 'superseded' WHERE reason = 'keyCompromise'",
        "UPDATE certctl.status_change SET reason = 'keyCompromise' WHERE reason = 'superseded'",
    ),
    (
        "CREATE TABLE public.kept AS SELECT * FROM certctl.status_change WHERE status = 'revoked';
         DELETE FROM certctl.status_change WHERE status = 'revoked'",
        "INSERT INTO certctl.status_change SELECT * FROM public.kept; DROP TABLE public.kept",
    ),
    (
        "UPDATE certctl.crl SET number = 0 WHERE number = 1",
        "UPDATE certctl.crl SET number = 1 WHERE number = 0",
    ),
];

#[test]
fn it_is_found() {
    let database = Database::new();
    let machine = database.first();
    for line in [
        "issue n1 n2",
        "revoke n2 --reason keyCompromise --yes",
        "crl --all",
    ] {
        machine.done(line);
    }
    for (change, back) in CHANGES {
        let _ = database.sql(change);
        let run = machine.run("ledger verify").expect_status(3);
        assert!(run.stdout.contains("transaction"), "{change}: {run:#?}");
        // The copy holds.
        machine.done("log --verify");
        let new = Machine::new(Certctl::in_memory(), database.url(ISSUERS[1]));
        let run = new.run("join URL").expect_status(1);
        assert!(run.stderr.contains("was changed"), "{change}: {run:#?}");
        assert!(
            !new.certctl.pki("").exists(),
            "{change}: something was left"
        );
        let _ = database.sql(back);
        machine.is_well();
    }
}

/// Roles that issue cannot.
#[test]
fn roles_change_nothing() {
    let database = Database::new();
    let machine = database.first();
    machine.done("issue n1");
    for change in [
        "UPDATE certctl.certificate SET names = ''",
        "UPDATE certctl.event SET command = ''",
        "UPDATE certctl.outcome SET committed = false",
        "UPDATE certctl.claim SET object = ''",
        "DELETE FROM certctl.status_change",
        "DELETE FROM certctl.claim",
        "TRUNCATE certctl.event",
        "DROP TABLE certctl.event",
        "CREATE TABLE certctl.other (a int)",
    ] {
        let tried = format!(
            "SET ROLE ops1; DO $$ BEGIN {change}; RAISE EXCEPTION 'it may'; \
             EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"
        );
        let _ = database.sql(&tried);
    }
    machine.is_well();
}

/// A role that may add lays other files there: nothing is trusted that the ledger does not know, and no list that is
/// not the CA's, or an older one.
#[test]
fn files_are_what_the_ledger_says() {
    let database = Database::new();
    let first = database.first();
    first.done("issue n1");
    first.done("crl --all");
    let second = database.join(&first, ISSUERS[1]);
    let old = std::fs::read_to_string(second.certctl.pki("ca/root/crl.pem")).expect("a list");
    first.done("revoke n1 --yes");
    first.done("crl --all");
    second.done("pull");
    let other = Certctl::in_memory();
    for words in [&["init-ca", "root"][..], &["crl", "--all"]] {
        let _ = other.run(words).expect_status(0);
    }
    let of_other = |file: &str| std::fs::read_to_string(other.pki(file)).expect("it was made");
    let own = |file: &str| std::fs::read_to_string(second.certctl.pki(file)).expect("it is here");
    let evil = of_other("ca/root/cert.pem");
    let mut txn = 1_i64 << 53;
    for (file, content, words) in [
        (
            "bundle.pem",
            own("ca/root/bundle.pem") + &evil,
            "not in the ledger",
        ),
        ("cert.pem", evil, "not the certificate in use"),
        (
            "crl.pem",
            of_other("ca/root/crl.pem"),
            "none of the CAs has signed",
        ),
        ("crl.pem", old, "older than the one here"),
    ] {
        txn += 1;
        let hex = content
            .bytes()
            .map(|it| format!("{it:02x}"))
            .collect::<String>();
        let _ = database.sql(&format!(
            "INSERT INTO certctl.file VALUES ({txn}, 'ca/root/{file}', decode('{hex}', 'hex'))"
        ));
        let before = own(&format!("ca/root/{file}"));
        let run = second.run("pull").expect_status(1);
        assert!(run.stderr.contains(words), "{file}: {run:#?}");
        let run = second.run("crl --all").expect_status(0);
        assert!(
            run.stderr.contains("what is here stays"),
            "{file}: {run:#?}"
        );
        if file != "crl.pem" {
            assert_eq!(own(&format!("ca/root/{file}")), before);
        }
        let _ = database.sql(&format!("DELETE FROM certctl.file WHERE txn = {txn}"));
    }
}

/// What a role adds that may issue, as a transaction with a number that nobody has.
const ADDITIONS: [&str; 6] = [
    "INSERT INTO certctl.event VALUES (NUMBER, NULL, NULL, NULL, NULL, NULL, 'x')",
    "INSERT INTO certctl.event VALUES (NUMBER, 1, 'u', 'h', 'c', 'x', NULL)",
    "INSERT INTO certctl.event VALUES (NUMBER, 1, 'u', 'h', 'c', 'x', 'x')",
    "INSERT INTO certctl.event VALUES (NUMBER, 1, 'u', 'h', repeat('x', 20000000), 'x', 'x')",
    "INSERT INTO certctl.status_change SELECT NUMBER, id, 'current', NULL, NULL FROM certctl.certificate",
    "INSERT INTO certctl.certificate SELECT id + 100, NUMBER, issuer, 'x', name, 'nonsense', not_before, not_after, names, \
     key_type, origin, NULL, tbs FROM certctl.certificate WHERE name = 'n1'; \
     INSERT INTO certctl.event VALUES (NUMBER, 1, 'u', 'h', 'c', 'x', 'x')",
];

/// Nobody believes it, and everybody who only looks still can.
#[test]
fn what_certctl_never_writes_is_told() {
    let database = Database::new();
    let first = database.first();
    let second = database.join(&first, ISSUERS[1]);
    first.done("issue n1 n2");
    first.done("revoke n2 --yes");
    let in_use = first.in_use();
    assert_eq!(second.in_use(), in_use);
    let writer = "SELECT number FROM certctl.writer ORDER BY joined_at DESC LIMIT 1";
    let writer: i64 = database.sql(writer).parse().expect("a number");
    let number = (1_i64 << 52) | (5_000 << 20) | writer;
    for addition in ADDITIONS {
        let addition = addition.replace("NUMBER", &number.to_string());
        let _ = database.sql(&format!(
            "SET ROLE ops2; INSERT INTO certctl.outcome VALUES ({number}, {writer}, true); {addition}"
        ));
        for machine in [&first, &second] {
            let run = machine.run("ledger verify").expect_status(3);
            assert!(run.stdout.contains("was changed"), "{addition}: {run:#?}");
            for line in ["issue n3", "check", "revoke n1 --yes"] {
                let run = machine.run(line).expect_status(1);
                assert!(run.stderr.contains("was changed"), "{addition}: {run:#?}");
            }
            let run = machine.run("list").expect_status(0);
            assert!(run.stderr.contains("was changed"), "{addition}: {run:#?}");
            assert_eq!(machine.in_use(), in_use, "{addition}");
        }
        for table in ["certificate", "status_change", "event", "outcome"] {
            let _ = database.sql(&format!("DELETE FROM certctl.{table} WHERE txn = {number}"));
        }
        first.is_well();
    }
}

/// Who writes in another's name is found by that one; a copy that was put back looks the same, and both are said.
#[test]
fn what_was_written_in_a_machines_name_is_told_to_it() {
    let database = Database::new();
    let first = database.first();
    let path = first.certctl.pki("ledger.db");
    let old = fs::read(&path).expect("it is there");
    first.done("issue n1");
    fs::write(&path, old).expect("it is ours");
    let run = first.run("list").expect_status(0);
    assert!(run.stderr.contains("in its name"), "{run:#?}");
    first.is_well();
}

/// A client that is not certctl's writes a transaction that fits, with a certificate that no CA has signed for a name of
/// another machine's: the history says who, that machine is told, and nobody fetches it.
#[test]
fn a_certificate_that_no_ca_signed_is_fetched_by_nobody() {
    let database = Database::new();
    let first = database.first();
    first.done("issue n1");
    let liar = database.join(&first, ISSUERS[1]);
    let third = database.join(&first, ISSUERS[1]);
    // Well-formed, by a CA of the same name whose key is another.
    let other = Certctl::in_memory();
    for words in [&["init-ca", "root"][..], &["issue", "n1"]] {
        let _ = other.run(words).expect_status(0);
    }
    let text = fs::read(other.pki("certs/n1/cert.pem")).expect("it was made");
    let certificate = pem::decode_certificates(&text)
        .expect("it is whole")
        .remove(0);
    lie(&liar, &certificate, &text);
    for machine in [&first, &third] {
        // All of it fits: the ledger is what was written to it.
        machine.done("log --verify");
        machine.done("ledger verify");
        let listed = machine.done("log n1");
        assert!(listed.contains("a client of its own"), "{listed}");
    }
    let run = first.run("check").expect_status(3);
    assert!(run.stdout.contains("ledger-differs"), "{run:#?}");
    let run = third.run("pull n1").expect_status(1);
    assert!(run.stderr.contains("has not signed it"), "{run:#?}");
    assert!(!third.certctl.pki("certs/n1").exists());
    // Who has the CA's key takes the name back.
    first.done("renew n1 --force");
    third.done("pull n1");
    for machine in [&first, &third] {
        machine.is_well();
    }
}

/// Has a machine's directory record a certificate as its own, and give its file to the others.
fn lie(machine: &Machine, certificate: &Certificate, text: &[u8]) {
    let directory = machine.certctl.pki("");
    let mut pki = Pki::open(&directory, Access::Write, Duration::ZERO).expect("it is there");
    pki.set_author(Author {
        command: String::from("a client of its own"),
        ..Author::default()
    });
    let name: EntryName = "n1".parse().expect("it is a name");
    let record = Record {
        issuer: Some("root".parse().expect("it is a name")),
        serial: certificate.serial(),
        name: name.clone(),
        kind: Kind::Node,
        validity: certificate.validity(),
        names: vec![String::from("DNS:n1")],
        key_type: String::from("p256"),
        origin: Origin::Issued,
        status: Status::Current,
        to_be_signed: certificate
            .parsed()
            .tbs_certificate
            .as_ref()
            .to_vec()
            .into(),
    };
    let mut transaction = pki.begin().expect("nobody else has it");
    transaction.record(&[record]).expect("the ledger takes it");
    let stage = transaction.stage(1).expect("there is room");
    let file = [StagedFile::named("cert.pem", text)];
    stage
        .add(&Place::entry(name), &file)
        .expect("there is room");
    drop(stage);
    transaction.commit().expect("the ledger takes it");
}

/// Whoever has a name in front of PostgreSQL's own, and a claim that does not end.
#[test]
fn neither_names_nor_claims_stand_in_the_way() {
    let database = Database::new();
    let machine = database.first();
    machine.done("issue n1");
    let _ = database.sql(
        "CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
         CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT ''infinity''::timestamptz';
         CREATE FUNCTION evil.wrong(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
         CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.wrong);
         ALTER DATABASE pki SET search_path = evil, pg_catalog;
         UPDATE certctl.claim SET holder = 1, until = 'infinity' WHERE object = 'certs/n1'",
    );
    machine.done("renew n1 --force");
    let claims = "SELECT object FROM certctl.claim WHERE until OPERATOR(pg_catalog.=) 'infinity'";
    assert_eq!(database.sql(claims), "");
    machine.is_well();
}

#[test]
fn a_ledger_of_a_later_version_is_left_alone() {
    let database = Database::new();
    let machine = database.first();
    let _ = database.sql("UPDATE certctl.ledger SET version = 2");
    for line in ["list", "issue n1", "pull", "check", "ledger verify"] {
        let run = machine.run(line).expect_status(1);
        assert!(run.stderr.contains("has version 2"), "{line}: {run:#?}");
    }
    let _ = database.sql("UPDATE certctl.ledger SET version = 1");
    machine.done("issue n1");
}

/// Whose clock is behind makes what others take for not valid yet.
#[test]
fn clocks_that_differ_are_told() {
    let database = Database::new();
    let first = database.first();
    first.done("issue n1");
    let other = Machine::new(
        Certctl::at("2026-01-01T00:00:00Z"),
        database.url(ISSUERS[1]),
    );
    other.done("join URL");
    let run = other.run("revoke n1 --yes").expect_status(0);
    assert!(
        run.stderr.contains("one of the clocks is wrong"),
        "{run:#?}"
    );
    let run = first.run("issue n2").expect_status(0);
    assert!(!run.stderr.contains("clock"), "{run:#?}");
}

#[test]
fn many_join_at_once() {
    let database = Database::new();
    let first = database.first();
    let url = |index: usize| database.url(ISSUERS[index % 2]);
    let machines: Vec<_> = (0..6)
        .map(|index| Machine::new(Certctl::in_memory(), url(index)))
        .collect();
    let commands: Vec<_> = machines
        .iter()
        .map(|machine| (machine, "join URL"))
        .collect();
    for run in at_once(&commands) {
        drop(run.expect_status(0));
    }
    let numbers: BTreeSet<_> = machines
        .iter()
        .map(|machine| fs::read_to_string(machine.certctl.pki("ledger.toml")).expect("it is there"))
        .map(|text| {
            text.lines()
                .find(|line| line.starts_with("writer"))
                .map(String::from)
        })
        .collect();
    assert_eq!(numbers.len(), machines.len());
    assert_eq!(database.sql("SELECT count(*) FROM certctl.writer"), "7");
    first.is_well();
}
