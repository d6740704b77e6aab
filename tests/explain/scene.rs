//! Two programs that meet, and what each says of it.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use certctl::messages::Direction;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::{
    cases::{
        Case,
        Refuser::{self, Client, Server},
    },
    material::{Material, Options},
    stacks::{Program, Stack},
    support::process::{free_port, until, wait_for_group},
};

/// How long a program may take for one connection.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long input stays open: in TLS 1.3 a client hears after its handshake that it was refused.
const LISTENING: Duration = Duration::from_millis(800);

/// How long a server may take until it says something; most say why they refused somebody, some say nothing.
const SPEECHLESS: Duration = Duration::from_secs(4);

/// What clients send, whatever listens.
const WORDS: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// What one program said.
pub(crate) struct Heard {
    pub(crate) program: &'static str,
    pub(crate) case: &'static str,
    /// The other program
    pub(crate) with: &'static str,
    pub(crate) text: String,
    /// Who may refuse whom by it
    pub(crate) expected: Vec<Direction>,
}

/// A program in the background whose words are kept.
pub(crate) struct Running {
    child: Child,
    output: File,
    /// How much it had said when it listened
    before: u64,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let output = tempfile::tempfile().expect("a temporary file can be made");
        let handle = || output.try_clone().expect("an open file");
        command
            .stdin(Stdio::piped())
            .stdout(handle())
            .stderr(handle())
            .process_group(0);
        let child = command.spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("{command:?}: {error} (tests/run installs what the tests need)")
        });
        Self {
            child,
            output,
            before: 0,
        }
    }

    /// Whether it listens at last; `false` where it ended before that.
    pub(crate) fn listens(&mut self, port: u16) -> bool {
        let mut is_there = false;
        until("the server listens or ends", || {
            is_there = is_listening(port);
            is_there || self.has_ended()
        });
        self.before = self.length();
        is_there
    }

    fn length(&self) -> u64 {
        self.output.metadata().map_or(0, |it| it.len())
    }

    fn has_ended(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("a child can be waited for")
            .is_some()
    }

    /// Says a few words, listens for a while, and waits for the end.
    pub(crate) fn talk(&mut self) {
        // Whoever refuses somebody that has spoken already may cut the connection, and with it why.
        self.wait(LISTENING);
        if let Some(stdin) = &mut self.child.stdin {
            let _ = stdin.write_all(WORDS);
        }
        self.wait(LISTENING);
        drop(self.child.stdin.take());
        self.wait(PATIENCE);
    }

    fn wait(&mut self, patience: Duration) {
        let end = Instant::now() + patience;
        while !self.has_ended() && Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it, unless it does so by itself soon, and hands back all that it said.
    pub(crate) fn said(mut self, patience: Duration) -> String {
        drop(self.child.stdin.take());
        let end = Instant::now() + SPEECHLESS;
        while self.length() == self.before && !self.has_ended() && Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
        }
        self.wait(patience);
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
        if let Some(group) = group {
            wait_for_group(group);
        }
        // The child wrote through the same description, so that its end is ours.
        std::io::Seek::rewind(&mut self.output).expect("a file has a beginning");
        let mut octets = Vec::new();
        self.output
            .read_to_end(&mut octets)
            .expect("a file can be read");
        String::from_utf8_lossy(&octets).into_owned()
    }
}

/// Whether some program listens there by IPv4, without disturbing it: some take one connection only.
fn is_listening(port: u16) -> bool {
    const LISTEN: &str = "0A";
    let local = format!(":{port:04X}");
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    table.lines().any(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        words.get(3) == Some(&LISTEN) && words[1].ends_with(&local)
    })
}

/// How long a server may go on after its client has ended.
pub(crate) const AFTERWARDS: Duration = Duration::from_millis(300);

/// Has two programs meet; what each said, and who may refuse whom by it.
pub(crate) fn meet(
    material: &Material,
    case: &'static Case,
    server: &'static Stack,
    client: &'static Stack,
) -> Vec<Heard> {
    let port = free_port();
    let [of_server, of_client] = [Server, Client].map(|side| case.options(material, side));
    let heard = |stack: &'static Stack, side: Refuser, text: String| Heard {
        program: stack.program(side),
        case: case.name,
        with: match side {
            Server => client.program(Client),
            Client => server.program(Server),
        },
        text,
        expected: case.expected(side),
    };
    match (server.run, client.run) {
        (Program::Inside(serve), Program::Command(command)) => {
            let listener =
                TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
            let (said, dialled) = thread::scope(|scope| {
                let serving = scope.spawn(|| serve(Server, Some(&listener), port, &of_server));
                let dialled = run(&mut command(material, Client, port, &of_client));
                (serving.join().expect("it ends"), dialled)
            });
            vec![heard(server, Server, said), heard(client, Client, dialled)]
        }
        (Program::Command(command), dial) => {
            let mut running = Running::start(&mut command(material, Server, port, &of_server));
            assert!(
                running.listens(port),
                "{}: {}",
                case.name,
                running.said(AFTERWARDS)
            );
            let dialled = match dial {
                Program::Command(command) => run(&mut command(material, Client, port, &of_client)),
                Program::Inside(dial) => dial(Client, None, port, &of_client),
            };
            vec![
                heard(server, Server, running.said(AFTERWARDS)),
                heard(client, Client, dialled),
            ]
        }
        (Program::Inside(_), Program::Inside(_)) => unreachable!("one of both is OpenSSL"),
    }
}

