//! A directory with programs of its own on PATH, and what OpenSSL says of what they signed.

use std::{
    env,
    ffi::OsString,
    fs::{self, Permissions},
    iter,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{Certctl, Run, openssl};

pub(crate) struct Scene {
    pub(crate) certctl: Certctl,
    variables: Vec<(&'static str, OsString)>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let scene = Self {
            certctl: Certctl::new(),
            variables: Vec::new(),
        };
        fs::create_dir(scene.path("bin")).expect("made");
        scene
    }

    pub(crate) fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.certctl.home().join(inside)
    }

    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.variables.push((name, value.into()));
    }

    /// Puts a program on PATH.
    pub(crate) fn install(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path("bin").join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("set");
    }

    pub(crate) fn command(&self, words: &str) -> Command {
        let words: Vec<_> = words.split_whitespace().collect();
        let mut command = self.certctl.command(&words);
        self.surround(&mut command);
        command
    }

    /// Gives a program the variables of the scene, and its programs.
    pub(crate) fn surround(&self, command: &mut Command) {
        let own = Path::new(env!("CARGO_BIN_EXE_certctl-signer-ssh-agent"));
        let built = own.parent().expect("a directory").to_owned();
        let path = env::var_os("PATH").unwrap_or_default();
        let path = iter::once(self.path("bin"))
            .chain([built])
            .chain(env::split_paths(&path));
        command.env("PATH", env::join_paths(path).expect("no colons"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }

    /// Runs certctl with words that have no blanks.
    #[track_caller]
    pub(crate) fn run(&self, words: &str, status: i32) -> Run {
        Run::of(&mut self.command(words)).expect_status(status)
    }

    /// Whether OpenSSL, strictly, takes an entry's certificate and its CAs' CRLs.
    #[track_caller]
    pub(crate) fn openssl_accepts(&self, entry: &str, intermediates: bool) {
        let pki = |inside: String| self.certctl.pki(inside).display().to_string();
        let leaf = pki(format!("certs/{entry}/cert.pem"));
        let (roots, lists) = (
            pki("ca/root/bundle.pem".into()),
            pki("ca/root/crl-bundle.pem".into()),
        );
        let chain = match intermediates {
            true => leaf.clone(),
            false => roots.clone(),
        };
        let words = [
            "verify",
            "-x509_strict",
            "-crl_check_all",
            "-CAfile",
            &roots,
            "-CRLfile",
            &lists,
            "-untrusted",
            &chain,
            &leaf,
        ];
        let _ = openssl(&words).expect_status(0);
    }

    /// Whether nothing lies in the PKI directory that belongs to a CA or an entry.
    #[track_caller]
    pub(crate) fn nothing_left(&self) {
        for inside in ["ca", "certs", "archive"] {
            let names = fs::read_dir(self.certctl.pki(inside));
            let names: Vec<_> = names.into_iter().flatten().collect();
            assert!(names.is_empty(), "{names:?}");
        }
        let staged = fs::read_dir(self.certctl.pki("")).into_iter().flatten();
        let staged = staged.filter_map(Result::ok).map(|entry| entry.file_name());
        let staged: Vec<_> = staged
            .filter(|it| it.to_string_lossy().contains("staging"))
            .collect();
        assert!(staged.is_empty(), "{staged:?}");
    }
}
