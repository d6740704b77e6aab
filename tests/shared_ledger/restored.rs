//! A backup of the database that was put back forgets nothing for which a machine can be asked.

use crate::{
    database::{Database, ISSUERS, Machine},
    support::{Run, openssl},
};

/// Has the database be as it was.
fn put_back(database: &mut Database) {
    database.stop();
    database.copy_data("saved", "data");
    database.start();
}

fn save(database: &mut Database) {
    database.stop();
    database.copy_data("data", "saved");
    database.start();
}

#[track_caller]
fn is_older(run: Run) {
    let run = run.expect_status(4);
    assert!(run.stderr.contains("\"ledger-older\""), "{run:#?}");
    assert!(run.stderr.contains("ledger copy"), "{run:#?}");
}

/// How many the CRL lists.
fn listed(machine: &Machine) -> usize {
    let path = machine.certctl.pki("ca/root/crl.pem").display().to_string();
    let run = openssl(&["crl", "-in", &path, "-noout", "-text"]).expect_status(0);
    run.stdout.matches("Serial Number:").count()
}

#[test]
fn no_revocation_is_forgotten() {
    let mut database = Database::new();
    let first = database.first();
    first.done("issue n1 n2");
    let second = database.join(&first, ISSUERS[1]);
    save(&mut database);
    first.done("revoke n1 --yes");
    first.done("issue n3");
    first.done("crl --all");
    let third = database.join(&first, ISSUERS[1]);
    third.done("issue n4");
    put_back(&mut database);
    // Who knows more makes nothing that says less.
    for line in ["list --json", "issue n5 --json", "crl --all --json"] {
        is_older(first.run(line));
        is_older(third.run(line));
    }
    first.done("ledger copy URL");
    // One that the backup does not know has seen the rest, too, and says so itself.
    is_older(third.run("list --json"));
    third.done("ledger copy URL");
    let all = first.in_use();
    let names: Vec<_> = all.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["n2", "n3", "n4", "root"]);
    for machine in [&second, &third] {
        assert_eq!(machine.in_use(), all);
        machine.done("crl --all");
        assert_eq!(listed(machine), 1);
    }
    third.done("issue n5");
    second.done("issue n6");
    for machine in [&first, &second, &third] {
        machine.done("pull");
        machine.is_well();
    }
}

/// Another directory may have joined since, and got the number of one that the backup does not know.
#[test]
fn a_number_that_was_given_again_is_not_used_by_two() {
    let mut database = Database::new();
    let first = database.first();
    save(&mut database);
    let lost = database.join(&first, ISSUERS[1]);
    put_back(&mut database);
    let new = database.join(&first, ISSUERS[1]);
    new.done("issue n1");
    is_older(lost.run("issue n2 --json"));
    is_older(lost.run("ledger copy URL --json"));
    first.is_well();
    new.is_well();
}

/// What was done before and after is true; a name that both gave is told.
#[test]
fn a_name_that_was_given_again_is_found() {
    let mut database = Database::new();
    let first = database.first();
    let second = database.join(&first, ISSUERS[1]);
    save(&mut database);
    first.done("issue n1 n2");
    put_back(&mut database);
    second.done("issue n1 n3");
    first.done("ledger copy URL");
    for machine in [&first, &second] {
        let run = machine.run("ledger verify").expect_status(3);
        let told: Vec<_> = run.stdout.lines().collect();
        assert!(
            matches!(told[..], [fault] if fault.starts_with("certs/n1 has two")),
            "{told:?}"
        );
    }
    second.done("renew certs/n1 --force");
    for machine in [&first, &second] {
        machine.done("ledger verify");
        assert_eq!(machine.in_use().len(), 4);
    }
    second.is_well();
}

/// A copy that was put back learns what it did itself, and gives no number again.
#[test]
fn a_copy_that_was_put_back_learns_the_rest() {
    let database = Database::new();
    let machine = database.first();
    let copy = std::fs::read(machine.certctl.pki("ledger.db")).expect("it is ours");
    for line in ["issue n1", "issue n2", "revoke n1 --yes"] {
        machine.done(line);
    }
    let all = machine.in_use();
    std::fs::write(machine.certctl.pki("ledger.db"), copy).expect("it is ours");
    assert_eq!(machine.in_use(), all);
    machine.done("issue n3");
    machine.is_well();
}
