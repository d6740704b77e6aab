//! Where programs look for roots that they trust, and the commands that put one there and take it away.
//!
//! A new store is one more row of [`STORES`].

use std::{env, fs, io, path::Path, process::Stdio};

use ring::digest::{SHA256, digest};

use super::{bounded::tail, surroundings::Surroundings};
use crate::pki::{certificate::Certificate, entry_name::EntryName};

/// One store of trusted roots. In its commands `{cert}` is the root's file, `{label}` the name under which
/// it is kept, `{home}` the user's home directory.
pub(crate) struct Store {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) install: &'static [&'static str],
    pub(crate) uninstall: &'static [&'static str],
    /// Whether the system's own programs use it; others are changed only when they are named.
    pub(crate) is_system: bool,
}

pub(crate) const STORES: [Store; 5] = [
    Store {
        name: "debian",
        about: "Debian, Ubuntu, Alpine",
        install: &[
            "install -m 644 {cert} /usr/local/share/ca-certificates/{label}.crt",
            "update-ca-certificates",
        ],
        uninstall: &[
            "rm -f /usr/local/share/ca-certificates/{label}.crt",
            "update-ca-certificates --fresh",
        ],
        is_system: true,
    },
    Store {
        name: "redhat",
        about: "Red Hat, Fedora, Rocky, Amazon Linux",
        install: &[
            "install -m 644 {cert} /etc/pki/ca-trust/source/anchors/{label}.pem",
            "update-ca-trust extract",
        ],
        uninstall: &[
            "rm -f /etc/pki/ca-trust/source/anchors/{label}.pem",
            "update-ca-trust extract",
        ],
        is_system: true,
    },
    Store {
        name: "macos",
        about: "macOS",
        install: &[
            "security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {cert}",
        ],
        uninstall: &["security remove-trusted-cert -d {cert}"],
        is_system: true,
    },
    // `changeit` is the password that every Java comes with; it guards nothing.
    Store {
        name: "java",
        about: "Java",
        install: &[
            "keytool -importcert -noprompt -cacerts -storepass changeit -alias {label} -file {cert}",
        ],
        uninstall: &["keytool -delete -cacerts -storepass changeit -alias {label}"],
        is_system: false,
    },
    Store {
        name: "nss",
        about: "NSS: Chromium, and with another -d Firefox",
        install: &["certutil -A -d sql:{home}/.pki/nssdb -n {label} -t C,, -i {cert}"],
        uninstall: &["certutil -D -d sql:{home}/.pki/nssdb -n {label}"],
        is_system: false,
    },
];

/// What is done with a root.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    Install,
    Uninstall,
}

impl Action {
    pub(crate) fn commands(self, store: &Store) -> &'static [&'static str] {
        match self {
            Self::Install => store.install,
            Self::Uninstall => store.uninstall,
        }
    }
}

/// The name under which a root is kept, which no other root has.
pub(crate) fn label(name: &EntryName, root: &Certificate) -> String {
    let digest = digest(&SHA256, root.der());
    let digits = base16ct::lower::encode_string(&digest.as_ref()[..4]);
    format!("certctl-{name}-{digits}")
}

impl Store {
    /// What is run for a root: its file, and the name under which it is kept.
    pub(crate) fn filled(&self, action: Action, cert: &str, label: &str) -> Vec<Vec<String>> {
        let home = env::var("HOME").unwrap_or_else(|_| String::from("~"));
        let fill = |word: &str| {
            word.replace("{cert}", cert)
                .replace("{label}", label)
                .replace("{home}", &home)
        };
        let commands = action.commands(self).iter();
        commands
            .map(|command| command.split(' ').map(fill).collect())
            .collect()
    }

    /// Whether this system has it, and uses it for its own programs.
    pub(crate) fn is_in_use(&self, action: Action) -> bool {
        let last = action.commands(self).last();
        let program = last.and_then(|command| command.split(' ').next());
        self.is_system && program.is_some_and(is_installed)
    }
}

/// Runs a command; the reason where it did not do its work.
pub(crate) fn run(command: &[String], surroundings: &Surroundings) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    let run = || {
        // What a command says is not this command's result.
        let mut child = surroundings
            .command(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = child.stderr.take().map(tail).transpose()?;
        Ok((child.wait()?, said.unwrap_or_default()))
    };
    let (status, said) = run().map_err(|error: io::Error| error.to_string())?;
    if status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    Err(last.map_or_else(|| status.to_string(), str::to_owned))
}

fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| is_file(&directory.join(program)))
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}
