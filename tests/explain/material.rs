//! A PKI, a stranger's beside it, and files that are wrong.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::support::{Certctl, Run, openssl};

/// What a program is told: its files, and what it must or may speak.
pub(crate) type Options = BTreeMap<&'static str, String>;

pub(crate) struct Material {
    pub(crate) certctl: Certctl,
    /// Programs that were compiled once
    pub(crate) go: PathBuf,
    pub(crate) java: PathBuf,
}

impl Material {
    pub(crate) fn new() -> Self {
        let certctl = Certctl::new();
        let run = |arguments: &[&str]| drop(certctl.run(arguments).expect_status(0));
        let past = |arguments: &[&str]| {
            let mut command = certctl.command(arguments);
            drop(Run::of(command.env("CERTCTL_NOW", "2020-01-01T00:00:00Z")).expect_status(0));
        };
        run(&["issue", "node1", "--init", "--local"]);
        run(&["issue", "app", "gone", "--profile", "client"]);
        run(&["issue", "web", "--profile", "server", "--local"]);
        run(&["issue", "lone", "--self-signed", "--local"]);
        run(&["--dir", "strange", "issue", "stranger", "--init", "--local"]);
        past(&["issue", "old", "--days", "1", "--local"]);
        past(&["issue", "oldapp", "--profile", "client", "--days", "1"]);
        past(&["crl", "--all", "--days", "1"]);
        let home = certctl.home().to_owned();
        let crls = |name: &str| {
            let of = |ca: &str| {
                fs::read_to_string(certctl.pki(format!("ca/{ca}/crl.pem"))).expect("made")
            };
            fs::write(home.join(name), of("root") + &of("issuing"))
                .expect("the test's directory can be written");
            fs::write(home.join(format!("root-{name}")), of("root"))
                .expect("the test's directory can be written");
        };
        crls("old-crls.pem");
        for file in ["cert.pem", "key.pem"] {
            fs::copy(
                certctl.pki(format!("certs/gone/{file}")),
                home.join(format!("gone-{file}")),
            )
            .expect("issued");
        }
        run(&["revoke", "gone", "--yes"]);
        run(&["crl", "--all", "--force"]);
        crls("crls.pem");
        for (name, of) in [("node1", "leaf.pem"), ("app", "app-leaf.pem")] {
            let chain =
                fs::read_to_string(certctl.pki(format!("certs/{name}/cert.pem"))).expect("issued");
            let end = "-----END CERTIFICATE-----\n";
            let leaf = &chain[..chain.find(end).expect("PEM") + end.len()];
            fs::write(home.join(of), leaf).expect("the test's directory can be written");
        }
        let key = certctl.pki("certs/node1/key.pem");
        let encrypted = home.join("encrypted.pem");
        let words = [
            "pkcs8",
            "-topk8",
            "-v2",
            "aes256",
            "-passout",
            "pass:secret",
            "-in",
        ];
        let mut words: Vec<_> = words.map(PathBuf::from).into();
        words.extend([key.clone(), "-out".into(), encrypted]);
        drop(openssl(&words).expect_status(0));
        fs::copy(key, home.join("open.pem")).expect("issued");
        let (go, java) = crate::stacks::compile(&home);
        Self { certctl, go, java }
    }

    pub(crate) fn home(&self) -> &Path {
        self.certctl.home()
    }

    /// A file beside the PKI directory.
    pub(crate) fn file(&self, name: &str) -> String {
        self.home().join(name).display().to_string()
    }

    /// The certificate and key of an entry.
    pub(crate) fn identity(&self, name: &str) -> Options {
        let (cert, key) = match name {
            "gone" => (self.file("gone-cert.pem"), self.file("gone-key.pem")),
            "stranger" => (
                self.file("strange/certs/stranger/cert.pem"),
                self.file("strange/certs/stranger/key.pem"),
            ),
            "short" => (self.file("leaf.pem"), self.of("node1", "key.pem")),
            "short-app" => (self.file("app-leaf.pem"), self.of("app", "key.pem")),
            "mismatch" => (self.of("node1", "cert.pem"), self.of("app", "key.pem")),
            "encrypted" => (self.of("node1", "cert.pem"), self.file("encrypted.pem")),
            "open" => (self.of("node1", "cert.pem"), self.file("open.pem")),
            "absent" => (self.of("node1", "cert.pem"), self.file("none.pem")),
            "no-certificate" => (self.file("none.pem"), self.of("node1", "key.pem")),
            "no-key" => (self.of("node1", "cert.pem"), self.of("node1", "ca.pem")),
            "swapped" => (self.of("node1", "key.pem"), self.of("node1", "cert.pem")),
            name => (self.of(name, "cert.pem"), self.of(name, "key.pem")),
        };
        [("cert", cert), ("key", key)].into()
    }

    /// The roots that are trusted.
    pub(crate) fn roots(&self, name: &str) -> String {
        match name {
            "strange" => self.file("strange/certs/stranger/ca.pem"),
            "absent" => self.file("none.pem"),
            _ => self.of("node1", "ca.pem"),
        }
    }

    fn of(&self, name: &str, file: &str) -> String {
        self.certctl
            .pki(format!("certs/{name}/{file}"))
            .display()
            .to_string()
    }
}
