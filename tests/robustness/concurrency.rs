//! Many at once: writers follow one another, readers see a key with its own certificate or none.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use certctl::pki::pem;
use certctl::store::authority::read_key;
use rustix::fs::{Mode, OFlags, openat};

use crate::inspect::{inspect, names_in};
use crate::support::{Certctl, Run};

/// Runs command lines side by side and hands back how they ended.
fn all_at_once(certctl: &Certctl, commands: &[String]) -> Vec<Run> {
    let run = |command: &String| certctl.run(&command.split(' ').collect::<Vec<_>>());
    thread::scope(|scope| {
        let started: Vec<_> = commands
            .iter()
            .map(|command| scope.spawn(move || run(command)))
            .collect();
        started
            .into_iter()
            .map(|thread| thread.join().expect("no thread panics"))
            .collect()
    })
}

/// So many succeeded, so many were refused, and that was all.
#[track_caller]
fn expect(runs: &[Run], done: usize, refused: usize) {
    let mut found: Vec<_> = runs.iter().map(|run| run.status).collect();
    found.sort_unstable();
    let expected = [vec![Some(0); done], vec![Some(4); refused]].concat();
    assert_eq!(found, expected, "{runs:#?}");
}

#[test]
fn issue_different_names() {
    let certctl = Certctl::in_memory();
    let _ = certctl.run(&["init-ca"]).expect_status(0);
    let issue = (1..=24).map(|number| format!("issue node{number}"));
    // Readers among them wait for writers, and repair nothing, for nothing is broken.
    let commands: Vec<_> = issue
        .chain((0..8).map(|_| "list --json".to_owned()))
        .collect();
    let runs = all_at_once(&certctl, &commands);
    expect(&runs, 32, 0);
    assert!(
        runs.iter().all(|run| !run.stderr.contains("interrupted")),
        "{runs:#?}"
    );
    inspect(&certctl);
    assert_eq!(names_in(certctl.pki("certs")).len(), 24);
}

#[test]
fn issue_the_same_name() {
    let certctl = Certctl::in_memory();
    let _ = certctl.run(&["init-ca"]).expect_status(0);
    let runs = all_at_once(&certctl, &vec!["issue node1".to_owned(); 8]);
    expect(&runs, 1, 7);
    inspect(&certctl);
}

#[test]
fn init_the_same_ca() {
    let certctl = Certctl::in_memory();
    let runs = all_at_once(&certctl, &vec!["init-ca".to_owned(); 8]);
    expect(&runs, 1, 7);
    inspect(&certctl);
}

/// A dry run takes the new PKI directory away again, from under those who wait for it.
#[test]
fn init_beside_dry_runs() {
    for _ in 0..8 {
        let certctl = Certctl::in_memory();
        let commands = [
            "init-ca",
            "init-ca --dry-run",
            "init-ca other",
            "init-ca another --dry-run",
        ];
        // The dry run of what exists already is refused.
        for (command, run) in commands
            .iter()
            .zip(all_at_once(&certctl, &commands.map(str::to_owned)))
        {
            let refused = *command == "init-ca --dry-run" && run.status == Some(4);
            assert!(refused || run.status == Some(0), "{run:#?}");
        }
        inspect(&certctl);
        assert_eq!(names_in(certctl.pki("ca")).len(), 2);
    }
}

#[test]
fn wait_for_nothing() {
    let certctl = Certctl::in_memory();
    let _ = certctl.run(&["init-ca"]).expect_status(0);
    let held = File::open(certctl.pki("ledger.db")).expect("the ledger can be opened");
    held.lock().expect("nobody else holds it");
    for command in [
        &["issue", "node1", "--wait", "0s"][..],
        &["list", "--wait", "0s"],
    ] {
        let run = certctl.run(command).expect_status(5);
        assert!(run.stderr.contains("--wait"), "{run:?}");
    }
    drop(held);
    let _ = certctl
        .run(&["issue", "node1", "--wait", "0s"])
        .expect_status(0);
}

/// A server that opens the directory and then its files never has a key and a certificate that differ.
#[test]
fn read_while_replaced() {
    let certctl = Certctl::in_memory();
    let _ = certctl.run(&["issue", "node1", "--init"]).expect_status(0);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..20 {
                let _ = certctl.run(&["issue", "node1", "--force"]).expect_status(0);
            }
            done.store(true, Ordering::Relaxed);
        });
        while !done.load(Ordering::Relaxed) {
            let directory = File::open(certctl.pki("certs/node1")).expect("it is never away");
            let certificate = read(&directory, "cert.pem");
            let certificates = pem::decode_certificates(&certificate).expect("it is whole");
            let key = read(&directory, "key.pem");
            assert!(
                read_key(&key, None, &certificates[0]).is_ok(),
                "key and certificate differ"
            );
        }
    });
    inspect(&certctl);
    assert_eq!(names_in(certctl.pki("archive")).len(), 20);
}

fn read(directory: impl AsFd, name: &str) -> Vec<u8> {
    let opened = openat(directory, name, OFlags::RDONLY, Mode::empty()).expect("it is there");
    let mut octets = Vec::new();
    File::from(opened)
        .read_to_end(&mut octets)
        .expect("it can be read");
    octets
}
