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
    /// The bundle as before the rotation, the new certificate: only where a cross certificate leads to the old CA
    Unbundled,
    /// A bundle with both, the new certificate, and the cross certificate behind it no more
    Uncrossed,
}
use State::{Aborted, Back, Both, Finished, Old, Switched, Unbundled, Uncrossed};

/// What has been done on the PKI's side so far.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Step {
    Start,
    Switch,
    Uncross,
    Finish,
    AbortSwitch,
    AbortStart,
}

impl Step {
    /// What copying the files as they are then makes of a node that is so; with a cross certificate some get their
    /// own files, and no bundle.
    fn copied(self, node: State, is_crossed: bool) -> Vec<State> {
        match self {
            Self::Start => vec![Both],
            Self::Switch if is_crossed && node == Old => vec![Switched, Unbundled],
            Self::Switch => vec![Switched],
            Self::Uncross => vec![Uncrossed],
            Self::Finish => vec![Finished],
            Self::AbortSwitch => vec![Back],
            Self::AbortStart => vec![Aborted],
        }
    }

    /// The steps that the evidence allows next, where the nodes are so.
    fn next(self, nodes: [State; 3], is_crossed: bool) -> Vec<Self> {
        let all = |state| nodes.iter().all(|node| *node == state);
        match self {
            Self::Start if is_crossed || all(Both) => vec![Self::Switch],
            Self::Switch if all(Switched) && is_crossed => vec![Self::Uncross, Self::AbortSwitch],
            Self::Uncross if all(Uncrossed) => vec![Self::Finish],
            Self::Switch if all(Switched) => vec![Self::Finish, Self::AbortSwitch],
            Self::Switch => vec![Self::AbortSwitch],
            Self::AbortSwitch if all(Back) => vec![Self::AbortStart],
            _ => Vec::new(),
        }
    }
}

/// Every state of three nodes that can be reached from the first, whoever copies when.
fn reachable(is_crossed: bool) -> BTreeSet<[State; 3]> {
    let mut seen = BTreeSet::from([(Step::Start, [Old; 3])]);
    let mut waiting: Vec<_> = seen.iter().copied().collect();
    while let Some((step, nodes)) = waiting.pop() {
        let copied = (0..3).flat_map(|node| {
            let copied = step.copied(nodes[node], is_crossed).into_iter();
            copied.map(move |state| {
                let mut nodes = nodes;
                nodes[node] = state;
                (step, nodes)
            })
        });
        let stepped = step.next(nodes, is_crossed).into_iter();
        let stepped = stepped.map(|step| (step, nodes));
        for state in copied.chain(stepped).collect::<Vec<_>>() {
            if seen.insert(state) {
                waiting.push(state);
            }
        }
    }
    seen.into_iter().map(|(_, nodes)| nodes).collect()
}

/// What is rotated: the CA, whether the old one vouches for the new one, and whether leaves are right below a root.
const ROTATIONS: [(&str, &str, bool, bool); 4] = [
    ("root", "root", false, false),
    ("issuing", "issuing", false, false),
    ("crossed", "root", true, false),
    ("crossed-flat", "root", true, true),
];

/// All six directed pairs of all states, for a root, with a cross certificate too, and for an intermediate; and some
/// that must not be reached.
pub(crate) fn rotation() -> Vec<(Verdict, String)> {
    let mut asked = Vec::new();
    for (ca, _, is_crossed, _) in ROTATIONS {
        let mut pairs = BTreeSet::new();
        for nodes in reachable(is_crossed) {
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
    for (ca, server, client) in [
        ("root", Old, Switched),
        ("root", Switched, Old),
        ("root", Finished, Both),
        ("root", Both, Finished),
        ("crossed", Old, Finished),
        ("crossed", Finished, Unbundled),
    ] {
        asked.push((Refuse, handshake(ca, (0, server), (1, client))));
    }
    asked
}

/// All of these, and who knows one of the two roots alone, with who shows a chain that leads to both; `shorter` is what
/// becomes of a client at a server that knows the new root alone, where that has signed the leaf itself.
pub(crate) fn one_root(shorter: Verdict) -> Vec<(Verdict, String)> {
    let mut asked = rotation();
    for (ca, as_server) in [("crossed", Accept), ("crossed-flat", shorter)] {
        for (verdict, server, client) in [
            (Accept, Switched, Old),
            (Accept, Old, Switched),
            (Accept, Unbundled, Old),
            (Accept, Old, Unbundled),
            (Accept, Switched, Finished),
            (as_server, Finished, Switched),
        ] {
            asked.push((verdict, handshake(ca, (0, server), (1, client))));
        }
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
        for (name, ca, is_crossed, is_flat) in ROTATIONS {
            rotate(name, (ca, is_crossed, is_flat), &directory);
        }
        directory
    })
}

const ACK: &[&str] = &["ack", "--all"];

/// Goes through a rotation, and from its middle back again in a copy of the PKI directory.
fn rotate(name: &str, (ca, is_crossed, is_flat): (&str, bool, bool), directory: &Path) {
    let certctl = Certctl::new();
    let nodes = ["node1", "node2", "node3"];
    let mut issue = [&["issue"][..], &nodes, &["--san", "{name}.db.internal"]].concat();
    if is_flat {
        let _ = certctl.run(&["init-ca", "root"]).expect_status(0);
    } else {
        issue.push("--init");
    }
    let _ = certctl.run(&issue).expect_status(0);
    let keep = |pki: &str, state: State| {
        let kept = directory.join(format!("{name}-{state:?}"));
        for node in nodes {
            let from = certctl.home().join(pki).join("certs").join(node);
            let to = kept.join(node);
            fs::create_dir_all(&to).expect("the target directory can be written");
            for file in ["cert.pem", "key.pem", "ca.pem"] {
                // What is left out of it is as it was before.
                let from = match (state, file) {
                    (Unbundled, "ca.pem") => directory.join(format!("{name}-Old")).join(node),
                    _ => from.clone(),
                };
                fs::copy(from.join(file), to.join(file)).expect("an entry has it");
            }
        }
    };
    let go = |pki: &str, state: State, steps: &[&[&str]]| {
        for step in steps {
            let command = [&["--dir", pki, "rotate-ca"], *step].concat();
            let _ = certctl.run(&command).expect_status(0);
        }
        keep(pki, state);
    };
    let start: &[&str] = match is_crossed {
        true => &["start", ca, "--cross-sign"],
        false => &["start", ca],
    };
    go("pki", Old, &[]);
    go("pki", Both, &[start]);
    match is_crossed {
        // Nobody says that anybody has got anything.
        true => go("pki", Switched, &[&["switch"]]),
        false => go("pki", Switched, &[ACK, &["switch"]]),
    }
    if is_crossed {
        keep("pki", Unbundled);
    }
    let copy = ["-a", "pki", "back"];
    let _ = Run::of(program("cp").args(copy).current_dir(certctl.home())).expect_status(0);
    if is_crossed {
        go("pki", Uncrossed, &[ACK, &["finish"]]);
    }
    go("pki", Finished, &[ACK, &["finish"]]);
    go("back", Back, &[&["abort"]]);
    go("back", Aborted, &[ACK, &["abort"]]);
}
