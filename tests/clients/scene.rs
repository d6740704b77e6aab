//! A cluster's PKI, with entries that make a server a wrong one, and a stranger's PKI beside it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::{Certctl, Run};

/// What a server presents.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    Right,
    /// Another node, or a client.
    Node(&'static str),
    /// A chain of a root that clients do not trust.
    AnotherRoot,
    /// A certificate without the name that clients dial.
    AnotherName,
    Expired,
    /// Its leaf alone.
    NoIntermediate,
}

pub(crate) struct Scene {
    certctl: Certctl,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let certctl = Certctl::new();
        let run = |arguments: &[&str]| drop(certctl.run(arguments).expect_status(0));
        run(&["issue", "node1", "node2", "node3", "--init", "--local"]);
        run(&["issue", "elsewhere"]);
        run(&["issue", "app", "--profile", "client", "--local"]);
        run(&["--dir", "strange", "issue", "node1", "--init", "--local"]);
        let mut past = certctl.command(&["issue", "old", "--local", "--days", "1"]);
        past.env("CERTCTL_NOW", "2020-01-01T00:00:00Z");
        drop(Run::of(&mut past).expect_status(0));
        let scene = Self { certctl };
        let chain = fs::read_to_string(scene.entry("node1").join("cert.pem")).expect("issued");
        let end = "-----END CERTIFICATE-----\n";
        let (leaf, _) = chain.split_once(end).expect("a chain is PEM");
        scene.file("leaf.pem", &format!("{leaf}{end}"));
        scene
    }

    pub(crate) fn home(&self) -> &Path {
        self.certctl.home()
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        fs::write(&path, text).expect("the test's directory can be written");
        path
    }

    pub(crate) fn entry(&self, name: &str) -> PathBuf {
        self.certctl.pki("certs").join(name)
    }

    /// The folder of the entry that a server presents.
    pub(crate) fn presented(&self, state: State) -> PathBuf {
        match state {
            State::Right | State::NoIntermediate => self.entry("node1"),
            State::Node(name) => self.entry(name),
            State::AnotherRoot => self.home().join("strange/certs/node1"),
            State::AnotherName => self.entry("elsewhere"),
            State::Expired => self.entry("old"),
        }
    }

    /// The file with the certificate that a server presents, and what it sends behind it.
    pub(crate) fn chain(&self, state: State) -> PathBuf {
        match state {
            State::NoIntermediate => self.home().join("leaf.pem"),
            _ => self.presented(state).join("cert.pem"),
        }
    }

    /// Certificate, chain and key in one file.
    pub(crate) fn both(&self, state: State) -> PathBuf {
        let read = |path| fs::read_to_string(path).expect("issued");
        let key = read(self.presented(state).join("key.pem"));
        self.file("both.pem", &(key + &read(self.chain(state))))
    }

    /// What a command line of `certctl` prints.
    pub(crate) fn print(&self, arguments: &[&str]) -> String {
        self.certctl.run(arguments).expect_status(0).stdout
    }

    /// What `certctl config` prints for a server that presents this.
    pub(crate) fn config(&self, server: &str, state: State, arguments: &[&str]) -> String {
        let entry: &[&str] = match state {
            State::Right | State::NoIntermediate => &["node1"],
            State::Node(name) => &[name],
            State::AnotherRoot => &["node1", "--dir", "strange"],
            State::AnotherName => &["elsewhere"],
            State::Expired => &["old"],
        };
        let text = self.print(&[&["config", server], entry, arguments].concat());
        match state {
            State::NoIntermediate => {
                let path = |path: PathBuf| path.display().to_string();
                let chain = path(self.entry("node1").join("cert.pem"));
                text.replace(&chain, &path(self.home().join("leaf.pem")))
            }
            _ => text,
        }
    }
}
