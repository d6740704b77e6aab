//! Three members through whole rotations, in many orders: whatever an operator does who copies what `rotate-ca status`
//! lists and says no more than is so, each member's certificate holds with each other's bundle, after every command.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Certctl, openssl};

const NAMES: [&str; 3] = ["n1", "n2", "n3"];
/// What a node gets.
const ALL: [&str; 4] = ["cert.pem", "key.pem", "ca.pem", "ca-chain.pem"];

/// The same numbers each time (Knuth's constants for 64 bits).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }
}

struct Cluster {
    certctl: Certctl,
    /// What was done, for whoever reads a failure
    done: Vec<String>,
    /// Pairs that held: files that did not change hold still
    held: HashSet<[Vec<u8>; 2]>,
    /// Rotations that ended with the new CA, and with the old one
    ended: [usize; 2],
}

impl Cluster {
    fn new(first: &[&str]) -> Self {
        let mut cluster = Self {
            certctl: Certctl::in_memory(),
            done: Vec::new(),
            held: HashSet::new(),
            ended: [0; 2],
        };
        for command in first {
            assert_eq!(cluster.run(command), Some(0), "{command}");
        }
        for name in NAMES {
            cluster.copy(name, &ALL);
        }
        cluster
    }

    /// Runs a command, which does what it says or refuses it.
    fn run(&mut self, command: &str) -> Option<i32> {
        let words: Vec<_> = command.split(' ').collect();
        let run = self.certctl.run(&words);
        self.done.push(format!("{command} -> {:?}", run.status));
        let is_expected = matches!(run.status, Some(0 | 4));
        assert!(is_expected, "{}\n{}", self.done.join("\n"), run.stderr);
        run.status
    }

    fn on_node(&self, name: &str) -> PathBuf {
        self.certctl.home().join("nodes").join(name)
    }

    fn here(&self, name: &str) -> PathBuf {
        self.certctl.pki("certs").join(name)
    }

    fn copy(&mut self, name: &str, files: &[&str]) {
        self.done.push(format!("copy {files:?} to {name}"));
        let node = self.on_node(name);
        fs::create_dir_all(&node).expect("made");
        for file in files {
            fs::copy(self.here(name).join(file), node.join(file)).expect("it is listed");
        }
    }

    fn status(&self) -> serde_json::Value {
        let run = self.certctl.run(&["rotate-ca", "status", "--json"]);
        serde_json::from_str(&run.stdout).unwrap_or_default()
    }

    /// Copies what the rotation lists for a node; there may be none.
    fn copy_listed(&mut self, name: &str) {
        let status = self.status();
        let consumers = status["consumers"].as_array().cloned().unwrap_or_default();
        let Some(consumer) = consumers.into_iter().find(|it| it["name"] == name) else {
            return;
        };
        let files = consumer["copy"].as_array().cloned().unwrap_or_default();
        let files: Vec<_> = files.iter().filter_map(|file| file.as_str()).collect();
        let files: Vec<_> = files
            .into_iter()
            .filter(|it| *it != "crl-bundle.pem")
            .collect();
        self.copy(name, &files);
    }

    /// One thing that an operator may do.
    fn step(&mut self, numbers: &mut Numbers, start: &str) {
        let name = NAMES[numbers.below(NAMES.len())];
        match numbers.below(30) {
            0..=3 => drop(self.run(start)),
            4..=11 => {
                self.copy_listed(name);
                let _ = self.run_in_rotation(&format!("rotate-ca ack {name}"));
            }
            12 => self.copy_listed(name),
            13 => self.copy(name, &ALL),
            14 | 15 => drop(self.run_in_rotation(&format!("rotate-ca switch --canary {name}"))),
            16 => drop(self.run_in_rotation("rotate-ca switch --batch 1")),
            17..=19 => drop(self.run_in_rotation("rotate-ca switch")),
            20 => self.end("rotate-ca abort", 1),
            21..=24 => self.end("rotate-ca finish", 0),
            25 => drop(self.run(&format!("renew {name} --force"))),
            26 => drop(self.run(&format!("issue {name} --force"))),
            27 => drop(self.run("renew --all")),
            28 => drop(self.run("crl --all")),
            _ => self.replace(name),
        }
    }

    /// A node whose key is out: it gets another, and all files.
    fn replace(&mut self, name: &str) {
        let _ = self.run(&format!("revoke {name} --reason keyCompromise"));
        let _ = self.run(&format!("issue {name}"));
        let _ = self.run("crl --all");
        self.copy(name, &ALL);
    }

    /// Without a rotation there is nothing to do for it, which is no refusal.
    fn run_in_rotation(&mut self, command: &str) -> Option<i32> {
        match self.is_rotating() {
            true => self.run(command),
            false => None,
        }
    }

    fn is_rotating(&self) -> bool {
        let phase = self.status()["rotation"]["phase"].clone();
        ["announced", "switching", "switched"].contains(&phase.as_str().unwrap_or_default())
    }

