//! A PKI directory as it is before and after a command.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

use certctl::store::{Access, Pki, StoreError};
use ring::digest::{SHA256, digest};

use crate::inspect::{inspect, names_in};
use crate::strace::{Call, calls};
use crate::support::{Certctl, Run};

/// A fleet file with an entry, and with somebody who trusts its CA.
const TRUSTING: &str =
    "[[ca]]\nname = \"root\"\n[[entry]]\nname = \"n1\"\n[[trust]]\nname = \"billing\"\n";

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
        fs::write(template.home().join("trusting.toml"), TRUSTING).expect("it can be written");
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

    /// A PKI directory of its own, with all that lies beside it, as it is before the command.
    pub(crate) fn copy(&self) -> Certctl {
        let copy = Certctl::in_memory();
        let all = self.template.home().join(".");
        let _ = Run::of(Command::new("cp").arg("-a").args([&all, copy.home()])).expect_status(0);
        copy
    }

    /// The command's call that makes durable what it has renamed into place.
    pub(crate) fn sync_of_publication(&self) -> Call {
        let calls = calls(&self.copy(), &self.command, &[]).into_iter();
        let mut published = calls.skip_while(|call| call.name != "renameat2");
        published
            .find(|call| call.name == "fsync")
            .expect("it is synced")
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

    /// Runs the command once more: it does now what it should have done, or can do it again.
    pub(crate) fn finish(&self, certctl: &Certctl, done: bool) {
        let mut again = self.command.clone();
        if done {
            again.retain(|word| *word != "--force");
            again.push("--force");
        }
        // A root in reserve is made once.
        let makes = ["init-ca", "init-intermediate", "issue"].contains(&again[0])
            && !again.contains(&"--with-next");
        if !done || makes {
            let _ = certctl.run(&again).expect_status(0);
        }
        let found = State::of(certctl).since(&self.before);
        assert!(
            done || found == self.after,
            "{found:?}, not {:?}",
            self.after
        );
    }
}

/// The words of a command line.
pub(crate) fn words(line: &'static str) -> Vec<&'static str> {
    line.split_whitespace().collect()
}

/// What a PKI directory is, on disk and in the ledger.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct State {
    /// Path and digest; in `archive/` without the serial that the directory's name ends in
    files: BTreeSet<(String, String)>,
    /// Name, kind, status and serial
    pub(crate) rows: BTreeSet<(String, String, String, String)>,
    /// What each command did, oldest first
    events: Vec<String>,
    /// What is known of those who trust a CA that is rotated
    pub(crate) sightings: BTreeSet<String>,
}

impl State {
    /// Looks into a PKI directory in which nothing is left to be repaired.
    pub(crate) fn of(certctl: &Certctl) -> Self {
        let mut state = Self::default();
        for area in ["archive", "ca", "certs"] {
            for directory in names_in(certctl.pki(area)) {
                let name = match area {
                    "archive" => directory.rsplit_once('-').map_or("", |(name, _)| name),
                    _ => &directory,
                };
                for file in names_in(certctl.pki(area).join(&directory)) {
                    let octets = fs::read(certctl.pki(area).join(&directory).join(&file));
                    let octets = octets.expect("a file can be read");
                    let digest = format!("{:?}", digest(&SHA256, &octets));
                    state
                        .files
                        .insert((format!("{area}/{name}/{file}"), digest));
                }
            }
        }
        let pki = match Pki::open(&certctl.pki(""), Access::Read, Duration::ZERO) {
            Err(StoreError::NoPki(_)) => return state,
            pki => pki.expect("the PKI directory opens"),
        };
        assert_eq!(pki.repaired(), None, "something was left to repair");
        let read = pki.ledger().for_each(|record| {
            let (kind, status) = (format!("{:?}", record.kind), format!("{:?}", record.status));
            state.rows.insert((
                record.name.to_string(),
                kind,
                status,
                record.serial.to_string(),
            ));
        });
        read.expect("the ledger can be read");
        assert_eq!(
            pki.ledger().first_break().expect("the history can be read"),
            None
        );
        if let Some(rotation) = pki.ledger().rotation().expect("the ledger can be read") {
            let sightings = pki.ledger().sightings(rotation.began);
            let sightings = sightings.expect("the ledger can be read").into_values();
            let text = sightings.map(|it| format!("{} {} {:?}", it.name, it.trusts, it.format));
            state.sightings = text.collect();
        }
        for event in pki.ledger().events().expect("the history can be read") {
            let changes = event
                .certificates
                .iter()
                .map(|touched| format!("{} {}", touched.change, touched.name));
            let changes: Vec<_> = changes.collect();
            state
                .events
                .push(format!("{}: {}", event.author.command, changes.join(", ")));
        }
        state
    }

    /// The same with `new` for all that `before` does not know, to compare what is made at random.
    pub(crate) fn since(mut self, before: &Self) -> Self {
        let digests: BTreeSet<_> = before.files.iter().map(|(_, digest)| digest).collect();
        let serials: BTreeSet<_> = before.rows.iter().map(|(.., serial)| serial).collect();
        let or_new = |known: &BTreeSet<&String>, text: String| match known.contains(&text) {
            true => text,
            false => String::from("new"),
        };
        let files = self
            .files
            .into_iter()
            .map(|(path, digest)| (path, or_new(&digests, digest)));
        self.files = files.collect();
        let rows = self.rows.into_iter();
        self.rows = rows
            .map(|(name, kind, status, serial)| (name, kind, status, or_new(&serials, serial)))
            .collect();
        self
    }
}
