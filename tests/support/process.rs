//! Programs in the background, and ports.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// Longest that a program may take to be ready; only a broken one reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that ends with this value, and with it all that it has started.
pub struct Server(Child);

impl Server {
    /// Starts a program and waits until it answers on a port of this machine.
    pub fn start(command: &mut Command, port: u16) -> Self {
        Self::start_at(command, (Ipv4Addr::LOCALHOST, port).into())
    }

    /// The same for a program that answers on another of this machine's addresses.
    pub fn start_at(command: &mut Command, address: SocketAddr) -> Self {
        // What was stopped may take a moment to go, and must not be taken for what is started.
        until("nobody answers any more", || {
            TcpStream::connect(address).is_err()
        });
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut server = Self(child.unwrap_or_else(|error| {
            panic!("{command:?}: {error} (tests/run installs what the tests need)")
        }));
        until("the server answers", || {
            if let Some(status) = server.0.try_wait().expect("a child can be waited for") {
                panic!("{command:?} ended: {status}");
            }
            TcpStream::connect(address).is_ok()
        });
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.0.wait();
        if let Some(group) = group {
            wait_for_group(group);
        }
    }
}

/// Waits for all of a group that was killed: what follows may need what they still have, such as shared memory.
///
/// Not for ever: where nobody fetches the ends of orphans, they stay.
pub fn wait_for_group(group: Pid) {
    let end = Instant::now() + Duration::from_secs(2);
    while test_kill_process_group(group).is_ok() && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
}

/// A port that no one else is given until the tests end: a connection that stays open has it.
///
/// A server can listen there all the same, if it sets SO_REUSEADDR; all do, to be able to restart. It is free on all
/// addresses: what is free on the loopback may be a connection's of somebody else on another, and gnutls-serv, which
/// listens on all, then does so on IPv6 alone.
pub fn free_port() -> u16 {
    static HELD: Mutex<Vec<[TcpStream; 2]>> = Mutex::new(Vec::new());
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let near = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens");
    let (far, _) = listener.accept().expect("it is connected");
    let mut held = HELD.lock().expect("no test fails in here");
    held.push([near, far]);
    port
}

/// Waits until something holds; fails where it never does.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
