//! Kafka: its own classes judge, in a Java that is started once.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdout, Stdio},
    sync::{LazyLock, Mutex},
};

use crate::{
    programs::Answer,
    support::{peers, program},
};

/// What is asked, and what answers; it ends with the tests, when nothing more can come.
static JAVA: LazyLock<Mutex<(Child, BufReader<ChildStdout>)>> = LazyLock::new(|| {
    let mut command = program("java");
    let options = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
    command
        // Else it finds no file whose name is not ASCII.
        .env("LC_ALL", "C.UTF-8")
        .args(options)
        .arg("-cp")
        .arg(peers().join("java/*"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutants/kafka.java"));
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let child = pipes.stderr(Stdio::null()).spawn();
    let mut child = child.expect("tests/run installs it");
    let output = child.stdout.take().expect("it is a pipe");
    Mutex::new((child, BufReader::new(output)))
});

/// What becomes of a broker's or a client's file.
pub(crate) fn ask(kind: &str, file: &Path) -> Answer {
    let mut java = JAVA.lock().expect("no test fails in here");
    let (child, output) = &mut *java;
    let input = child.stdin.as_mut().expect("it is a pipe");
    writeln!(input, "{kind} {}", file.display()).expect("it runs");
    let mut answer = String::new();
    output.read_line(&mut answer).expect("it answers");
    let words = answer.trim_end().strip_prefix('=');
    match words.expect("it runs as long as the tests do") {
        "" => Answer::Takes,
        words => Answer::Refuses(words.to_owned()),
    }
}
