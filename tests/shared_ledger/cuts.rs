//! A network that ends in the middle of something.

use std::{fs, time::Duration};

use crate::{
    database::{Database, ISSUERS, Machine},
    killing::nothing_blocks,
    relay::{From, Mode, Relay},
    support::Certctl,
};

/// So many octets lie between two cuts: a prime, so that they fall into all parts of messages.
const STEP: usize = 1_499;

/// A machine that begins a PKI, and reaches the database by a relay.
fn behind(database: &Database, relay: &Relay) -> Machine {
    let url = database.url_by(ISSUERS[0], relay.port);
    let machine = Machine::new(Certctl::in_memory(), url);
    machine.done("init-ca --ledger URL");
    machine
}

#[test]
fn a_cut_connection_is_made_again() {
    let database = Database::new();
    let relay = Relay::to(database.port);
    let machine = behind(&database, &relay);
    let other = database.join(&machine, ISSUERS[1]);
    relay.count();
    machine.done("issue n0");
    let (_, sizes) = relay.count();
    let mut names = 1;
    for (side, size) in [From::Client, From::Server].into_iter().zip(sizes) {
        for count in (0..size).step_by(STEP) {
            relay.set(Mode::Cut(side, count));
            let line = format!("issue n{names}");
            let run = machine.run(&line);
            assert!(
                matches!(run.status, Some(0 | 1)),
                "{side:?} {count}: {run:#?}"
            );
            relay.set(Mode::Pass);
            let is_given = machine
                .in_use()
                .iter()
                .any(|(name, _)| line.ends_with(&format!(" {name}")));
            assert_eq!(
                is_given,
                run.status == Some(0),
                "{side:?} {count}: {run:#?}"
            );
            if !is_given {
                // Nobody answered at all.
                assert!(run.stderr.contains("cannot be reached"), "{run:#?}");
                machine.done(&line);
            }
            names += 1;
        }
    }
    assert!(names > 10, "{sizes:?}");
    assert_eq!(machine.in_use(), other.in_use());
    assert_eq!(machine.on_disk().len(), names);
    nothing_blocks(&database);
    machine.is_well();
}

/// Whether it was done is not known; the next command knows.
#[test]
fn a_network_that_always_ends_leaves_nothing_half_done() {
    let database = Database::new();
    let relay = Relay::to(database.port);
    let machine = behind(&database, &relay);
    relay.count();
    machine.done("issue n0");
    let (_, [_, size]) = relay.count();
    for (index, part) in [2, 5, 8].into_iter().enumerate() {
        let line = format!("issue m{index}");
        relay.set(Mode::CutAll(From::Server, size * part / 10));
        let run = machine.run(&line);
        // What comes last needs less than all of it, on a connection of its own.
        let is_told = run.status == Some(1) && run.stderr.contains("the shared ledger");
        assert!(is_told || run.status == Some(0) && part == 8, "{run:#?}");
        relay.set(Mode::Pass);
        let name = format!("m{index}");
        match machine.in_use().iter().any(|(it, _)| *it == name) {
            true => drop(machine.run(&line).expect_status(4)),
            false => drop(machine.done(&line)),
        }
    }
    nothing_blocks(&database);
    machine.is_well();
}

/// How long it may take to connect and to answer, for who does not want to wait for minutes.
const IMPATIENT: &str = "&connect_timeout=2&options=-c%20statement_timeout%3D4s";

/// A network that takes all that is sent and lets no answer through. How long a patient run takes does not count.
#[test]
fn a_network_that_swallows_answers_is_given_up() {
    let database = Database::new();
    let relay = Relay::to(database.port);
    let machine = behind(&database, &relay);
    let settings = machine.certctl.pki("ledger.toml");
    let patient = fs::read_to_string(&settings).expect("it is there");
    let impatient = patient.replace("&sslkey=", &format!("{IMPATIENT}&sslkey="));
    assert_ne!(patient, impatient);
    relay.count();
    machine.done("issue n0");
    let (_, [_, size]) = relay.count();
    for (index, part) in [0, 5, 8].into_iter().enumerate() {
        let (name, line) = (format!("m{index}"), format!("issue m{index}"));
        fs::write(&settings, &impatient).expect("it is ours");
        relay.set(Mode::MuteAll(From::Server, size * part / 10));
        let run = machine.run(&line).expect_status(1);
        // A database that is slow gives up first.
        let is_told = ["no answer came within", "statement timeout"];
        let is_told = is_told.iter().any(|words| run.stderr.contains(words));
        assert!(
            is_told && run.stderr.contains("the shared ledger"),
            "{run:#?}"
        );
        // Who only looks has the copy.
        if part == 0 {
            let run = machine.run("list").expect_status(0);
            assert!(run.stderr.contains("no answer came within"), "{run:#?}");
        }
        fs::write(&settings, &patient).expect("it is ours");
        relay.set(Mode::Pass);
        match machine.in_use().iter().any(|(it, _)| *it == name) {
            true => drop(machine.run(&line).expect_status(4)),
            false => drop(machine.done(&line)),
        }
    }
    nothing_blocks(&database);
    assert_eq!(machine.on_disk().len(), 4);
    machine.is_well();
}

#[test]
fn a_slow_network_only_takes_longer() {
    let database = Database::new();
    let relay = Relay::to(database.port);
    let machine = behind(&database, &relay);
    relay.set(Mode::Slow(Duration::from_millis(10)));
    machine.done("issue n1");
    machine.is_well();
}
