//! Disks that are full: the database's, and the machine's.

use crate::{
    database::{Database, Machine},
    killing::nothing_blocks,
    place::{Place, everywhere},
    support::{Run, debugged},
};

/// What a command that issues writes to, in its order.
const TABLES: [&str; 6] = ["claim", "certificate", "outcome", "signed", "file", "event"];

/// Has a table take no row, as where its disk is full.
fn fill(database: &Database, table: &str) {
    let _ = database.sql(&format!(
        "CREATE OR REPLACE FUNCTION public.fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
         END $$;
         CREATE TRIGGER fills BEFORE INSERT ON certctl.{table} FOR EACH ROW EXECUTE FUNCTION public.fill();"
    ));
}

#[test]
fn the_databases_is() {
    let database = Database::new();
    let machine = database.first();
    for (index, table) in TABLES.into_iter().enumerate() {
        let line = format!("issue n{index}");
        fill(&database, table);
        let run = machine.run(&line).expect_status(1);
        assert!(run.stderr.contains("No space left"), "{table}: {run:#?}");
        assert_eq!(machine.on_disk().len(), index, "{table}");
        let _ = database.sql(&format!("DROP TRIGGER fills ON certctl.{table}"));
        machine.done(&line);
    }
    // What is revoked is not so by halves, either.
    for (index, table) in ["claim", "outcome", "status_change", "event"]
        .into_iter()
        .enumerate()
    {
        let line = format!("revoke n{index} --yes");
        fill(&database, table);
        let run = machine.run(&line);
        // The name's claim is there already, and is no new row: `ON CONFLICT` asks the trigger before it looks.
        let run = run.expect_status(1);
        assert!(run.stderr.contains("No space left"), "{table}: {run:#?}");
        let _ = database.sql(&format!("DROP TRIGGER fills ON certctl.{table}"));
        let count = machine.in_use().len();
        machine.done(&line);
        assert_eq!(machine.in_use().len() + 1, count, "{table}");
    }
    nothing_blocks(&database);
    machine.is_well();
}

/// What a command writes and makes durable here; every third of these calls is tried, and every one of the last kind.
const CALLS: [(&str, usize); 3] = [("pwrite64", 3), ("fdatasync", 1), ("renameat2", 1)];

/// Each call that writes here, from one of them on, finds no room.
#[test]
fn the_machines_is() {
    let database = Database::new();
    let machine = database.first();
    let mut names = 0;
    for (call, step) in CALLS {
        let mut position = 1;
        loop {
            names += 1;
            let line = format!("issue n{names}");
            let run = without_room(&machine, &line, call, position);
            assert!(
                matches!(run.status, Some(0 | 1)),
                "{call} {position}: {run:#?}"
            );
            let is_over = run.status == Some(0);
            // The next command has all of it true, or nothing.
            let again = machine.run(&line);
            assert!(
                matches!(again.status, Some(0 | 4)),
                "{call} {position}: {again:#?}"
            );
            assert_eq!(
                machine.on_disk().len(),
                names,
                "{call} {position}: {run:#?}"
            );
            if is_over {
                break;
            }
            position += step;
        }
    }
    assert!(names > CALLS.len(), "no call ever failed");
    nothing_blocks(&database);
    machine.is_well();
}

fn without_room(machine: &Machine, line: &str, call: &str, from: usize) -> Run {
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:error=ENOSPC:when={from}+");
    let arguments = ["-f", "-qq", "-o/dev/null", "-e", &trace, "-e", &inject];
    let command = machine.certctl.command(&machine.words(line));
    Run::of(&mut debugged("strace", &arguments, &command))
}

/// Commands that only look.
const LOOKS: [&str; 6] = [
    "list",
    "show root",
    "log",
    "check",
    "rotate-ca status",
    "list --json",
];

/// Who looks can where nothing can be written: what is here is what was known.
#[test]
fn who_looks_needs_no_room_here() {
    everywhere(|place| {
        let machine = &place.machine;
        machine.done("issue n1");
        if let Some(other) = place.second() {
            other.done("issue n2 n3");
        }
        for look in LOOKS {
            let run = without_room(machine, look, "pwrite64", 1).expect_status(0);
            let is_told = run
                .stderr
                .contains("cannot be written into this directory's copy")
                || run.stderr.contains("disk I/O error: what others did");
            assert_eq!(is_told, place.database.is_some(), "{look}: {run:#?}");
            assert!(!run.stdout.contains("n2"), "{look}: {run:#?}");
        }
        machine.done("list");
        place.is_well();
    });
}

/// Who looks can, though nobody can write what became of somebody who died: that is told, and done later.
#[test]
fn who_looks_needs_no_room() {
    let database = Database::new();
    let place = Place {
        machine: database.first(),
        database: Some(database),
    };
    let (machine, signer) = (&place.machine, place.signer());
    let (mut child, _) = signer.hold("issue n1 --ca held");
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    signer.release();
    let rows = || TABLES.map(|table| place.rows(&format!("SELECT count(*) FROM {table}")));
    let before = rows();
    let database = place.database.as_ref().expect("it is there");
    for table in TABLES {
        fill(database, table);
    }
    for look in LOOKS {
        let run = machine.run(look).expect_status(0);
        assert!(run.stderr.contains("No space left"), "{look}: {run:#?}");
        assert!(!run.stdout.contains("n1"), "{look}: {run:#?}");
    }
    let _ = machine.run("issue n2 --ca root").expect_status(1);
    assert_eq!(rows(), before);
    for table in TABLES {
        let _ = database.sql(&format!("DROP TRIGGER fills ON certctl.{table}"));
    }
    let run = machine.run("list").expect_status(0);
    assert!(run.stderr.contains("took back"), "{run:#?}");
    machine.done("issue n1 --ca root");
    place.is_well();
}
