//! Questions on a terminal, which `script` makes.

#![cfg(unix)]

mod support;

use std::{
    io::{Read as _, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use support::Certctl;

/// How long a question may take to be heard; what follows an answer takes no part of it.
const PATIENCE: Duration = Duration::from_secs(4);

/// What a terminal shows, piece by piece.
fn pieces(mut terminal: ChildStdout) -> Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut octets = [0; 1024];
        // A terminal whose program has ended is an error to read from, on some systems.
        while let Ok(count @ 1..) = terminal.read(&mut octets) {
            let _ = send.send(String::from_utf8_lossy(&octets[..count]).into_owned());
        }
    });
    receive
}

/// Runs a command on a terminal and answers each of its questions; its exit code and all that was shown.
fn answered(certctl: &Certctl, arguments: &str, answers: &[&str]) -> (Option<i32>, String) {
    let words = format!("{} {arguments}", env!("CARGO_BIN_EXE_certctl"));
    let mut child = in_a_terminal(certctl, &words);
    let mut typed = child.stdin.take().expect("a pipe");
    let shown = pieces(child.stdout.take().expect("a pipe"));
    let (mut text, mut answers) = (String::new(), answers.iter());
    let mut answer = "";
    loop {
        match shown.recv_timeout(PATIENCE) {
            Ok(piece) => {
                text += &piece;
                if !text.ends_with(": ") {
                    continue;
                }
                answer = answers.next().expect("no more questions than answers");
                text.push('\n');
            }
            // What was typed before the echo was off is dropped.
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let _ = writeln!(typed, "{answer}");
    }
    assert_eq!(answers.next(), None, "not asked for: {text}");
    (child.wait().expect("it has ended").code(), text)
}

#[test]
fn a_passphrase_may_be_mistyped_twice() {
    let certctl = Certctl::new();
    let (status, _) = answered(&certctl, "init-ca --encrypt", &["high", "high"]);
    assert_eq!(status, Some(0));
    for (answers, status) in [
        (&["high"][..], 0),
        (&["low", "high"], 0),
        (&["low", "lower", "high"], 0),
        (&["low", "lower", "lowest"], 1),
    ] {
        let (found, shown) = answered(&certctl, "issue node1 --force", answers);
        assert_eq!(found, Some(status), "{answers:?}: {shown}");
        let again = shown.matches("once more").count();
        assert_eq!(again, answers.len() - 1, "{answers:?}: {shown}");
        let is_told = shown.contains("--passphrase-file root=FILE");
        assert_eq!(is_told, status == 1, "{answers:?}: {shown}");
    }
}

/// Enter all the way: a question on a terminal shows its default, and what is made works.
#[test]
fn enter_all_the_way_sets_up_three_nodes() {
    let certctl = Certctl::new();
    let (status, shown) = typed(&certctl, "setup", &[""; 11]);
    assert_eq!(status, Some(0), "{shown}");
    for node in ["node1", "node2", "node3"] {
        for file in ["cert.pem", "key.pem", "ca.pem"] {
            let path = certctl.home().join("out").join(node).join(file);
            assert!(path.is_file(), "{}: {shown}", path.display());
        }
    }
    assert!(certctl.home().join("out/next.md").is_file());
    assert!(certctl.home().join("fleet.toml").is_file());
}

/// Ctrl-C at any question, the last one too, leaves nothing.
#[test]
fn ctrl_c_leaves_nothing() {
    for count in [0, 1, 4, 8, 9, 10] {
        let certctl = Certctl::new();
        let mut answers = vec![""; count];
        answers.push("\u{3}");
        let (status, shown) = typed(&certctl, "setup", &answers);
        assert_ne!(status, Some(0), "{count}: {shown}");
        let left = std::fs::read_dir(certctl.home()).expect("a folder");
        let left: Vec<_> = left.map(|it| it.expect("an entry").file_name()).collect();
        assert!(left.is_empty(), "{count}: {left:?}: {shown}");
    }
}

/// Starts a command line in a terminal that knows no colours.
fn in_a_terminal(certctl: &Certctl, words: &str) -> Child {
    Command::new("timeout")
        .args(["60", "script", "-qec", words, "/dev/null"])
        .current_dir(certctl.home())
        .env("CERTCTL_DIR", certctl.pki(""))
        .env("TERM", "dumb")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script is part of every system")
}

/// Runs a command on a terminal and types a line whenever it waits; its exit code and all that was shown.
fn typed(certctl: &Certctl, arguments: &str, answers: &[&str]) -> (Option<i32>, String) {
    let words = format!("{} {arguments}", env!("CARGO_BIN_EXE_certctl"));
    let mut child = in_a_terminal(certctl, &words);
    let mut typed = child.stdin.take().expect("a pipe");
    let shown = pieces(child.stdout.take().expect("a pipe"));
    let (mut text, mut answers) = (String::new(), answers.iter());
    let mut new = String::new();
    loop {
        match shown.recv_timeout(PATIENCE) {
            Ok(piece) => {
                text += &piece;
                new += &piece;
                let is_question = |line: &str| {
                    line.contains("]: ") || line.contains("[Y/n]") || line.contains("[y/N]")
                };
                if !new.lines().last().is_some_and(is_question) {
                    continue;
                }
                new.clear();
                let Some(answer) = answers.next() else {
                    continue;
                };
                let end = if *answer == "\u{3}" { "" } else { "\r" };
                let _ = write!(typed, "{answer}{end}");
            }
            Err(RecvTimeoutError::Timeout) => panic!("it waits: {text}"),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    (child.wait().expect("it has ended").code(), text)
}
