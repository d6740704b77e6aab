//! Three nodes of OpenSSL's `s_server`, which reads its files when it starts: a new one takes over before the old one
//! ends, as behind a balancer.

use std::{
    io,
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
};

use super::{
    NODES, Site,
    load::{Endpoint, Speaks},
};
use crate::{
    process::{Server, free_port},
    support::program,
};

/// All of them.
pub(super) struct Trio<'s> {
    site: &'s Site,
    nodes: Vec<Node>,
}

impl<'s> Trio<'s> {
    pub(super) fn start(site: &'s Site) -> Self {
        let node = |name: &&str| Node::start(Running::start(site, name));
        let nodes = NODES.iter().map(node).collect();
        Self { site, nodes }
    }

    pub(super) fn endpoints(&self) -> Vec<Endpoint> {
        let of = |node: &Node| {
            let port = node.port;
            // A program for each handshake takes its time: that is one in four.
            let (usual, dear) = (Speaks::Http, Speaks::HttpByOpenssl);
            [usual, usual, usual, dear].map(|speaks| Endpoint { port, speaks })
        };
        self.nodes.iter().flat_map(of).collect()
    }

    pub(super) fn reload(&self, name: &str) {
        let index = NODES.iter().position(|it| *it == name).expect("a node");
        let next = Arc::new(Running::start(self.site, name));
        let mut running = self.nodes[index]
            .running
            .lock()
            .expect("nobody fails in here");
        *running = next;
    }
}

/// A program with the files that lay there when it was started.
struct Running {
    _server: Server,
    port: u16,
}

impl Running {
    fn start(site: &Site, name: &str) -> Self {
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let mut server = program("openssl");
        server.args(["s_server", "-www", "-accept", &address]);
        server.args(["-Verify", "3", "-verify_return_error"]);
        let files = site.identity(name);
        for (option, file) in [
            ("-CAfile", &files.trust),
            ("-cert", &files.cert),
            ("-cert_chain", &files.cert),
            ("-key", &files.key),
        ] {
            server.arg(option).arg(file);
        }
        Self {
            _server: Server::start(&mut server, port),
            port,
        }
    }
}

/// Where a node is reached: by the program that runs last. Each ends with its last connection.
struct Node {
    port: u16,
    running: Arc<Mutex<Arc<Running>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Node {
    fn start(running: Running) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let running = Arc::new(Mutex::new(Arc::new(running)));
        let is_over = Arc::new(AtomicBool::new(false));
        let (last, ends) = (Arc::clone(&running), Arc::clone(&is_over));
        let thread = thread::spawn(move || {
            for client in listener.incoming() {
                if ends.load(SeqCst) {
                    return;
                }
                let running = Arc::clone(&last.lock().expect("nobody fails in here"));
                // Who hangs up is told of by the client.
                thread::spawn(move || client.and_then(|client| relay(&client, &running)));
            }
        });
        Self {
            port,
            running,
            is_over,
            thread: Some(thread),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.is_over.store(true, SeqCst);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn relay(client: &TcpStream, running: &Running) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, running.port))?;
    for side in [client, &server] {
        side.set_nodelay(true)?;
    }
    thread::scope(|scope| {
        scope.spawn(|| pass(client, &server));
        pass(&server, client);
    });
    Ok(())
}

fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
