//! The command line, as transcripts: each file of `tests/cases/` is one session in an empty directory.
//!
//! ```text
//! ## A line of prose begins with two number signs and stands before a command.
//!
//! $ certctl issue node1 --san 10.0.0.999      # for sh; a following line with `> ` continues it
//! what it printed on stdout
//! ! what it printed on stderr
//! ? 2                                         # how it ended, unless with 0
//! ```
//!
//! `[..]` stands for anything within a line, `...` for any lines, `[HOME]` for the session's directory,
//! `[SERIAL]`, `[KEYID]` and `[SHA256]` for hexadecimal digits that differ each time, `␛` for the escape that
//! begins a colour. The time is 2030-01-01T00:00:00Z, unless a command sets CERTCTL_NOW.
//!
//! A new case needs only its commands: `SNAPSHOTS=overwrite cargo test --test cli` writes what they
//! print. Read it before you commit it. `CASES=list` runs only the files whose name holds `list`.

use std::{
    ffi::OsString,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use snapbox::{
    Assert, Data, IntoData as _, Redactions, assert::DEFAULT_ACTION_ENV, data::DataFormat,
};
use support::{Certctl, Run};

mod support;

const NOW: &str = "2030-01-01T00:00:00Z";

#[test]
fn transcripts() {
    let wanted = std::env::var("CASES").unwrap_or_default();
    let mut failures = String::new();
    let mut ran = 0;
    for path in cases() {
        let name = path.file_stem().expect("a file").to_string_lossy();
        if name.contains(&wanted) {
            ran += 1;
            if let Err(difference) = replay(&path) {
                let _ = writeln!(failures, "{name}:\n{difference}");
            }
        }
    }
    assert!(ran > 0, "no case is called *{wanted}*");
    assert!(failures.is_empty(), "{failures}");
}

fn cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = fs::read_dir(&directory).expect("tests/cases/ exists");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.sort();
    paths
}

/// Runs the commands of a transcript and compares it with what they print now.
fn replay(path: &Path) -> Result<(), snapbox::assert::Error> {
    let certctl = Certctl::at(NOW);
    let transcript = fs::read_to_string(path).expect("a transcript is text");
    let mut found = String::new();
    for step in steps(&transcript) {
        let separator = if found.is_empty() { "" } else { "\n" };
        let _ = write!(found, "{separator}{step}");
        if !step.starts_with("## ") {
            found += &print(&Run::of(&mut shell(&certctl, &script(&step))));
        }
    }
    let mut redactions = Redactions::new();
    let home = fs::canonicalize(certctl.home()).expect("it exists");
    redactions
        .insert("[HOME]", home)
        .expect("a valid placeholder");
    Assert::new()
        .action_env(DEFAULT_ACTION_ENV)
        .redact_with(redactions)
        .normalize_paths(false)
        .try_eq(
            None,
            without_digits(&found).into_data(),
            Data::read_from(path, Some(DataFormat::Text)),
        )
}

/// The prose and the commands of a transcript, each a paragraph of its own.
fn steps(transcript: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    let mut last = ' ';
    for line in transcript.lines() {
        let kind = match line.get(..2) {
            Some("$ ") => '$',
            Some("> ") if last == '$' => '>',
            Some("##") => '#',
            _ => ' ',
        };
        match steps.last_mut() {
            Some(step) if kind == '>' || (kind == '#' && last == '#') => {
                let _ = writeln!(step, "{line}");
            }
            _ if kind != ' ' => steps.push(format!("{line}\n")),
            _ => {}
        }
        last = if kind == '>' { '$' } else { kind };
    }
    steps
}

/// What stands behind the `$ ` and `> ` of a command.
fn script(step: &str) -> String {
    step.lines()
        .map(|line| format!("{}\n", &line[2..]))
        .collect()
}

/// A shell that finds certctl, and in which nothing of the tester's own surroundings is left.
fn shell(certctl: &Certctl, script: &str) -> Command {
    let directory = Path::new(env!("CARGO_BIN_EXE_certctl"))
        .parent()
        .expect("a program lies in a directory");
    let mut path = OsString::from(directory);
    path.push(":/usr/bin:/bin");
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .current_dir(certctl.home())
        .env_clear()
        .env("PATH", path)
        .env("CERTCTL_NOW", NOW);
    command
}

fn print(run: &Run) -> String {
    let mut text = String::new();
    for line in run.stdout.lines() {
        let _ = writeln!(text, "{line}");
    }
    for line in run.stderr.lines() {
        let _ = writeln!(text, "{}", format!("! {line}").trim_end());
    }
    match run.status {
        Some(0) => {}
        Some(code) => {
            let _ = writeln!(text, "? {code}");
        }
        None => text += "? killed\n",
    }
    text.replace('\u{1b}', "␛")
}

/// Puts names in the place of serials, key identifiers and digests: runs of 32, 40 or 64 upper-case
/// hexadecimal digits. The common name of a CA ends in the first 8 of its key identifier.
fn without_digits(text: &str) -> String {
    let is_digit = |c: char| matches!(c, '0'..='9' | 'A'..='F');
    let mut found = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_digit) {
        let (before, from) = rest.split_at(start);
        let length = from.find(|c| !is_digit(c)).unwrap_or(from.len());
        let (digits, after) = from.split_at(length);
        found += before;
        found += match length {
            8 if found.ends_with(" CA ") => "[KEYID]",
            32 => "[SERIAL]",
            40 => "[KEYID]",
            64 => "[SHA256]",
            _ => digits,
        };
        rest = after;
    }
    found + rest
}