/// Runs a client to its end.
pub(crate) fn run(command: &mut Command) -> String {
    let mut running = Running::start(command);
    running.talk();
    running.said(Duration::ZERO)
}

/// Starts a program with files that it cannot use; the other end is there and never asked.
pub(crate) fn alone(
    material: &Material,
    stack: &'static Stack,
    side: Refuser,
    name: &'static str,
) -> Vec<Heard> {
    let mut options = material.identity(name);
    options.insert("ca", material.roots("own"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let port = match side {
        Client => listener.local_addr().expect("it is bound").port(),
        Server => free_port(),
    };
    let text = match stack.run {
        Program::Inside(run) => run(side, Some(&listener), port, &options),
        Program::Command(command) => {
            let mut running = Running::start(&mut command(material, side, port, &options));
            listener.set_nonblocking(true).expect("a socket can");
            // Kept, so that nobody is cut off.
            let mut caller = None;
            running.talk_briefly(|| match side {
                Client => {
                    caller = caller.take().or_else(|| listener.accept().ok());
                    caller.is_some()
                }
                Server => is_listening(port),
            });
            running.said(Duration::ZERO)
        }
    };
    // Some use what they can, and have nothing to say.
    let expected = vec![Direction::Own];
    vec![Heard {
        program: stack.program(side),
        case: name,
        with: "nobody",
        text,
        expected,
    }]
}

/// Has a client of TLS dial a server that speaks none.
pub(crate) fn plain_server(material: &Material, stack: &'static Stack) -> Vec<Heard> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let options: Options = [("ca", material.roots("own"))].into();
    let is_over = AtomicBool::new(false);
    let text = thread::scope(|scope| {
        // Some dial again before they give up.
        scope.spawn(|| {
            for mut stream in listener.incoming().flatten() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let _ = stream.read(&mut [0; 1000]);
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
            }
        });
        let text = match stack.run {
            Program::Command(command) => run(&mut command(material, Client, port, &options)),
            Program::Inside(dial) => dial(Client, None, port, &options),
        };
        is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        text
    });
    vec![Heard {
        program: stack.program(Client),
        case: "plain server",
        with: "plain text",
        text,
        expected: vec![Direction::WeRefused],
    }]
}

/// Has a client that speaks no TLS dial a server that does.
pub(crate) fn plain_client(material: &Material, stack: &'static Stack) -> Vec<Heard> {
    let port = free_port();
    let mut options = material.identity("node1");
    options.insert("ca", material.roots("own"));
    let text = match stack.run {
        Program::Inside(serve) => {
            let listener =
                TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
            thread::scope(|scope| {
                let serving = scope.spawn(|| serve(Server, Some(&listener), port, &options));
                speak_plainly(port);
                serving.join().expect("it ends")
            })
        }
        Program::Command(command) => {
            let mut running = Running::start(&mut command(material, Server, port, &options));
            assert!(
                running.listens(port),
                "plain client: {}",
                running.said(AFTERWARDS)
            );
            speak_plainly(port);
            running.said(AFTERWARDS)
        }
    };
    vec![Heard {
        program: stack.program(Server),
        case: "plain client",
        with: "plain text",
        text,
        expected: vec![Direction::WeRefused],
    }]
}

/// What a client says that has TLS not switched on; what comes back.
pub(crate) fn speak_plainly(port: u16) -> String {
    let mut stream = None;
    // Some listen before they say where, and once more.
    until("somebody answers", || {
        stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok();
        stream.is_some()
    });
    let mut stream = stream.expect("it is connected");
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .expect("not zero");
    let _ = stream.write_all(WORDS);
    let mut octets = Vec::new();
    let _ = stream.read_to_end(&mut octets);
    String::from_utf8_lossy(&octets).into_owned()
}

impl Running {
    /// Says nothing, and once it has reached the network gives it a moment to find out that it cannot start.
    ///
    /// Until then it may take its time: some are compiled first.
    pub(crate) fn talk_briefly(&mut self, mut has_reached: impl FnMut() -> bool) {
        drop(self.child.stdin.take());
        let end = Instant::now() + PATIENCE;
        while !self.has_ended() && !has_reached() && Instant::now() < end {
            thread::sleep(Duration::from_millis(20));
        }
        self.wait(Duration::from_secs(6));
    }
}
