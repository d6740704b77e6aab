//! What is read from outside: twice the input takes twice the time, whatever it is.

use std::{fs, path::Path};

use crate::{
    measure::{Sandbox, certctl, rounds},
    rows::{BATCH_ROUNDS, Verdict},
};

/// How many names, entries, blocks or lines the shorter input has.
const COUNT: usize = 20_000;

/// A kind of input: how it is made, and the command that reads it.
type Kind = (fn(usize) -> String, &'static [&'static str]);

/// One row each: lists whose elements have a place to be found, or a like to be looked for.
const KINDS: [(&str, Kind); 3] = [
    (
        "half of it: entries of a fleet in one line",
        (entries, &["apply", "-n"]),
    ),
    ("half of it: PEM blocks", (blocks, &["inspect"])),
    (
        "half of it: lines of an extfile",
        (lines, &["issue", "a", "-n", "--extfile"]),
    ),
];

/// The time for an input beside that for half of it.
pub(crate) fn doubled(sandbox: &Sandbox) -> Vec<Verdict> {
    let pki = sandbox.fresh();
    certctl(&pki, &["init-ca"]);
    let row = |(beside, kind)| (beside, 2.5, growth(&pki, kind));
    KINDS.into_iter().map(row).collect()
}

fn growth(pki: &Path, (text, command): Kind) -> f64 {
    let files = [1, 2].map(|factor| {
        let path = pki.with_extension(factor.to_string());
        fs::write(&path, text(factor * COUNT)).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let seconds = |file: &str| certctl(pki, &[command, &[file]].concat()).wall;
    let [ratio] = rounds(BATCH_ROUNDS, || [seconds(&files[1]) / seconds(&files[0])]);
    ratio
}

fn entries(count: usize) -> String {
    let all: String = (0..count)
        .map(|it| format!("{{name=\"n{it}\"}},"))
        .collect();
    format!("entry=[{all}]\n")
}

fn blocks(count: usize) -> String {
    "-----BEGIN X-----\nAAAA\n-----END X-----\n".repeat(count)
}

fn lines(count: usize) -> String {
    let unused: String = (0..count).map(|it| format!("n{it} = $v::name\n")).collect();
    format!("[v]\nname = value\n[other]\n{unused}[default]\nsubjectAltName = DNS:a\n")
}
