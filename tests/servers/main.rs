//! The real programs run with what `certctl config` prints: the right peer gets in, a wrong one does not.
//!
//! Each program has a file here. Ports are assigned by the system; programs end with the test.

#[path = "../support/mod.rs"]
mod support;

mod cassandra;
mod erlang;
mod etcd;
mod fronts;
mod galera;
mod kafka;
mod mariadb;
mod memcached;
mod mosquitto;
mod nats;
mod openbao;
mod opensearch;
mod patroni;
mod pgbouncer;
mod places;
mod postgresql;
mod rabbitmq;
mod redis;
mod rotation;
mod stunnel;
mod web_admin;

use std::{
    fs,
    path::{Path, PathBuf},
};

use support::{Certctl, process, walk::Walk};

/// A cluster's PKI with a client and an expired client, and a stranger's PKI beside it.
pub(crate) struct Material {
    certctl: Certctl,
}

/// The files that a client shows and trusts.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) trust: PathBuf,
}

impl Material {
    pub(crate) fn new() -> Self {
        // Every server has to find its files there.
        let certctl = Certctl::oddly_named();
        let run = |arguments: &[&str]| drop(certctl.run(arguments).expect_status(0));
        run(&["issue", "node1", "node2", "node3", "--init", "--local"]);
        run(&["issue", "app", "lost", "--profile", "client"]);
        make_stranger(&certctl);
        let mut past = certctl.command(&["issue", "old", "--profile", "client", "--days", "1"]);
        past.env("CERTCTL_NOW", "2020-01-01T00:00:00Z");
        drop(support::Run::of(&mut past).expect_status(0));
        Self { certctl }
    }

    pub(crate) fn home(&self) -> &Path {
        self.certctl.home()
    }

    /// What `certctl config` prints.
    pub(crate) fn config(&self, arguments: &[&str]) -> String {
        self.certctl
            .run(&[&["config"], arguments].concat())
            .expect_status(0)
            .stdout
    }

    /// The same, in a file.
    pub(crate) fn config_file(&self, name: &str, arguments: &[&str]) -> PathBuf {
        self.file(name, &self.config(arguments))
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        fs::write(&path, text).expect("the test's directory can be written");
        path
    }

    /// An entry of the cluster.
    pub(crate) fn identity(&self, name: &str) -> Identity {
        identity_in(&self.certctl.pki(""), name)
    }

    /// Clients that must not get in, each with what is wrong with it.
    pub(crate) fn unwelcome(&self) -> Vec<(&'static str, Identity)> {
        let trust = || self.identity("app").trust;
        let leaf = fs::read_to_string(self.identity("app").cert).expect("issued");
        let end = "-----END CERTIFICATE-----\n";
        let leaf = &leaf[..leaf.find(end).expect("PEM") + end.len()];
        vec![
            (
                "another root",
                Identity {
                    trust: trust(),
                    ..self.stranger()
                },
            ),
            ("expired", self.identity("old")),
            (
                "no intermediate",
                Identity {
                    cert: self.file("leaf.pem", leaf),
                    ..self.identity("app")
                },
            ),
        ]
    }

    /// A copy of an entry's directory, which stays where it is when the entry is revoked.
    pub(crate) fn copy(&self, name: &str) -> Identity {
        let (from, to) = (
            self.certctl.pki("certs").join(name),
            self.home().join("copies/certs").join(name),
        );
        fs::create_dir_all(&to).expect("the test's directory can be written");
        for file in ["cert.pem", "key.pem", "ca.pem"] {
            fs::copy(from.join(file), to.join(file)).expect("issued");
        }
        identity_in(&self.home().join("copies"), name)
    }

    /// Revokes an entry and makes the CRLs of all CAs.
    pub(crate) fn revoke(&self, name: &str) {
        self.run(&["revoke", name, "--yes"]);
        self.run(&["crl", "--all"]);
    }

    pub(crate) fn run(&self, arguments: &[&str]) {
        drop(self.certctl.run(arguments).expect_status(0));
    }

    /// A path inside the PKI directory.
    pub(crate) fn pki(&self, inside: &str) -> PathBuf {
        self.certctl.pki(inside)
    }

    /// An entry of another root, which signed nothing here.
    pub(crate) fn stranger(&self) -> Identity {
        identity_in(&self.home().join("strange"), "stranger")
    }
}

impl Identity {
    /// Where its files lie.
    pub(crate) fn directory(&self) -> String {
        let directory = self.cert.parent().expect("it lies in a directory");
        directory.display().to_string()
    }
}

/// Another root and what it has signed, beside the cluster's.
fn make_stranger(certctl: &Certctl) {
    let words = ["--dir", "strange", "issue", "stranger", "--init", "--local"];
    drop(certctl.run(&words).expect_status(0));
}

/// A stranger, where a walk has made the cluster's PKI.
pub(crate) fn stranger_beside(walk: &Walk) -> Identity {
    make_stranger(&walk.certctl);
    identity_in(&walk.certctl.home().join("strange"), "stranger")
}

/// A client that a walk has made, whose root is not the servers'.
pub(crate) fn client_of(walk: &Walk, name: &str) -> Identity {
    Identity {
        trust: walk.certctl.pki("ca/root/bundle.pem"),
        ..identity_in(&walk.certctl.pki(""), name)
    }
}

fn identity_in(pki: &Path, name: &str) -> Identity {
    let directory = pki.join("certs").join(name);
    Identity {
        cert: directory.join("cert.pem"),
        key: directory.join("key.pem"),
        trust: directory.join("ca.pem"),
    }
}
