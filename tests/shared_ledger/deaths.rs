//! What a death leaves: of the program, before each of its calls to the database, and of the database.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use crate::{
    database::{Database, ISSUERS, Machine},
    many::nothing_blocks,
    support::{Run, debugged},
};

/// What is said to the database, and what is heard; what is published.
const CALLS: [&str; 3] = ["sendto", "recvfrom", "renameat2"];

/// Of the calls before which a command can be killed, every fourth is tried, and every publication.
const STEP: usize = 4;

/// How often a command makes such a call.
fn count(machine: &Machine, line: &str, call: &str) -> usize {
    let log = machine.certctl.home().join("strace.log");
    let arguments = ["-f", "-qq", "-o", "strace.log", "-e"];
    let trace = format!("trace={call}");
    let arguments = [&arguments[..], &[&trace]].concat();
    let command = machine.certctl.command(&machine.words(line));
    drop(Run::of(&mut debugged("strace", &arguments, &command)).expect_status(0));
    let log = std::fs::read_to_string(log).expect("strace wrote it");
    log.matches(&format!(" {call}(")).count()
}

/// Kills commands for one name after the other; `before` is done for each, and `command` with it.
fn survives(before: Option<&str>, command: &str) {
    let database = Database::new();
    let machine = database.first();
    let mut names = 0;
    let mut next = || {
        names += 1;
        let with = |line: &str| line.replace("NAME", &format!("n{names}"));
        if let Some(before) = before {
            machine.done(&with(before));
        }
        with(command)
    };
    let mut killed = 0;
    for call in CALLS {
        let step = if call == "renameat2" { 1 } else { STEP };
        let all = count(&machine, &next(), call);
        for position in (1..=all).step_by(step) {
            let line = next();
            let inject = format!("inject={call}:signal=KILL:when={position}");
            let trace = format!("trace={call}");
            let arguments = ["-f", "-qq", "-o/dev/null", "-e", &trace, "-e", &inject];
            let killing = machine.certctl.command(&machine.words(&line));
            let run = Run::of(&mut debugged("strace", &arguments, &killing));
            killed += usize::from(run.status.is_none());
            // It finishes it or takes it back; the name is whole, or free.
            let shown = machine.run("list");
            assert_eq!(
                shown.status,
                Some(0),
                "{line}, {call} {position}: {shown:#?}"
            );
            let again = machine.run(&line);
            assert!(
                matches!(again.status, Some(0 | 4))
                    || line.starts_with("revoke") && again.status == Some(1),
                "{line}, {call} {position}: {again:#?}"
            );
            assert!(
                !again.stderr.contains("being changed by"),
                "{call} {position}: {again:#?}"
            );
        }
    }
    assert!(killed > 15, "only {killed} were killed");
    nothing_blocks(&database);
    machine.is_well();
    let (in_use, on_disk) = (machine.in_use(), machine.on_disk());
    assert!(on_disk.is_subset(&in_use), "{on_disk:?}, but {in_use:?}");
    let other = database.join(&machine, ISSUERS[1]);
    assert_eq!(other.in_use(), in_use);
    other.is_well();
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
