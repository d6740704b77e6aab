//! What a death leaves: of the program, before its calls to the database and to the disk, and of the database.

use std::{
    cell::Cell,
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use crate::{
    database::{Database, ISSUERS, Machine},
    killing::nothing_blocks,
    place::everywhere,
    support::{Run, debugged},
};

/// What is said to the database, and what is heard; what is written here and made durable; what is published. Of the
/// calls before which a command can be killed every so many are tried.
const CALLS: [(&str, usize); 6] = [
    ("sendto", 4),
    ("recvfrom", 4),
    ("pwrite64", 3),
    ("fdatasync", 1),
    ("renameat", 1),
    ("renameat2", 1),
];

/// How often a command makes such a call.
fn count(machine: &Machine, line: &str, call: &str) -> usize {
    let log = machine.certctl.home().join("strace.log");
    let arguments = ["-f", "-qq", "-o", "strace.log", "-e"];
    let trace = format!("trace={call}");
    let arguments = [&arguments[..], &[&trace]].concat();
    let run = Run::of(&mut debugged("strace", &arguments, &machine.command(line)));
    drop(run.expect_status(0));
    let log = fs::read_to_string(log).expect("strace wrote it");
    log.matches(&format!(" {call}(")).count()
}

/// All or nothing: kills commands for one name after the other; `before` is done for each, and `command` with it.
fn survives(before: Option<&str>, command: &str) {
    everywhere(|place| {
        let names = Cell::new(0);
        let next = || {
            names.set(names.get() + 1);
            let with = |line: &str| line.replace("NAME", &format!("n{}", names.get()));
            if let Some(before) = before {
                place.machine.done(&with(before));
            }
            with(command)
        };
        let mut killed = 0;
        for (call, step) in CALLS {
            let all = count(&place.machine, &next(), call);
            for position in (1..=all).step_by(step) {
                killed += usize::from(is_killed(&place.machine, &next(), call, position));
            }
        }
        assert!(killed > 6, "only {killed} were killed");
        place.is_well();
        let (in_use, on_disk) = (place.machine.in_use(), place.machine.on_disk());
        assert!(on_disk.is_subset(&in_use), "{on_disk:?}, but {in_use:?}");
        if let Some(other) = place.second() {
            assert_eq!(other.in_use(), in_use);
            other.is_well();
        }
    });
}

/// Kills a command before its call of this number; the next one finishes it or takes it back, and the name is whole, or
/// free.
fn is_killed(machine: &Machine, line: &str, call: &str, position: usize) -> bool {
    let inject = format!("inject={call}:signal=KILL:when={position}");
    let trace = format!("trace={call}");
    let arguments = ["-f", "-qq", "-o/dev/null", "-e", &trace, "-e", &inject];
    let run = Run::of(&mut debugged("strace", &arguments, &machine.command(line)));
    let shown = machine.run("list");
    let what = format!("{line}, {call} {position}");
    assert_eq!(shown.status, Some(0), "{what}: {shown:#?}");
    let again = machine.run(line);
    assert!(
        matches!(again.status, Some(0 | 4))
            || line.starts_with("revoke") && again.status == Some(1),
        "{what}: {again:#?}"
    );
    assert!(
        !again.stderr.contains("being changed by"),
        "{what}: {again:#?}"
    );
    run.status.is_none()
}

#[test]
fn of_issue() {
    survives(None, "issue NAME --ca root");
}

#[test]
fn of_renew() {
    survives(Some("issue NAME"), "renew NAME --force");
}

#[test]
fn of_revoke() {
    survives(Some("issue NAME"), "revoke NAME --yes");
}

#[test]
fn of_init_ca() {
    survives(None, "init-ca NAME");
}

const EACH: usize = 12;

#[test]
fn of_the_database() {
    let mut database = Database::new();
    let first = database.first();
    let second = database.join(&first, ISSUERS[1]);
    let at_work = AtomicUsize::new(2);
    thread::scope(|scope| {
        for (machine, letter) in [(&first, 'a'), (&second, 'b')] {
            let at_work = &at_work;
            scope.spawn(move || {
                for number in 0..EACH {
                    issue(machine, &format!("issue {letter}{number}"));
                }
                at_work.fetch_sub(1, Ordering::Relaxed);
            });
        }
        while at_work.load(Ordering::Relaxed) > 0 {
            thread::sleep(Duration::from_millis(700));
            database.crash();
            database.start();
        }
    });
    nothing_blocks(&database);
    assert_eq!(first.in_use().len(), 2 * EACH + 1);
    assert_eq!(first.in_use(), second.in_use());
    assert_eq!(first.on_disk().len(), EACH);
    for machine in [&first, &second] {
        machine.is_well();
    }
}

/// As often as it takes.
fn issue(machine: &Machine, line: &str) {
    loop {
        let run = machine.run(line);
        match run.status {
            Some(0 | 4) => return,
            Some(1) => thread::sleep(Duration::from_millis(50)),
            _ => panic!("{run:#?}"),
        }
    }
}
