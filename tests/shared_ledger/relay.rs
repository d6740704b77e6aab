//! What lies between a machine and the database: it passes on what it is given, or not.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Who sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum From {
    Client,
    Server,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    Pass,
    /// Each piece comes so much later
    Slow(Duration),
    /// The next connection ends after so many octets from one side
    Cut(From, usize),
    /// All connections do
    CutAll(From, usize),
    /// All connections go on after so many octets from one side, which are taken and passed on no more
    MuteAll(From, usize),
}

struct State {
    mode: Mutex<Mode>,
    is_over: AtomicBool,
    connections: AtomicUsize,
    octets: [AtomicUsize; 2],
}

pub(crate) struct Relay {
    pub(crate) port: u16,
    state: Arc<State>,
}

impl Relay {
    /// Passes on what comes to what listens on this port.
    pub(crate) fn to(target: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(State {
            mode: Mutex::new(Mode::Pass),
            is_over: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            octets: [const { AtomicUsize::new(0) }; 2],
        });
        let held = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if held.is_over.load(Ordering::Relaxed) {
                    return;
                }
                held.connections.fetch_add(1, Ordering::Relaxed);
                if let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)) {
                    relay(&held, &near, &far);
                }
            }
        });
        Self { port, state }
    }

    pub(crate) fn set(&self, mode: Mode) {
        *self.state.mode.lock().expect("no thread panics") = mode;
    }

    /// How many have come since the last time that this was asked, and how much was sent from each side.
    pub(crate) fn count(&self) -> (usize, [usize; 2]) {
        let take = |number: &AtomicUsize| number.swap(0, Ordering::Relaxed);
        let octets = [0, 1].map(|side| take(&self.state.octets[side]));
        (take(&self.state.connections), octets)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn relay(state: &Arc<State>, near: &TcpStream, far: &TcpStream) {
    let mode = {
        let mut mode = state.mode.lock().expect("no thread panics");
        let now = *mode;
        if matches!(now, Mode::Cut(..)) {
            *mode = Mode::Pass;
        }
        now
    };
    for (from, to, side) in [(near, far, From::Client), (far, near, From::Server)] {
        let _ = to.set_nodelay(true);
        let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else {
            return;
        };
        let state = Arc::clone(state);
        thread::spawn(move || pump(&state, from, to, side, mode));
    }
}

/// Passes on what one side sends, until either ends or it is cut.
fn pump(state: &State, mut from: TcpStream, mut to: TcpStream, side: From, mode: Mode) {
    let mut left = match mode {
        Mode::Cut(of, count) | Mode::CutAll(of, count) | Mode::MuteAll(of, count) if of == side => {
            count
        }
        _ => usize::MAX,
    };
    let ends = !matches!(mode, Mode::MuteAll(..));
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if let Mode::Slow(pause) = mode {
            thread::sleep(pause);
        }
        let passed = count.min(left);
        left -= passed;
        state.octets[side as usize].fetch_add(passed, Ordering::Relaxed);
        if to.write_all(&piece[..passed]).is_err() || ends && left == 0 {
            break;
        }
    }
    for end in [from, to] {
        let _ = end.shutdown(Shutdown::Both);
    }
}
