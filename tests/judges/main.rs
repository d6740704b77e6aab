//! Other people's programs judge what `certctl` makes: chains, handshakes, and the certificates' form.
//!
//! A judge reads questions from its standard input, one a line with TABs between the words, and answers
//! each with a line: `ok`, or `no` and its reason. The questions:
//!
//! - `verify PURPOSE NAME|- ENTRY TRUST`: does ENTRY's chain hold for `server` or `client`, under that name?
//! - `tls SERVER CLIENT|- TRUST NAME`: do the entries SERVER, trusting its own `ca.pem`, and CLIENT, trusting
//!   TRUST and asking for NAME, reach each other by mutual TLS?
//! - `lint FILE`: is the file's first certificate without a fault?
//!
//! One start of a judge answers everything, because some take seconds to start. A new judge is a program
//! beside this file and a row below.

mod material;
mod rotation;
mod rustls;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::time::Instant;

use material::{CHAINS, Chain, STRANGER, UNFIT, material};
use rotation::one_root;
use support::Run;

macro_rules! judges {
    ($($judge:ident: $questions:ident, $answers:expr;)*) => {
        $(#[test]
        fn $judge() {
            judge(stringify!($judge), &$questions(), $answers);
        })*
    };
}

judges! {
    erlang: chains_and_handshakes, |asked| program("escript", &["erlang.escript"], asked);
    gnutls: chains_and_handshakes, |asked| program("python3", &["gnutls.py"], asked);
    go: chains_and_handshakes, |asked| program("go", &["run", "go.go"], asked);
    java: chains_and_handshakes, |asked| program("java", &["java.java"], asked);
    node: chains_and_handshakes, |asked| program("node", &["node.js"], asked);
    openssl: chains_and_handshakes, |asked| program("bash", &["openssl.sh"], asked);
    pkilint: certificates, |asked| program("python3", &["lint_pkilint.py"], asked);
    python: chains_and_handshakes, |asked| program("python3", &["python.py"], asked);
    rustls_webpki: chains_and_handshakes, |asked| asked.lines().map(rustls::answer).collect();
    zlint: certificates, |asked| program("python3", &["lint_zlint.py"], asked);
    erlang_while_a_ca_is_rotated: finds_no_shorter_way, |asked| program("escript", &["erlang.escript"], asked);
    gnutls_while_a_ca_is_rotated: finds_every_way, |asked| program("python3", &["gnutls.py"], asked);
    go_while_a_ca_is_rotated: finds_every_way, |asked| program("go", &["run", "go.go"], asked);
    java_while_a_ca_is_rotated: finds_every_way, |asked| program("java", &["java.java"], asked);
    node_while_a_ca_is_rotated: finds_every_way, |asked| program("node", &["node.js"], asked);
    openssl_while_a_ca_is_rotated: finds_every_way, |asked| program("bash", &["openssl.sh"], asked);
    python_while_a_ca_is_rotated: finds_every_way, |asked| program("python3", &["python.py"], asked);
    rustls_while_a_ca_is_rotated: finds_every_way, |asked| asked.lines().map(rustls::answer).collect();
}

use Verdict::{Accept, Refuse};

/// Who takes what is sent behind a certificate for what may help, and not for the way to go.
fn finds_every_way() -> Vec<(Verdict, String)> {
    one_root(Accept)
}

/// As the manifests of Erlang's servers say of them (`reads_chain`): from a leaf with nothing but a cross certificate
/// behind it to the root that has signed it.
fn finds_no_shorter_way() -> Vec<(Verdict, String)> {
    one_root(Refuse)
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Accept,
    Refuse,
}

