//! Many at once, on as many machines.

use std::{
    collections::BTreeSet,
    process::{Child, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, ScopedJoinHandle},
    time::Duration,
};

use crate::{
    database::{Database, ISSUERS, Machine},
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
const NAMES: usize = 50;
/// So many names are issued by one command.
const TOGETHER: usize = 5;
const KILLS: usize = 60;

/// Machines issue names that two of them want each, and are killed.
#[test]
fn who_is_killed_loses_and_blocks_nothing() {
    let database = Database::new();
    let first = database.first();
    first.done("init-intermediate issuing");
    let mut machines = vec![first];
    for index in 1..MACHINES {
        let machine = database.join(&machines[0], ISSUERS[index % 2]);
        machines.push(machine);
    }
    let running: Vec<Mutex<Option<Child>>> = machines.iter().map(|_| Mutex::default()).collect();
    let at_work = AtomicUsize::new(MACHINES);
    let killed = thread::scope(|scope| {
        for (index, machine) in machines.iter().enumerate() {
            let (running, at_work) = (&running[index], &at_work);
            scope.spawn(move || {
                issue_all(index, machine, running);
                at_work.fetch_sub(1, Ordering::Relaxed);
            });
        }
        kill_some(&running, &at_work)
    });
    assert!(killed > 0, "nobody was killed");
    let mut expected: BTreeSet<String> = (0..MACHINES).flat_map(names).collect();
    expected.extend(["root", "issuing"].map(String::from));
    for machine in &machines {
        machine.done("list");
    }
    let in_use = machines[0].in_use();
    let names: BTreeSet<_> = in_use.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, expected);
    assert_eq!(in_use.len(), expected.len(), "a name was given twice");
    let mut found = BTreeSet::new();
    for machine in &machines {
        machine.is_well();
        assert_eq!(machine.in_use(), in_use);
        found.extend(machine.on_disk());
    }
    let entries: BTreeSet<_> = in_use
        .into_iter()
        .filter(|(name, _)| name.starts_with('n'))
        .collect();
    assert_eq!(found, entries, "disks and ledger disagree");
    nothing_blocks(&database);
    let twice = "SELECT count(*) - count(DISTINCT (issuer, serial)) FROM certctl.certificate";
    assert_eq!(database.sql(twice), "0");
}

/// Whoever claims something has not come to an end.
pub(crate) fn nothing_blocks(database: &Database) {
    let blocked = "SELECT object FROM certctl.claim WHERE holder IS NOT NULL
                   AND holder NOT IN (SELECT txn FROM certctl.outcome)";
    assert_eq!(database.sql(blocked), "");
}

fn names(index: usize) -> impl Iterator<Item = String> {
    (0..NAMES).map(move |number| format!("n{}", index * NAMES + number))
}

/// Until each command came to its end.
fn issue_all(index: usize, machine: &Machine, running: &Mutex<Option<Child>>) {
    let names: Vec<_> = names(index).collect();
    for some in names.chunks(TOGETHER) {
        let line = format!("issue {} --ca issuing", some.join(" "));
        let mut command = machine.certctl.command(&machine.words(&line));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        loop {
            let child = command.spawn().expect("it starts");
            *running.lock().expect("no thread panics") = Some(child);
            match ended(running) {
                // Killed before, it had come far enough.
                Some(0 | 4) => break,
                None => {}
                Some(other) => panic!("{line}: {other}"),
            }
        }
    }
}

/// Waits for a command; none where it was killed.
fn ended(running: &Mutex<Option<Child>>) -> Option<i32> {
    loop {
        let mut held = running.lock().expect("no thread panics");
        let ended = held
            .as_mut()
            .and_then(|it| it.try_wait().expect("it is ours"));
        if let Some(status) = ended {
            *held = None;
            return status.code();
        }
        drop(held);
        thread::sleep(Duration::from_millis(5));
    }
}

/// Kills one after the other while they are at work, in an order that is always the same.
fn kill_some(running: &[Mutex<Option<Child>>], at_work: &AtomicUsize) -> usize {
    let (mut seed, mut killed) = (1_u32, 0);
    while at_work.load(Ordering::Relaxed) > 0 {
        thread::sleep(Duration::from_millis(100));
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let chosen = (seed >> 16) as usize % running.len();
        let mut held = running[chosen].lock().expect("no thread panics");
        if let Some(child) = held.as_mut().filter(|_| killed < KILLS) {
            child.kill().expect("it is ours");
            killed += 1;
        }
    }
    killed
}
