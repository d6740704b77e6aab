//! A cluster's PKI, and beside it files that are no use, each in its way.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use crate::support::{Certctl, Run, openssl};

/// A file that is not there.
pub(crate) const MISSING: &str = "missing.pem";

pub(crate) struct Material {
    pub(crate) certctl: Certctl,
}

impl Material {
    pub(crate) fn new() -> Self {
        let certctl = Certctl::new();
        for command in [
            "issue node1 node2 --init --local -q",
            "issue app --profile client -q",
            "issue web --profile server -q",
            "--dir strange issue stranger --init --local -q",
            "issue lost -q",
            "revoke lost --yes -q",
            "crl --all -q",
        ] {
            let words: Vec<_> = command.split(' ').collect();
            let _ = certctl.run(&words).expect_status(0);
        }
        let words = ["issue", "old", "--days", "1", "-q"];
        let mut past = certctl.command(&words);
        past.env("CERTCTL_NOW", "2020-01-01T00:00:00Z");
        let _ = Run::of(&mut past).expect_status(0);
        let material = Self { certctl };
        material.spoil();
        material
    }

    pub(crate) fn home(&self) -> &Path {
        self.certctl.home()
    }

    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(name);
        fs::write(&path, text).expect("the test's directory can be written");
        path
    }

    /// What `certctl config` prints.
    pub(crate) fn config(&self, words: &[&str]) -> String {
        let run = self.certctl.run(&[&["config"], words].concat());
        run.expect_status(0).stdout
    }

    /// Key and chain in one file.
    pub(crate) fn both(&self, entry: &str) -> PathBuf {
        self.home().join(format!("{entry}-both.pem"))
    }

    fn entry(&self, name: &str) -> [String; 2] {
        let directory = self.certctl.pki("certs").join(name);
        ["cert.pem", "key.pem"].map(|file| directory.join(file).display().to_string())
    }

    fn spoil(&self) {
        let [cert, key] = self.entry("node1");
        let read = |path: &str| fs::read(path).expect("issued");
        self.file("empty.pem", "");
        self.file("text.pem", "no certificate\n");
        self.file("cut.pem", &read(&cert)[..200]);
        self.file("cut-key.pem", &read(&key)[..80]);
        for name in ["node1", "node2", "stranger", "old", "web", "app"] {
            let [cert, key] = match name {
                "stranger" => ["cert.pem", "key.pem"].map(|file| {
                    let path = self.home().join("strange/certs/stranger").join(file);
                    path.display().to_string()
                }),
                _ => self.entry(name),
            };
            let both = [read(&cert), read(&key)].concat();
            secret(&self.file(&format!("{name}-both.pem"), both));
        }
        let path = |name: &str| self.home().join(name).display().to_string();
        let encrypted = path("encrypted.pem");
        let words = [
            "pkey",
            "-in",
            &key,
            "-aes256",
            "-passout",
            "pass:secret",
            "-out",
            &encrypted,
        ];
        let _ = openssl(&words).expect_status(0);
        secret(Path::new(&encrypted));
        let _ = openssl(&[
            "x509",
            "-in",
            &cert,
            "-outform",
            "DER",
            "-out",
            &path("der.pem"),
        ])
        .expect_status(0);
        let open = self.file("open-key.pem", read(&key));
        fs::set_permissions(open, Permissions::from_mode(0o644)).expect("it is ours");
    }

    /// Files of few kinds, none of which does everywhere; no folder, for OpenSSL reads one for ever where a PEM file
    /// is to be.
    pub(crate) fn few(&self) -> Vec<String> {
        let here = [MISSING, "text.pem", "node1-both.pem"];
        let here = here.map(|name| self.home().join(name));
        let all = here
            .into_iter()
            .chain([self.certctl.pki("certs/node1/ca.pem")]);
        all.map(|path| path.display().to_string()).collect()
    }

    /// Paths that may stand where another should.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut all = Vec::new();
        for name in [
            "empty.pem",
            "text.pem",
            "cut.pem",
            "cut-key.pem",
            "encrypted.pem",
            "der.pem",
            "open-key.pem",
            "node1-both.pem",
            "node2-both.pem",
            "stranger-both.pem",
            "old-both.pem",
            MISSING,
            "",
        ] {
            all.push(self.home().join(name).display().to_string());
        }
        for inside in [
            "certs/node2/cert.pem",
            "certs/node2/key.pem",
            "certs/old/cert.pem",
            "certs/old/key.pem",
            "certs/node1/ca-chain.pem",
            "certs/web/cert.pem",
            "certs/app/cert.pem",
            "ca/root/crl.pem",
            "ca/issuing/cert.pem",
            "ca/issuing/crl.pem",
            "certs",
            "certs/node1/key.pem",
            "certs/node1/cert.pem",
        ] {
            all.push(self.certctl.pki(inside).display().to_string());
        }
        all.push(String::from("cert.pem"));
        all.push(String::from("strange/ca/root/bundle.pem"));
        all.push(
            self.home()
                .join("strange/ca/root/bundle.pem")
                .display()
                .to_string(),
        );
        all
    }
}

fn secret(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("it is ours");
}
