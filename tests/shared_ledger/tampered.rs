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
