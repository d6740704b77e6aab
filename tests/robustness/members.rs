//! Three members through whole rotations, in many orders: whatever an operator does who copies what `rotate-ca status`
//! lists and says no more than is so, each member's certificate holds with each other's bundle, after every command.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Certctl, Run, program};

const NAMES: [&str; 3] = ["n1", "n2", "n3"];
/// What a node gets.
const ALL: [&str; 4] = ["cert.pem", "key.pem", "ca.pem", "ca-chain.pem"];
/// What it gets besides where there are CRLs: it lies with the CA.
const LISTS: &str = "crl-bundle.pem";

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
    /// What held together: files that did not change hold still
    held: HashSet<Vec<Vec<u8>>>,
    /// Whether nodes look at CRLs
    has_lists: bool,
    /// Rotations that ended with the new CA, and with the old one
    ended: [usize; 2],
}

impl Cluster {
    fn new(first: &[&str]) -> Self {
        let mut cluster = Self {
            certctl: Certctl::in_memory(),
            done: Vec::new(),
            held: HashSet::new(),
            has_lists: first.iter().any(|command| command.starts_with("crl")),
            ended: [0; 2],
        };
        for command in first {
            assert_eq!(cluster.run(command), Some(0), "{command}");
        }
        let fleet = cluster.certctl.run(&["fleet", "init"]).expect_status(0);
        fs::write(cluster.certctl.home().join("fleet.toml"), fleet.stdout).expect("written");
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
            let here = match *file {
                LISTS => self.lists(name),
                file => self.here(name).join(file),
            };
            fs::copy(here, node.join(file)).expect("it is listed");
        }
        if self.has_lists && *files == ALL {
            fs::copy(self.lists(name), node.join(LISTS)).expect("there are CRLs");
        }
    }

    /// The CRLs that lie with the root of an entry.
    fn lists(&self, name: &str) -> PathBuf {
        let above = self.document(&["show", name, "--json"])["issuers"].clone();
        let root = above.as_array().and_then(|all| all.last()?.as_str());
        let root = root.expect("a CA");
        self.certctl.pki("ca").join(root).join(LISTS)
    }

    fn document(&self, words: &[&str]) -> serde_json::Value {
        let run = self.certctl.run(words).expect_status(0);
        serde_json::from_str(&run.stdout).expect("a document")
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
        let is_wanted = |it: &&str| *it != LISTS || self.has_lists;
        let files: Vec<_> = files.into_iter().filter(is_wanted).collect();
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

    /// With what is sent behind the certificate, by the bundle, by the chain and by the CRLs that lie there.
    fn holds(&mut self, shows: &Path, trusts: &Path) {
        let leaf = shows.join("cert.pem");
        let [bundle, chain, lists] = ["ca.pem", "ca-chain.pem", LISTS].map(|it| trusts.join(it));
        self.verify(&leaf, &[("-CAfile", &bundle), ("-untrusted", &leaf)], &[]);
        self.verify(&leaf, &[("-CAfile", &chain), ("-untrusted", &leaf)], &[]);
        if lists.exists() {
            let files = [
                ("-CAfile", &*bundle),
                ("-untrusted", &leaf),
                ("-CRLfile", &lists),
            ];
            self.verify(&leaf, &files, &["-crl_check_all"]);
        }
    }

    fn verify(&mut self, leaf: &Path, files: &[(&str, &Path)], words: &[&str]) {
        let all = files.iter().map(|(_, file)| *file).chain([leaf]);
        let contents: Vec<_> = all
            .map(|file| fs::read(file).expect("it was copied"))
            .collect();
        if self.held.contains(&contents) {
            return;
        }
        let mut command = program("openssl");
        command.args(["verify", "-x509_strict"]).args(words);
        for (word, file) in files {
            command.arg(word).arg(file);
        }
        let run = Run::of(command.arg(leaf));
        let done = self.done.join("\n");
        assert_eq!(
            run.status,
            Some(0),
            "{done}\n{files:?}\n{}{}",
            run.stdout,
            run.stderr
        );
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

/// What says what holds, and changes nothing: each does so in whatever state.
impl Cluster {
    fn is_told(&self, name: &str, which: usize) {
        let done = self.done.join("\n");
        let run = |words: &[&str], status| {
            let run = self.certctl.run(words);
            assert_eq!(
                run.status,
                Some(status),
                "{done}\n{words:?}\n{}",
                run.stderr
            );
            run
        };
        match which {
            0 => self.lists_all(),
            1 => {
                let shown = self.document(&["show", name, "--json"]);
                assert_eq!(shown["status"], "valid", "{done}\n{shown}");
                let path = self.here(name).join("cert.pem").display().to_string();
                let file = self.document(&["inspect", &path, "--json"]);
                let serials = [&shown["serial"], &file["items"][0]["serial"]];
                assert_eq!(serials[0], serials[1], "{done}");
            }
            // A year is left of everything.
            2 => drop(run(&["needs-renewal", name], 3)),
            3 => {
                let page = run(&["report"], 0).stdout;
                assert!(
                    NAMES.iter().all(|name| page.contains(name)),
                    "{done}\n{page}"
                );
            }
            4 => {
                let written = run(&["config", "redis", name], 0).stdout;
                assert!(written.contains("tls-cert-file"), "{done}\n{written}");
            }
            // Who signs now is what the fleet file calls by the name of the first.
            _ => drop(run(
                &["apply", "fleet.toml", "--detailed-exitcode", "-n"],
                0,
            )),
        }
    }

    /// The entries, each with the serial number of its file, and CAs that each have a place in the rotation, or none.
    fn lists_all(&self) {
        let listed = self.document(&["list", "--json"]);
        let entries = listed["entries"].as_array().expect("a list").iter();
        let is_entry = |it: &&serde_json::Value| it["kind"] == "node";
        let (leaves, authorities): (Vec<_>, Vec<_>) = entries.partition(is_entry);
        let done = self.done.join("\n");
        assert!(
            leaves.iter().map(|it| &it["name"]).eq(NAMES),
            "{done}\n{listed}"
        );
        for leaf in leaves {
            let issued = |it: &&serde_json::Value| it["name"] == leaf["issuer"];
            assert!(authorities.iter().any(issued), "{done}\n{listed}");
        }
    }

    /// From whatever state, whoever does what `status` says ends with the new CA.
    fn come_to_an_end(&mut self, start: &str) {
        if !self.is_rotating() {
            assert_eq!(self.run(start), Some(0), "{}", self.done.join("\n"));
        }
        // Two switches where some are switched, and a cross certificate that goes out of the chains first.
        for _ in 0..5 {
            for name in NAMES {
                self.copy_listed(name);
                let _ = self.run(&format!("rotate-ca ack {name}"));
                self.hold_together();
            }
            let next = self.status()["next"].as_str().expect("a step").to_owned();
            let has_run = self.run(&format!("rotate-ca {next}"));
            assert_eq!(has_run, Some(0), "{}", self.done.join("\n"));
            self.hold_together();
            if !self.is_rotating() {
                self.ended[0] += 1;
                return;
            }
        }
        panic!("it does not end\n{}", self.done.join("\n"));
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
    for step in 0..steps {
        cluster.step(&mut numbers, scene.start);
        cluster.hold_together();
        let name = NAMES[numbers.below(NAMES.len())];
        match step % 2 {
            0 => cluster.looks_well(name),
            _ => cluster.is_told(name, step / 2 % 6),
        }
    }
    cluster.come_to_an_end(scene.start);
    (0..6).for_each(|which| cluster.is_told(NAMES[0], which));
    cluster.looks_well(NAMES[0]);
    let _ = cluster.certctl.run(&["log", "--verify"]).expect_status(0);
    cluster.ended
}

/// Two orders. That rotations came to an end in them, with the new CA and with the old one, shows that this is no test
/// of refusals alone.
#[track_caller]
fn ends(scene: usize) {
    let ended = [40, 41].map(|seed| rotate(&SCENES[scene], seed, 48));
    let sum = |which: usize| ended.iter().map(|it| it[which]).sum::<usize>();
    assert!(sum(0) >= 2 && sum(1) > 0, "{ended:?}");
}

#[test]
fn members_below_a_root() {
    ends(0);
}

#[test]
fn members_below_an_intermediate() {
    ends(1);
}

#[test]
fn members_of_an_intermediate_that_is_rotated() {
    ends(2);
}

#[test]
fn members_with_lists() {
    ends(3);
}

/// What leads over it has to be copied once more before the old CA goes.
#[test]
fn members_with_a_cross_certificate() {
    ends(4);
}
