//! Three nodes while a CA is rotated, files copied node by node: every state that can be reached, as questions.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::Verdict::{self, Accept, Refuse};
use crate::support::{Certctl, Run, program};

/// What a node holds: the files as they were after a step.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum State {
    /// As before the rotation
    Old,
    /// A bundle with both, the old certificate
    Both,
    /// A bundle with both, the new certificate
    Switched,
    /// A bundle with the new CA alone
    Finished,
    /// Switched, and back again
    Back,
    /// A bundle with the old CA alone, after `Back`
    Aborted,
}
use State::{Aborted, Back, Both, Finished, Old, Switched};

/// What has been done on the PKI's side so far.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Step {
    Start,
    Switch,
    Finish,
    AbortSwitch,
    AbortStart,
}

impl Step {
    /// What copying the files as they are then makes of a node.
    fn copied(self) -> State {
        match self {
            Self::Start => Both,
            Self::Switch => Switched,
            Self::Finish => Finished,
            Self::AbortSwitch => Back,
            Self::AbortStart => Aborted,
        }
    }

    /// The steps that the evidence allows next, where the nodes are so.
    fn next(self, nodes: [State; 3]) -> Vec<Self> {
        let all = |state| nodes.iter().all(|node| *node == state);
        match self {
            Self::Start if all(Both) => vec![Self::Switch],
            Self::Switch if all(Switched) => vec![Self::Finish, Self::AbortSwitch],
            Self::Switch => vec![Self::AbortSwitch],
            Self::AbortSwitch if all(Back) => vec![Self::AbortStart],
            _ => Vec::new(),
        }
    }
}

/// Every state of three nodes that can be reached from the first, whoever copies when.
fn reachable() -> BTreeSet<[State; 3]> {
    let mut seen = BTreeSet::from([(Step::Start, [Old; 3])]);
    let mut waiting: Vec<_> = seen.iter().copied().collect();
    while let Some((step, nodes)) = waiting.pop() {
        let copied = (0..3).map(|node| {
            let mut nodes = nodes;
            nodes[node] = step.copied();
            (step, nodes)
        });
        let stepped = step.next(nodes).into_iter().map(|step| (step, nodes));
        for state in copied.chain(stepped).collect::<Vec<_>>() {
            if seen.insert(state) {
                waiting.push(state);
            }
        }
    }
    seen.into_iter().map(|(_, nodes)| nodes).collect()
}

/// All six directed pairs of all states, for a root and for an intermediate; and some that must not be reached.
pub(crate) fn rotation() -> Vec<(Verdict, String)> {
    let mut asked = Vec::new();
    for ca in ["root", "issuing"] {
        let mut pairs = BTreeSet::new();
        for nodes in reachable() {
            for (server, client) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
                pairs.insert(((server, nodes[server]), (client, nodes[client])));
            }
        }
        assert!(pairs.len() > 60, "{}", pairs.len());
        asked.extend(
            pairs
                .into_iter()
                .map(|(server, client)| (Accept, handshake(ca, server, client))),
        );
    }
    // Copied before everybody was ready: what the evidence is for.
    for (server, client) in [
        (Old, Switched),
        (Switched, Old),
        (Finished, Both),
        (Both, Finished),
    ] {
        asked.push((Refuse, handshake("root", (0, server), (1, client))));
    }
    asked
}

fn handshake(ca: &str, server: (usize, State), client: (usize, State)) -> String {
    let directory = |(node, state): (usize, State)| {
        let state = format!("{ca}-{state:?}");
        material().join(state).join(format!("node{}", node + 1))
    };
    let (own, other) = (directory(server), directory(client));
    format!(
        "tls\t{}\t{}\t{}\tnode{}.db.internal",
        own.display(),
        other.display(),
        other.join("ca.pem").display(),
        server.0 + 1
    )
}

/// The files of every node after each step.
fn material() -> &'static Path {
    static MATERIAL: OnceLock<PathBuf> = OnceLock::new();
    MATERIAL.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges-rotation");
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).expect("the target directory can be written");
        for ca in ["root", "issuing"] {
            rotate(ca, &directory);
        }
        directory
    })
}

const ACK: &[&str] = &["ack", "--all"];

/// Goes through a rotation, and from its middle back again in a copy of the PKI directory.
fn rotate(ca: &str, directory: &Path) {
    let certctl = Certctl::new();
    let issue = [
        "issue",
        "node1",
        "node2",
        "node3",
        "--init",
        "--san",
        "{name}.db.internal",
    ];
    let _ = certctl.run(&issue).expect_status(0);
    let go = |pki: &str, state: State, steps: &[&[&str]]| {
        for step in steps {
            let command = [&["--dir", pki, "rotate-ca"], *step].concat();
            let _ = certctl.run(&command).expect_status(0);
        }
        let kept = directory.join(format!("{ca}-{state:?}"));
        for node in ["node1", "node2", "node3"] {
            let from = certctl.home().join(pki).join("certs").join(node);
            let to = kept.join(node);
            fs::create_dir_all(&to).expect("the target directory can be written");
            for name in ["cert.pem", "key.pem", "ca.pem"] {
                fs::copy(from.join(name), to.join(name)).expect("an entry has it");
            }
        }
    };
    go("pki", Old, &[]);
    go("pki", Both, &[&["start", ca]]);
    go("pki", Switched, &[ACK, &["switch"]]);
    let copy = ["-a", "pki", "back"];
    let _ = Run::of(program("cp").args(copy).current_dir(certctl.home())).expect_status(0);
    go("pki", Finished, &[ACK, &["finish"]]);
    go("back", Back, &[&["abort"]]);
    go("back", Aborted, &[ACK, &["abort"]]);
}