    fn end(&mut self, command: &str, which: usize) {
        let has_run = self.run_in_rotation(command) == Some(0);
        self.ended[which] += usize::from(has_run && !self.is_rotating());
    }

    /// Whoever has files now, of the nodes and of what would be copied to them next, takes everybody's.
    fn hold_together(&mut self) {
        let on_nodes = NAMES.map(|name| self.on_node(name));
        let next = NAMES.map(|name| self.here(name));
        for (sides, others) in [
            (&on_nodes, &on_nodes),
            (&next, &on_nodes),
            (&on_nodes, &next),
        ] {
            for shows in sides {
                for trusts in others {
                    self.holds(shows, trusts);
                }
            }
        }
    }

    fn holds(&mut self, shows: &Path, trusts: &Path) {
        let files = [shows.join("cert.pem"), trusts.join("ca.pem")];
        let contents = files
            .each_ref()
            .map(|file| fs::read(file).expect("it was copied"));
        if self.held.contains(&contents) {
            return;
        }
        let [leaf, bundle] = files.each_ref().map(|file| file.display().to_string());
        let run = openssl(&[
            "verify",
            "-x509_strict",
            "-CAfile",
            &bundle,
            "-untrusted",
            &leaf,
            &leaf,
        ]);
        let done = self.done.join("\n");
        assert_eq!(run.status, Some(0), "{done}\n{}{}", run.stdout, run.stderr);
        let _ = self.held.insert(contents);
    }

    /// What everything is well with is called so, and nothing is handed out with less than the entry's own bundle.
    fn looks_well(&mut self, name: &str) {
        let check = self.certctl.run(&["check", "--json"]);
        let done = self.done.join("\n");
        let found: serde_json::Value = serde_json::from_str(&check.stdout).expect("a document");
        let found = found["findings"].as_array().cloned().expect("a list");
        // What is revoked in between is on the next list.
        let wrong = found.iter().find(|it| it["code"] != "crl-incomplete");
        assert_eq!(wrong, None, "{done}");
        let verify = self.certctl.run(&["verify", name]);
        assert_eq!(verify.status, Some(0), "{done}\n{}", verify.stderr);
        let export = [
            "export", name, "--format", "tar", "--force", "--out", "x.tar",
        ];
        let _ = self.certctl.run(&export).expect_status(0);
        let tar = fs::read(self.certctl.home().join("x.tar")).expect("exported");
        let own = fs::read(self.here(name).join("ca.pem")).expect("there");
        let is_whole = tar.windows(own.len()).any(|part| part == own);
        assert!(is_whole, "{done}\nexport {name}");
    }
}

/// What is rotated, and how.
struct Scene {
    first: &'static [&'static str],
    start: &'static str,
}

const SCENES: [Scene; 5] = [
    Scene {
        first: &["init-ca", "issue n1 n2 n3"],
        start: "rotate-ca start",
    },
    Scene {
        first: &["issue n1 n2 n3 --init"],
        start: "rotate-ca start",
    },
    Scene {
        first: &["issue n1 n2 n3 --init"],
        start: "rotate-ca start issuing",
    },
    Scene {
        first: &["issue n1 n2 n3 --init", "crl --all"],
        start: "rotate-ca start",
    },
    Scene {
        first: &["init-ca", "issue n1 n2 n3"],
        start: "rotate-ca start --cross-sign",
    },
];

/// Rotations in the order that a seed gives; how many ended with the new CA, and with the old one.
fn rotate(scene: &Scene, seed: u64, steps: usize) -> [usize; 2] {
    let mut cluster = Cluster::new(scene.first);
    let mut numbers = Numbers(seed);
    for _ in 0..steps {
        cluster.step(&mut numbers, scene.start);
        cluster.hold_together();
        cluster.looks_well(NAMES[numbers.below(NAMES.len())]);
    }
    let _ = cluster.certctl.run(&["log", "--verify"]).expect_status(0);
    cluster.ended
}

/// Two orders. That rotations came to an end in them, with the new CA and with the old one, shows that this is no test
/// of refusals alone.
#[track_caller]
fn ends(scene: usize, with_new: bool) {
    let ended = [40, 41].map(|seed| rotate(&SCENES[scene], seed, 60));
    let sum = |which: usize| ended.iter().map(|it| it[which]).sum::<usize>();
    assert_eq!((sum(0) > 0, sum(1) > 0), (with_new, true), "{ended:?}");
}

#[test]
fn members_below_a_root() {
    ends(0, true);
}

#[test]
fn members_below_an_intermediate() {
    ends(1, true);
}

#[test]
fn members_of_an_intermediate_that_is_rotated() {
    ends(2, true);
}

#[test]
fn members_with_lists() {
    ends(3, true);
}

/// What leads over it has to be copied once more before the old CA goes, which these do not come to.
#[test]
fn members_with_a_cross_certificate() {
    ends(4, false);
}