/// Asked about every chain; words in capitals stand for paths. What must be refused shows that a judge looks.
const QUESTIONS: [(Verdict, &str); 20] = [
    (Accept, "verify server node1 NODE ROOT"),
    (Accept, "verify server node1.db.internal NODE ROOT"),
    (Accept, "verify server localhost NODE ROOT"),
    (Accept, "verify server 10.0.0.1 NODE ROOT"),
    (Accept, "verify server ::1 NODE ROOT"),
    (Accept, "verify client - NODE ROOT"),
    (Accept, "verify client - APP ROOT"),
    (Accept, "tls NODE NODE ROOT node1.db.internal"),
    (Accept, "tls NODE APP ROOT node1.db.internal"),
    // Another name, another address, another purpose.
    (Refuse, "verify server node2.db.internal NODE ROOT"),
    (Refuse, "verify server 10.0.0.2 NODE ROOT"),
    (Refuse, "verify server app APP ROOT"),
    (Refuse, "tls NODE NODE ROOT node2.db.internal"),
    // Another root, on either side.
    (Refuse, "verify server node1 NODE STRANGER_ROOT"),
    (Refuse, "verify client - NODE STRANGER_ROOT"),
    (Refuse, "tls NODE STRANGER ROOT node1.db.internal"),
    (Refuse, "tls STRANGER NODE ROOT node1.db.internal"),
    // No certificate, and one without its intermediates.
    (Refuse, "tls NODE - ROOT node1.db.internal"),
    (Refuse, "verify server node1 ALONE ROOT"),
    (Refuse, "tls NODE ALONE ROOT node1.db.internal"),
];

/// Every question about every chain.
fn chains_and_handshakes() -> Vec<(Verdict, String)> {
    let about = |chain: &Chain| QUESTIONS.map(|(verdict, words)| (verdict, question(chain, words)));
    CHAINS.iter().flat_map(about).collect()
}

/// Puts paths for the words in capitals, and TABs between words.
fn question(chain: &Chain, words: &str) -> String {
    let stranger = material().join(STRANGER.name);
    let own = material().join(chain.name);
    let path = |word| match word {
        "ALONE" => own.join("alone"),
        "APP" => own.join("certs/app"),
        "NODE" => own.join("certs/node1"),
        "ROOT" => own.join("certs/node1/ca.pem"),
        "STRANGER" => stranger.join("certs/node1"),
        "STRANGER_ROOT" => stranger.join("certs/node1/ca.pem"),
        plain => plain.into(),
    };
    let spelled = words
        .split(' ')
        .map(|word| path(word).display().to_string());
    spelled.collect::<Vec<_>>().join("\t")
}

/// Every kind of certificate of every chain, and one that breaks RFC 5280.
fn certificates() -> Vec<(Verdict, String)> {
    let lint = |file: PathBuf| format!("lint\t{}", file.display());
    let of_chain = |chain: &Chain| {
        let pki = material().join(chain.name);
        [
            "ca/root",
            "ca/policy",
            "ca/issuing",
            "certs/node1",
            "certs/app",
        ]
        .map(|inside| (Accept, lint(pki.join(inside).join("cert.pem"))))
    };
    let mut asked: Vec<_> = CHAINS.iter().flat_map(of_chain).collect();
    asked.push((Refuse, lint(material().join(UNFIT))));
    asked
}

/// Asks a judge and compares every answer. Its time is printed for those who ask with `--nocapture`.
#[allow(clippy::print_stdout)]
fn judge(name: &str, asked: &[(Verdict, String)], answers: impl Fn(&str) -> Vec<String>) {
    let questions: Vec<_> = asked
        .iter()
        .map(|(_, question)| question.as_str())
        .collect();
    let questions = questions.join("\n") + "\n";
    let start = Instant::now();
    let answers = answers(&questions);
    println!(
        "{name}: {} answers in {:.1?}",
        answers.len(),
        start.elapsed()
    );
    assert_eq!(answers.len(), asked.len(), "one answer to each question");
    let wrong: Vec<_> = asked
        .iter()
        .zip(&answers)
        .filter(|((expected, _), answer)| (*expected == Accept) != (*answer == "ok"))
        .map(|((expected, question), answer)| {
            format!("{question}\n  {answer}, expected {expected:?}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The answers of a program beside this file.
fn program(interpreter: &str, arguments: &[&str], questions: &str) -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges");
    // Some wait for ever where a handshake goes wrong in a way that nobody thought of.
    let mut command = support::program("timeout");
    command
        .args(["300", interpreter])
        .args(arguments)
        .current_dir(here);
    let run = Run::with_input(&mut command, questions).expect_status(0);
    run.stdout.lines().map(str::to_owned).collect()
}
