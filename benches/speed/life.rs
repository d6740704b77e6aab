//! What comes after the first day: a fleet file with nothing to do, renewal, revocation.

use std::{fmt::Write as _, fs, path::Path};

use crate::{
    measure::{Sandbox, certctl, median, rounds},
    rows::{BATCH_ROUNDS, Verdict, issue_many},
};

const COUNT: usize = 10_000;

/// `renew` of 10,000, beside issuing them.
pub(crate) fn renewal(sandbox: &Sandbox) -> Vec<Verdict> {
    let [ratio] = rounds(BATCH_ROUNDS, || {
        let (pki, issued) = issue_many(sandbox, COUNT);
        let names = format!("node{{1..{COUNT}}}");
        [certctl(&pki, &["renew", &names, "--force"]).wall / issued.wall]
    });
    vec![("issuing them", 1.5, ratio)]
}

/// The three steps of a root's rotation, beside issuing what it has signed.
pub(crate) fn rotation(sandbox: &Sandbox) -> Vec<Verdict> {
    let [ratio] = rounds(BATCH_ROUNDS, || {
        let pki = sandbox.fresh();
        certctl(&pki, &["init-ca"]);
        let issued = certctl(&pki, &["issue", &format!("node{{1..{COUNT}}}")]);
        let step = |words: &[&str]| certctl(&pki, &[&["rotate-ca"], words].concat()).wall;
        let mut taken = step(&["start"]);
        step(&["ack", "--all"]);
        taken += step(&["switch"]);
        step(&["ack", "--all"]);
        taken += step(&["finish"]);
        [taken / issued.wall]
    });
    vec![("issuing them", 1.5, ratio)]
}

/// `apply` of a file that names every entry.
pub(crate) fn apply(sandbox: &Sandbox) -> Vec<Verdict> {
    let (pki, _) = issue_many(sandbox, COUNT);
    let (small, _) = issue_many(sandbox, COUNT / 10);
    let (all, tenth) = (fleet_file(&pki, COUNT), fleet_file(&small, COUNT / 10));
    let [seconds, growth] = rounds(BATCH_ROUNDS, || {
        let wall = certctl(&pki, &["apply", &all]).wall;
        let of_tenth = certctl(&small, &["apply", &tenth]).wall;
        [wall, wall / of_tenth / 10.0]
    });
    vec![
        ("1 s", 1.0, seconds),
        ("ten times the time for 1,000", 1.3, growth),
    ]
}

/// Writes a fleet file with an entry for each node; its path.
fn fleet_file(pki: &Path, count: usize) -> String {
    let mut text = String::from("[defaults]\nprofile = \"node\"\n");
    for number in 1..=count {
        let _ = write!(text, "\n[[entry]]\nname = \"node{number}\"\n");
    }
    let path = pki.with_extension("toml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Seconds for the CRL of a CA whose 100,000 nodes are revoked.
pub(crate) fn crl(pki: &Path) -> f64 {
    certctl(pki, &["revoke", "node{1..100000}", "--yes"]);
    let run = |_| certctl(pki, &["crl"]).wall;
    median((0..BATCH_ROUNDS).map(run).collect())
}
