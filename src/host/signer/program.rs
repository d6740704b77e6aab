//! A program at the other end of two pipes.

use std::{
    collections::HashMap,
    fmt,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

use super::{SignerError, line};
use crate::{
    host::surroundings::Command,
    signer::{
        answer::{Answer, Refusal, Said, shown},
        request::{Asked, Request},
    },
};

/// How long a program may take to end once nobody asks any more.
const TO_END: Duration = Duration::from_secs(2);
/// As much of what it says on standard error is kept.
const KEPT: usize = 4 << 10;

/// A program that is asked; several threads may ask at once.
pub(super) struct Program {
    name: String,
    patience: Duration,
    last: AtomicU64,
    /// Lines on their way to it; gone once it is to end
    lines: Mutex<Option<Sender<Zeroizing<Vec<u8>>>>>,
    state: Arc<Mutex<State>>,
    /// Why nothing is asked any more, in full
    failure: OnceLock<String>,
    child: Mutex<Child>,
    /// Its last words on standard error, once it has ended
    said: Mutex<Receiver<Vec<u8>>>,
    secret: Mutex<Option<Zeroizing<String>>>,
}

/// Who waits for what.
#[derive(Default)]
struct State {
    waiting: HashMap<u64, Sender<Said>>,
    /// When the last answer came
    heard: Option<Instant>,
    /// Why nothing is asked any more
    failed: Option<String>,
}

impl State {
    /// Lets nobody wait any more; gives the first reason for that.
    fn give_up(&mut self, reason: &str) -> String {
        self.waiting.clear();
        let first = self.failed.get_or_insert_with(|| reason.to_owned());
        first.clone()
    }
}

impl Program {
    pub(super) fn start(
        name: String,
        mut command: Command,
        patience: Duration,
    ) -> Result<Self, SignerError> {
        let pipes = [Stdio::piped(), Stdio::piped(), Stdio::piped()];
        let [stdin, stdout, stderr] = pipes;
        command.stdin(stdin).stdout(stdout).stderr(stderr);
        let failed = |reason: &dyn fmt::Display| SignerError::Start {
            program: name.clone(),
            reason: reason.to_string(),
        };
        let mut child = command.spawn().map_err(|error| failed(&error))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(failed(&"it has no pipes"));
        };
        let state = Arc::new(Mutex::new(State::default()));
        let (lines, to_write) = channel();
        let (words, said) = channel();
        thread::spawn(move || write(stdin, to_write));
        let listener = Arc::clone(&state);
        thread::spawn(move || listen(BufReader::new(stdout), &listener));
        // Nobody waits for them where nothing failed.
        thread::spawn(move || drop(words.send(last_words(stderr))));
        Ok(Self {
            name,
            patience,
            last: AtomicU64::new(0),
            lines: Mutex::new(Some(lines)),
            state,
            failure: OnceLock::new(),
            child: Mutex::new(child),
            said: Mutex::new(said),
            secret: Mutex::default(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Never shows this in what the program says.
    pub(super) fn hide(&self, secret: &str) {
        *held(&self.secret) = Some(Zeroizing::new(secret.to_owned()));
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask(&self, asked: Asked<'_>) -> Result<Said, SignerError> {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let request = Request { id, asked };
        let line = serde_json::to_vec(&request).map_err(|error| self.fail(&error.to_string()))?;
        let mut line = Zeroizing::new(line);
        line.push(b'\n');
        let (answer, answered) = channel();
        {
            let mut state = held(&self.state);
            if state.failed.is_some() {
                drop(state);
                return Err(self.fail(""));
            }
            state.waiting.insert(id, answer);
        }
        let sent = held(&self.lines).as_ref().map(|lines| lines.send(line));
        if !matches!(sent, Some(Ok(()))) {
            return Err(self.fail("reads nothing"));
        }
        self.answer(&answered)
    }

    /// Waits for an answer, for as long as any come: many that were asked for may stand before it.
    fn answer(&self, answered: &Receiver<Said>) -> Result<Said, SignerError> {
        let mut since = Instant::now();
        loop {
            match answered.recv_timeout(self.patience.saturating_sub(since.elapsed())) {
                Ok(said) => return Ok(said),
                Err(RecvTimeoutError::Disconnected) => return Err(self.fail("")),
                Err(RecvTimeoutError::Timeout) => {}
            }
            match held(&self.state).heard.filter(|heard| *heard > since) {
                Some(heard) => since = heard,
                None => break,
            }
        }
        let seconds = self.patience.as_secs();
        Err(self.fail(&format!("did not answer within {seconds} s")))
    }

    /// That it said why not.
    pub(super) fn refused(&self, refusal: Refusal) -> SignerError {
        SignerError::Refused {
            program: self.name.clone(),
            refusal: Refusal {
                message: self.without_secret(refusal.message),
                hint: refusal.hint.map(|hint| self.without_secret(hint)),
                ..refusal
            },
        }
    }

    /// Ends it, and says why: for this reason, unless there was one before.
    pub(super) fn fail(&self, reason: &str) -> SignerError {
        let reason = self.failure.get_or_init(|| {
            let first = held(&self.state).give_up(reason);
            self.explained(first)
        });
        SignerError::Failed {
            program: self.name.clone(),
            reason: reason.clone(),
        }
    }

    /// A reason with how it ended, and what it said last.
    fn explained(&self, reason: String) -> String {
        let patience = if reason == ENDED {
            TO_END
        } else {
            Duration::ZERO
        };
        let reason = match (reason == ENDED, self.end(patience)) {
            (true, Some(status)) => format!("ended unasked ({status})"),
            (true, None) => String::from("closed its output unasked"),
            (false, _) => reason,
        };
        let words = held(&self.said).recv_timeout(TO_END).unwrap_or_default();
        let words = self.without_secret(shown(&String::from_utf8_lossy(&words)));
        match words.is_empty() {
            true => reason,
            false => format!("{reason}; it said: {words}"),
        }
    }

    fn without_secret(&self, text: String) -> String {
        match &*held(&self.secret) {
            Some(secret) if text.contains(&***secret) => text.replace(&***secret, "…"),
            _ => text,
        }
    }

    /// Closes its input, gives it this long to end, and ends it.
    fn end(&self, patience: Duration) -> Option<ExitStatus> {
        held(&self.lines).take();
        let mut child = held(&self.child);
        let begun = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if begun.elapsed() < patience => thread::sleep(Duration::from_millis(2)),
                _ => break,
            }
        }
        // It may have ended by now.
        let _ = child.kill();
        let _ = child.wait();
        None
    }
}

/// That its output ended while it was to answer.
const ENDED: &str = "ended";

impl Drop for Program {
    fn drop(&mut self) {
        self.end(TO_END);
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Program({})", self.name)
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread: what reads slowly holds up nobody who waits with patience.
fn write(mut stdin: impl Write, lines: Receiver<Zeroizing<Vec<u8>>>) {
    for line in lines {
        if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

/// A thread: hands answers to those who wait for them.
fn listen(mut stdout: impl BufRead, state: &Mutex<State>) {
    let reason = loop {
        let line = match line::next(&mut stdout) {
            Ok(Some(line)) => line,
            Ok(None) => break String::from(ENDED),
            Err(error) => break error.to_string(),
        };
        let (id, said) = match Answer::read(&line) {
            Ok(read) => read,
            Err(nonsense) => break format!("speaks nonsense: {nonsense}"),
        };
        let waiting = {
            let mut state = held(state);
            state.heard = Some(Instant::now());
            state.waiting.remove(&id)
        };
        let Some(waiting) = waiting else {
            break String::from("answers what nobody asked");
        };
        // Whoever lost patience does not wait any more.
        let _ = waiting.send(said);
    };
    held(state).give_up(&reason);
}

/// A thread: the end of what is said on standard error.
fn last_words(mut stderr: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = stderr.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..read]);
        let more = kept.len().saturating_sub(KEPT);
        kept.drain(..more);
    }
    kept
}
