//! Somebody who may do anything in the database changes what is recorded there.

use crate::{
    database::{Database, ISSUERS, Machine},
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
