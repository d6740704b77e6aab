//! A PKI directory as it is before and after a command.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use certctl::store::{Access, Pki, StoreError};

use crate::inspect::{directories, inspect};
use crate::support::{Certctl, Run};

/// The same beginning, as often as it is needed.
pub(crate) struct Scene {
    template: Certctl,
    /// What is there.
    pub(crate) before: State,
    /// What `command` makes of it.
    pub(crate) after: State,
    pub(crate) command: Vec<&'static str>,
}

impl Scene {
    /// Runs the commands that come before, and then `command` for once undisturbed.
    pub(crate) fn new(before: &[&'static str], command: &'static str) -> Self {
        let template = Certctl::in_memory();
        for line in before {
            let _ = template.run(&words(line)).expect_status(0);
        }
        let mut scene = Self {
            before: State::of(&template),
            after: State::default(),
            template,
            command: words(command),
        };
        let undisturbed = scene.copy();
        let _ = undisturbed.run(&scene.command).expect_status(0);
        inspect(&undisturbed);
        scene.after = State::of(&undisturbed).since(&scene.before);
        scene
    }

    /// A PKI directory of its own, as it is before the command.
    pub(crate) fn copy(&self) -> Certctl {
        let copy = Certctl::in_memory();
        if self.template.pki("").exists() {
            copy_directory(&self.template.pki(""), &copy.pki(""));
        }
        copy
    }

    /// Makes sure that a PKI directory is as before or as after the command; true where it is as after.
    pub(crate) fn is_done(&self, certctl: &Certctl, what: &str) -> bool {
        inspect(certctl);
        let found = State::of(certctl);
        if found == self.before {
            return false;
        }
        let found = found.since(&self.before);
        assert_eq!(found, self.after, "{what}: neither as before nor as after");
        true
    }

    /// Runs the command once more: it must do now what it should have done.
    pub(crate) fn finish(&self, certctl: &Certctl, done: bool) {
        let force: &[&str] = if done && !self.command.contains(&"--force") {
            &["--force"]
        } else {
            &[]
        };
        let _ = certctl
            .run(&[&self.command, force].concat())
            .expect_status(0);
        let found = State::of(certctl);
        assert!(
            done || found.since(&self.before) == self.after,
            "it did something else"
        );
    }
}

/// The words of a command line.
pub(crate) fn words(line: &'static str) -> Vec<&'static str> {
    line.split_whitespace().collect()
}

fn copy_directory(from: &Path, to: &Path) {
    let _ = Run::of(Command::new("cp").arg("-a").args([from, to])).expect_status(0);
}

/// The certificates of a PKI directory, on disk and in the ledger.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct State {
    /// `certs/node1` and its serial; in `archive/` without the serial that its name ends in
    pub(crate) directories: BTreeSet<(String, String)>,
    /// Name, kind, status and serial
    pub(crate) rows: BTreeSet<(String, String, String, String)>,
}

/// Stands for a serial that is new.
const NEW: &str = "new";

impl State {
    /// Looks into a PKI directory in which nothing is left to be repaired.
    pub(crate) fn of(certctl: &Certctl) -> Self {
        let mut state = Self::default();
        for (path, certificates) in directories(certctl, &["archive", "ca", "certs"]) {
            let serial = certificates[0].serial().to_string();
            let path = path
                .strip_prefix(certctl.pki(""))
                .expect("below the PKI directory");
            // What could not be read when it was archived has another name.
            let name = path
                .to_string_lossy()
                .replace(&serial, "")
                .replace("unreadable", "");
            state.directories.insert((name, serial));
        }
        for_each_row(certctl, |name, kind, status, serial| {
            state.rows.insert((name, kind, status, serial));
        });
        state
    }

    /// The same with `new` for every serial that `before` does not know, to compare what is made at random.
    pub(crate) fn since(mut self, before: &Self) -> Self {
        let known: BTreeSet<_> = before.rows.iter().map(|(.., serial)| serial).collect();
        let new = |serial: String| {
            if known.contains(&serial) {
                serial
            } else {
                NEW.to_owned()
            }
        };
        self.directories = self
            .directories
            .into_iter()
            .map(|(path, serial)| (path, new(serial)))
            .collect();
        let rows = self.rows.into_iter();
        self.rows = rows
            .map(|(name, kind, status, serial)| (name, kind, status, new(serial)))
            .collect();
        self
    }
}

fn for_each_row(certctl: &Certctl, mut each: impl FnMut(String, String, String, String)) {
    let pki = match Pki::open(&certctl.pki(""), Access::Read, Duration::ZERO) {
        Err(StoreError::NoPki(_)) => return,
        pki => pki.expect("the PKI directory opens"),
    };
    assert_eq!(pki.repaired(), None, "something was left to repair");
    let read = pki.ledger().for_each(|record| {
        let (kind, status) = (format!("{:?}", record.kind), format!("{:?}", record.status));
        each(record.name, kind, status, record.serial.to_string());
    });
    read.expect("the ledger can be read");
}
