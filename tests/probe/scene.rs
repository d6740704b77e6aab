//! A PKI, what is wrong with some of its certificates, and what `probe` says.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::support::{
    Certctl, Run,
    process::{Server, free_port},
    program,
};

pub(crate) struct Scene {
    pub(crate) certctl: Certctl,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let certctl = Certctl::new();
        let scene = Self { certctl };
        scene.run(&["issue", "node1", "node2", "--init", "--local"]);
        scene.run(&["issue", "app", "--profile", "client"]);
        scene
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        self.certctl.run(arguments).expect_status(0).stdout
    }

    pub(crate) fn home(&self) -> &Path {
        self.certctl.home()
    }

    /// A file of an entry.
    pub(crate) fn of(&self, name: &str, file: &str) -> PathBuf {
        self.certctl.pki(format!("certs/{name}/{file}"))
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        fs::write(&path, text).expect("the test's directory can be written");
        path
    }

    /// The certificates of a file, each in PEM.
    pub(crate) fn blocks(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).expect("issued");
        let end = "-----END CERTIFICATE-----\n";
        text.split_inclusive(end).map(str::to_owned).collect()
    }

    /// Starts `openssl s_server` with an entry's certificate and chain.
    pub(crate) fn openssl(&self, name: &str, more: &[&str]) -> (Server, u16) {
        self.openssl_with(&self.of(name, "cert.pem"), &self.of(name, "key.pem"), more)
    }

    /// The same with any certificate and what follows it.
    pub(crate) fn openssl_with(&self, chain: &Path, key: &Path, more: &[&str]) -> (Server, u16) {
        let port = free_port();
        let blocks = Self::blocks(chain);
        let name = format!("{port}-chain.pem");
        let rest = self.file(&name, &blocks[1..].concat());
        let mut command = program("openssl");
        // -www: it closes no connection because its own input has ended.
        command.args(["s_server", "-www", "-accept", &format!("127.0.0.1:{port}")]);
        command.arg("-cert").arg(chain).arg("-key").arg(key);
        if blocks.len() > 1 {
            command.arg("-cert_chain").arg(rest);
        }
        (Server::start(command.args(more), port), port)
    }

    /// Has a client certificate of the cluster demanded.
    pub(crate) fn mutual(&self) -> Vec<String> {
        let roots = self.of("node1", "ca.pem");
        let words = ["-Verify", "3", "-verify_return_error", "-CAfile"];
        let words = words.into_iter().map(str::to_owned);
        words.chain([roots.display().to_string()]).collect()
    }

    /// What `probe` says of an address, with its exit code checked against its findings.
    pub(crate) fn probe(&self, arguments: &[&str]) -> Seen {
        let run = self
            .certctl
            .run(&[&["--json", "probe"], arguments].concat());
        Seen::of(run)
    }
}

/// A document of `probe`.
pub(crate) struct Seen(pub(crate) Value);

impl Seen {
    #[track_caller]
    pub(crate) fn of(run: Run) -> Self {
        let document: Value =
            serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
        let findings = document["findings"].as_array().expect("a list");
        let is_grave = |finding: &Value| finding["severity"] != "info";
        let status = if findings.iter().any(is_grave) { 3 } else { 0 };
        drop(run.expect_status(status));
        Self(document)
    }

    /// The codes of its findings, sorted.
    pub(crate) fn codes(&self) -> Vec<&str> {
        let findings = self.0["findings"].as_array().expect("a list");
        let mut codes: Vec<_> = findings
            .iter()
            .filter_map(|it| it["code"].as_str())
            .collect();
        codes.sort_unstable();
        codes
    }

    #[track_caller]
    pub(crate) fn expect(&self, what: &str, codes: &[&str]) {
        assert_eq!(self.codes(), codes, "{what}: {:#}", self.0);
    }

    /// The message of the only finding of a code.
    pub(crate) fn message(&self, code: &str) -> &str {
        let mut findings = self.0["findings"].as_array().expect("a list").iter();
        let found = findings.find(|it| it["code"] == code);
        found
            .and_then(|it| it["message"].as_str())
            .unwrap_or_default()
    }

    /// What was seen at the first address.
    pub(crate) fn endpoint(&self) -> &Value {
        &self.0["endpoints"][0]
    }
}

pub(crate) fn local(port: u16) -> String {
    format!("127.0.0.1:{port}")
}
