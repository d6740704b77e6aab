//! Questions on a terminal, which `script` makes.

#![cfg(unix)]

mod support;

use std::{
    io::{Read as _, Write as _},
    process::{ChildStdout, Command, Stdio},
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
    let mut child = Command::new("timeout")
        .args(["60", "script", "-qec", &words, "/dev/null"])
        .current_dir(certctl.home())
        .env("CERTCTL_DIR", certctl.pki(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script is part of every system");
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
