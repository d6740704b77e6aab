//! What is wrong, and who refuses whom by it.

use certctl::messages::Direction;

use crate::{
    material::{Material, Options},
    products,
    scene::{Heard, meet},
    stacks::{self, Stack},
};

/// One set-up that is wrong on purpose.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Entry, roots, and what more the server is told
    pub(crate) server: (&'static str, &'static str, &'static str),
    /// The same of the client; an empty entry shows no certificate
    pub(crate) client: (&'static str, &'static str, &'static str),
    /// Who refuses
    pub(crate) refuser: Refuser,
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Refuser {
    Client,
    Server,
}
use Refuser::{Client, Server};

const AES: &str = "cipher=ECDHE-ECDSA-AES256-GCM-SHA384";
const CHACHA: &str = "cipher=ECDHE-ECDSA-CHACHA20-POLY1305";

const fn case(
    name: &'static str,
    server: (&'static str, &'static str, &'static str),
    client: (&'static str, &'static str, &'static str),
    refuser: Refuser,
) -> Case {
    Case {
        name,
        server,
        client,
        refuser,
    }
}

/// Everything between two that speak TLS.
pub(crate) const CASES: &[Case] = &[
    case("expired", ("old", "own", ""), ("", "own", ""), Client),
    case(
        "wrong CA",
        ("node1", "own", ""),
        ("", "strange", ""),
        Client,
    ),
    case(
        "wrong CA 1.2",
        ("node1", "own", "version=1.2"),
        ("", "strange", ""),
        Client,
    ),
    case(
        "wrong name",
        ("node1", "own", ""),
        ("", "own", "name=elsewhere.test"),
        Client,
    ),
    case(
        "wrong name 1.2",
        ("node1", "own", "version=1.2"),
        ("", "own", "name=elsewhere.test"),
        Client,
    ),
    case(
        "wrong address",
        ("node1", "own", ""),
        ("", "own", "name=192.0.2.1"),
        Client,
    ),
    case(
        "wrong purpose",
        ("app", "own", ""),
        ("", "own", "name=app"),
        Client,
    ),
    case(
        "no intermediate",
        ("short", "own", ""),
        ("", "own", ""),
        Client,
    ),
    case("self-signed", ("lone", "own", ""), ("", "own", ""), Client),
    case(
        "old protocol",
        ("node1", "own", "version=1.2"),
        ("", "own", "version=1.3"),
        Server,
    ),
    case(
        "new protocol",
        ("node1", "own", "version=1.3"),
        ("", "own", "version=1.2"),
        Server,
    ),
    case(
        "no shared cipher",
        ("node1", "own", CHACHA),
        ("", "own", AES),
        Server,
    ),
    case(
        "no certificate",
        ("node1", "own", "clients=require"),
        ("", "own", ""),
        Server,
    ),
    case(
        "no certificate 1.2",
        ("node1", "own", "clients=require version=1.2"),
        ("", "own", ""),
        Server,
    ),
    case(
        "stranger",
        ("node1", "own", "clients=require"),
        ("stranger", "own", ""),
        Server,
    ),
    case(
        "expired client",
        ("node1", "own", "clients=require"),
        ("oldapp", "own", ""),
        Server,
    ),
    case(
        "client with a server's purpose",
        ("node1", "own", "clients=require"),
        ("web", "own", ""),
        Server,
    ),
    case(
        "client without intermediate",
        ("node1", "own", "clients=require"),
        ("short-app", "own", ""),
        Server,
    ),
    case(
        "revoked client",
        ("node1", "own", "clients=require crl=crls.pem"),
        ("gone", "own", ""),
        Server,
    ),
    case(
        "CRL of the root only",
        ("node1", "own", "clients=require crl=root-crls.pem"),
        ("app", "own", ""),
        Server,
    ),
    case(
        "CRL ended",
        ("node1", "own", "clients=require crl=old-crls.pem"),
        ("app", "own", ""),
        Server,
    ),
];

/// Files that cannot be used, which the program finds out by itself.
pub(crate) const OWN: &[&str] = &[
    "mismatch",
    "encrypted",
    "absent",
    "no-certificate",
    "no-key",
    "swapped",
];

/// One thing to run, which gives what one or two programs said.
pub(crate) struct Job(Box<Running>);

type Running = dyn Fn(&Material) -> Vec<Heard> + Send + Sync;

impl Job {
    pub(crate) fn new(run: impl Fn(&Material) -> Vec<Heard> + Send + Sync + 'static) -> Self {
        Self(Box::new(run))
    }

    pub(crate) fn run(&self, material: &Material) -> Vec<Heard> {
        self.0(material)
    }
}

impl Case {
    pub(crate) fn options(&self, material: &Material, of: Refuser) -> Options {
        let (entry, roots, more) = if of == Server {
            self.server
        } else {
            self.client
        };
        let mut options = match entry {
            "" => Options::new(),
            entry => material.identity(entry),
        };
        options.insert("ca", material.roots(roots));
        for word in more.split(' ').filter(|word| !word.is_empty()) {
            let (key, value) = word.split_once('=').expect("KEY=VALUE");
            let value = if key == "crl" {
                material.file(value)
            } else {
                value.to_owned()
            };
            options.insert(key, value);
        }
        options
    }

    /// What the program on this side may tell.
    pub(crate) fn expected(&self, side: Refuser) -> Vec<Direction> {
        match side == self.refuser {
            true => vec![Direction::WeRefused],
            false => vec![Direction::PeerRefused],
        }
    }
}

/// Everything that is run, the slowest first.
pub(crate) fn jobs() -> Vec<Job> {
    let mut jobs = vec![crate::postgresql::job()];
    for stack in stacks::ALL.iter().chain(products::ALL) {
        for case in CASES {
            if stack.can(case, Client) {
                jobs.push(Job::new(move |material| {
                    meet(material, case, &stacks::OPENSSL, stack)
                }));
            }
            if stack.can(case, Server) && stack.name != "openssl" {
                jobs.push(Job::new(move |material| {
                    meet(material, case, stack, &stacks::OPENSSL)
                }));
            }
        }
        jobs.extend(of_its_own(stack));
    }
    jobs
}

/// What needs no other program that speaks TLS.
fn of_its_own(stack: &'static Stack) -> Vec<Job> {
    let mut jobs = Vec::new();
    for name in OWN {
        for side in [Client, Server] {
            // Erlang opens a server's files when somebody connects.
            if stack.has(side) && !(stack.name == "erlang" && side == Server) {
                jobs.push(Job::new(move |material| {
                    crate::scene::alone(material, stack, side, name)
                }));
            }
        }
    }
    if stack.has(Client) {
        jobs.push(Job::new(move |material| {
            crate::scene::plain_server(material, stack)
        }));
    }
    if stack.has(Server) {
        jobs.push(Job::new(move |material| {
            crate::scene::plain_client(material, stack)
        }));
    }
    jobs
}
