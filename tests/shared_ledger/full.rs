//! Disks that are full: the database's, and the machine's.

use crate::{
    database::{Database, Machine},
    many::nothing_blocks,
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
