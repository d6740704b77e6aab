//! A backup of the database that was put back forgets nothing for which a machine can be asked.

use crate::{
    database::{Database, ISSUERS, Machine},
    support::{Certctl, Run, openssl},
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
    lost.done("issue k1");
    put_back(&mut database);
    let new = database.join(&first, ISSUERS[1]);
    // Numbers are drawn at random; here chance has given the same one again.
    let settings = |machine: &Machine| {
        let path = machine.certctl.pki("ledger.toml");
        let text = std::fs::read_to_string(&path).expect("it is ours");
        let number = text.lines().find_map(|line| line.strip_prefix("writer = "));
        (
            path,
            number.expect("it has a number").to_owned(),
            text.clone(),
        )
    };
    let ((_, number, _), (path, drawn, text)) = (settings(&lost), settings(&new));
    assert_ne!(number, drawn);
    std::fs::write(path, text.replace(&drawn, &number)).expect("it is ours");
    let _ = database.sql(&format!(
        "UPDATE certctl.writer SET number = {number} WHERE number = {drawn}"
    ));
    new.done("issue n1");
    is_older(lost.run("issue n2 --json"));
    is_older(lost.run("ledger copy URL --json"));
    first.is_well();
    new.is_well();
}

/// A machine that died may learn from the backup that its change never became true; another had seen it.
#[test]
fn a_change_that_was_given_up_is_told() {
    let mut database = Database::new();
    let first = database.first();
    let second = database.join(&first, ISSUERS[1]);
    save(&mut database);
    first.done("issue n1");
    second.done("list");
    let number = database.sql("SELECT max(txn) FROM certctl.event");
    put_back(&mut database);
    // So the one that died does, whose copy has none of it.
    let _ = database.sql(&format!(
        "INSERT INTO certctl.outcome VALUES ({number}, {number} & 1048575, false)"
    ));
    is_older(second.run("list --json"));
    let run = second.run("ledger copy URL --json").expect_status(4);
    for words in ["\"ledger-older\"", &number, "certctl join URL"] {
        assert!(run.stderr.contains(words), "{words}: {run:#?}");
    }
    let anew = database.join(&second, ISSUERS[1]);
    anew.done("issue n1");
    anew.is_well();
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

/// Whatever was done on the other side of a restoration, a certificate that was revoked for good stays so.
#[test]
fn a_revocation_stays_one() {
    let mut database = Database::new();
    let first = database.first();
    first.done("issue n1 n2");
    let second = database.join(&first, ISSUERS[1]);
    save(&mut database);
    first.done("revoke n1 --yes --reason keyCompromise");
    first.done("crl --all");
    put_back(&mut database);
    second.done("issue x1");
    second.done("renew n1 --force");
    first.done("ledger copy URL");
    let third = database.join(&first, ISSUERS[1]);
    for machine in [&first, &second, &third] {
        machine.done("log --verify");
        machine.done("crl --all");
        assert_eq!(listed(machine), 1);
    }
}

/// One ledger is one PKI's: another is given to it by nobody.
#[test]
fn another_pki_is_refused() {
    let database = Database::new();
    let first = database.first();
    first.done("issue n1");
    for lines in [
        &["init-ca"][..],
        &["init-ca", "issue a", "issue b", "issue c"],
    ] {
        let other = Machine::new(Certctl::in_memory(), database.url(ISSUERS[1]));
        for line in lines {
            other.done(line);
        }
        let run = other.run("ledger copy URL").expect_status(1);
        assert!(run.stderr.contains("another ledger"), "{run:#?}");
        other.done("issue d");
        let _ = other.run("pull").expect_status(1);
    }
    first.is_well();
}

/// The file in which servers look for CRLs has the newest of each CA, whichever machine makes it.
#[test]
fn bundles_of_lists_are_of_the_newest() {
    let database = Database::new();
    let first = database.first();
    first.done("init-intermediate issuing");
    first.done("issue n1 n2 --ca issuing");
    first.done("crl --all");
    let second = database.join(&first, ISSUERS[1]);
    second.done("pull");
    first.done("revoke n1 --yes");
    first.done("crl --ca issuing");
    second.done("crl --ca root");
    first.done("pull");
    for machine in [&first, &second] {
        let text = machine.certctl.pki("ca/root/crl-bundle.pem");
        let text = std::fs::read_to_string(text).expect("there are lists");
        let list = machine.certctl.pki("ca/issuing/crl.pem");
        let list = std::fs::read_to_string(list).expect("there is a list");
        assert!(text.contains(list.trim()), "{text}\n{list}");
        machine.is_well();
    }
}
