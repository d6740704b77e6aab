//! What PostgreSQL says where transactions come in each other's way, as often as one likes.

use crate::{database::Database, killing::nothing_blocks};

/// Has what is written of the next transactions' outcome fail so often with this code.
fn fail(database: &Database, code: &str, times: u32) {
    let _ = database.sql(&format!(
        "DROP TRIGGER IF EXISTS fails ON certctl.outcome;
         DROP SEQUENCE IF EXISTS public.failures;
         CREATE SEQUENCE public.failures;
         CREATE OR REPLACE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             IF nextval('public.failures') <= {times} THEN
                 RAISE EXCEPTION 'on purpose' USING ERRCODE = '{code}';
             END IF;
             RETURN new;
         END $$;
         CREATE TRIGGER fails BEFORE INSERT ON certctl.outcome FOR EACH ROW EXECUTE FUNCTION public.fail();"
    ));
}

#[test]
fn it_is_tried_again() {
    let database = Database::new();
    let machine = database.first();
    for (name, code) in [("n1", "40001"), ("n2", "40P01")] {
        fail(&database, code, 3);
        machine.done(&format!("issue {name}"));
        machine.done(&format!("revoke {name} --yes"));
    }
    // For ever: it is given up, in words, and the name is free.
    fail(&database, "40001", 1_000);
    let run = machine.run("issue n3").expect_status(1);
    assert!(
        run.stderr.contains("others came in the way too often"),
        "{run:#?}"
    );
    // What cannot be written down yet can be looked at once it can.
    fail(&database, "40001", 0);
    machine.done("list");
    nothing_blocks(&database);
    machine.done("issue n3");
    machine.is_well();
}

/// What is wrong for good is not tried again.
#[test]
fn a_refusal_is_told() {
    let database = Database::new();
    let machine = database.first();
    fail(&database, "23514", 1);
    let run = machine.run("issue n1").expect_status(1);
    assert!(run.stderr.contains("on purpose"), "{run:#?}");
    machine.done("issue n1");
    nothing_blocks(&database);
    machine.is_well();
}

/// Who signs and who begins the first rotation of all come one after the other.
#[test]
fn a_first_rotation_waits_for_who_signs() {
    let database = Database::new();
    let machine = database.first();
    let last = "SELECT txn FROM certctl.claim WHERE object = 'rotation'";
    assert_eq!(database.sql(last), "0");
    machine.done("issue n1");
    // As a rotation of which this machine knows nothing yet.
    let _ = database.sql("UPDATE certctl.claim SET txn = 1 WHERE object = 'rotation'");
    let run = machine.run("issue n2").expect_status(4);
    assert!(run.stderr.contains("the rotation was changed"), "{run:#?}");
    let _ = database.sql("UPDATE certctl.claim SET txn = 0 WHERE object = 'rotation'");
    machine.done("issue n2");
    machine.is_well();
}
