//! Many at once, on as many machines.

use std::{
    collections::BTreeSet,
    thread::{self, ScopedJoinHandle},
    time::Duration,
};

use crate::{
    database::{Database, ISSUERS, Machine},
    killing::Work,
    support::Run,
};

/// Runs a command line on each of these machines at the same time.
pub(crate) fn at_once(commands: &[(&Machine, &str)]) -> Vec<Run> {
    thread::scope(|scope| {
        let started: Vec<_> = commands
            .iter()
            .map(|(machine, line)| scope.spawn(move || machine.run(line)))
            .collect();
        let runs = started.into_iter().map(ScopedJoinHandle::join);
        runs.map(|run| run.expect("no thread panics")).collect()
    })
}

#[test]
fn one_name_is_given_once() {
    let database = Database::new();
    let first = database.first();
    let second = database.join(&first, ISSUERS[1]);
    for line in ["issue n1", "issue m{1..3} n2", "init-intermediate issuing"] {
        let runs = at_once(&[(&first, line), (&second, line)]);
        let mut found: Vec<_> = runs.iter().map(|run| run.status).collect();
        found.sort_unstable();
        assert_eq!(found, [Some(0), Some(4)], "{runs:#?}");
        assert_eq!(first.in_use(), second.in_use());
    }
    for machine in [&first, &second] {
        // A CA that the other one made.
        machine.done("pull");
        machine.is_well();
    }
    let on_disks = || {
        first
            .on_disk()
            .into_iter()
            .chain(second.on_disk())
            .collect::<BTreeSet<_>>()
    };
    let entries = |machine: &Machine| {
        let in_use = machine.in_use().into_iter();
        in_use
            .filter(|(name, _)| !["root", "issuing"].contains(&&**name))
            .collect()
    };
    let given: BTreeSet<_> = entries(&first);
    assert_eq!(on_disks(), given);
    // Who replaces may come after the other, and replaces what that one made; its files stay where they are.
    for run in at_once(&[(&first, "renew n1 --force"), (&second, "renew n1 --force")]) {
        assert!(matches!(run.status, Some(0 | 4)), "{run:#?}");
    }
    let given: BTreeSet<_> = entries(&first);
    assert_eq!(given.len(), 5);
    assert!(on_disks().is_superset(&given), "{given:?}");
    for machine in [&first, &second] {
        machine.done("log --verify");
        machine.done("ledger verify");
    }
}

#[test]
fn no_list_forgets_a_revocation() {
    let database = Database::new();
    let first = database.first();
    first.done("issue n{1..6}");
    let second = database.join(&first, ISSUERS[1]);
    for number in 1..=6 {
        let revoke = format!("revoke n{number} --yes");
        let runs = at_once(&[
            (&first, &revoke),
            (&second, "crl --all"),
            (&first, "crl --all"),
        ]);
        for run in &runs {
            assert!(matches!(run.status, Some(0 | 4)), "{run:#?}");
        }
        if runs[0].status == Some(4) {
            first.done(&revoke);
        }
    }
    second.done("crl --all");
    let path = second.certctl.pki("ca/root/crl.pem").display().to_string();
    let text = crate::support::openssl(&["crl", "-in", &path, "-noout", "-text"]);
    assert_eq!(text.stdout.matches("Serial Number:").count(), 6, "{text:?}");
    let twice =
        "SELECT count(*) - count(DISTINCT (issuer, number)) FROM certctl.crl WHERE number > 0";
    assert_eq!(database.sql(twice), "0");
    first.done("pull");
    for machine in [&first, &second] {
        machine.is_well();
    }
}

const MACHINES: usize = 8;
const WORK: Work = Work {
    names: 50,
    together: 5,
    pause: Duration::from_millis(100),
    most_kills: 60,
};

/// The bench "16 machines" does the same at full length.
#[test]
fn who_is_killed_loses_and_blocks_nothing() {
    let database = Database::new();
    let machines = database.machines(MACHINES);
    let killed = WORK.carry_out(&machines);
    assert!(killed > 0, "nobody was killed");
    WORK.is_whole(&machines, &database);
}
