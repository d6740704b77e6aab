//! What integration tests share: a throw-away PKI directory, and programs run in it.

// Every test binary compiles this file, and none of them needs all of it.
#![allow(dead_code, unreachable_pub)]

pub mod cassandra;
pub mod kafka;
pub mod opensearch;
pub mod postgresql;
pub mod process;
pub mod walk;

use std::ffi::OsStr;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The built `certctl` with a PKI directory of its own, removed at the end.
pub struct Certctl {
    home: TempDir,
    now: Option<&'static str>,
    directory: &'static str,
}

/// What a PKI directory is usually called.
const USUAL: &str = "pki";
/// A name with what languages read their own way, and no character that one of them cannot quote.
const ODD: &str = "o'd \"d\\ #;{}%h é&*";

impl Certctl {
    /// Runs at the time of the clock, for what other programs will look at.
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary directory can be made");
        Self {
            home,
            now: None,
            directory: USUAL,
        }
    }

    /// In memory where the machine has a place for that: for tests that sync thousands of times.
    pub fn in_memory() -> Self {
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self {
            home: home.expect("a temporary directory can be made"),
            now: None,
            directory: USUAL,
        }
    }

    /// With a PKI directory of an odd name, for programs that are told to read files there.
    pub fn oddly_named() -> Self {
        Self {
            directory: ODD,
            ..Self::new()
        }
    }

    /// Runs at a fixed time (RFC 3339), for output that must not change.
    pub fn at(now: &'static str) -> Self {
        Self {
            now: Some(now),
            ..Self::new()
        }
    }

    /// The directory that the program runs in; the PKI directory is below it, as `pki` where it has no other name.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A path inside the PKI directory.
    pub fn pki(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.home().join(self.directory).join(inside)
    }

    /// The command line, ready to run, for tests that change more of its surroundings.
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_certctl"));
        command.current_dir(self.home()).args(arguments);
        for variable in ["CERTCTL_TEMPLATES", "CLICOLOR_FORCE", "NO_COLOR"] {
            command.env_remove(variable);
        }
        command.env("CERTCTL_DIR", self.pki(""));
        match self.now {
            Some(now) => command.env("CERTCTL_NOW", now),
            None => command.env_remove("CERTCTL_NOW"),
        };
        command
    }

    /// Runs one command line to its end.
    pub fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Run {
        Run::of(&mut self.command(arguments))
    }
}

/// What a finished program left.
#[derive(Debug)]
#[must_use = "assert on it: `.expect_status(0)`"]
pub struct Run {
    command: String,
    /// The exit code; none where a signal ended the program.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Runs a program to its end. A program that is missing is a failure.
    pub fn of(command: &mut Command) -> Self {
        let shown = format!("{command:?}");
        let output = command.output().unwrap_or_else(|error| {
            panic!("{shown}: {error} (tests/run installs what the tests need)")
        });
        Self {
            command: shown,
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a program to its end, with this on its standard input.
    pub fn with_input(command: &mut Command, input: &str) -> Self {
        // A file, unlike a pipe, takes all of it before anything is read.
        let mut file = tempfile::tempfile().expect("a temporary file can be made");
        file.write_all(input.as_bytes())
            .expect("a temporary file can be written");
        file.rewind().expect("a file has a beginning");
        Self::of(command.stdin(Stdio::from(file)))
    }

    /// Hands the run back where it ended with this code, and shows all of it where not.
    #[track_caller]
    pub fn expect_status(self, status: i32) -> Self {
        let Self {
            command,
            stdout,
            stderr,
            ..
        } = &self;
        assert_eq!(
            self.status,
            Some(status),
            "{command}\nstdout:\n{stdout}\nstderr:\n{stderr}"
        );
        self
    }
}

/// Where tests/run installs what is not in the system's packages.
pub fn peers() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers")
}

/// Another program, ready to run. What tests/run installed below the target directory comes first.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let peers = peers();
    let own = ["bin", "venv/bin"].map(|inside| peers.join(inside));
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers lie in sbin, which only root's search path has.
    let all = own
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain([peers.join("node_modules/.bin"), "/usr/sbin".into()]);
    let mut command = Command::new(name);
    command.env(
        "PATH",
        std::env::join_paths(all).expect("no path has a colon"),
    );
    command.env("NODE_PATH", peers.join("node_modules"));
    command
}

/// A command line that another program runs: that program, its own arguments, then the command line.
pub fn wrapped(name: &str, arguments: &[&str], command: &Command) -> Command {
    let mut wrapped = program(name);
    wrapped
        .args(arguments)
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    if let Some(directory) = command.get_current_dir() {
        wrapped.current_dir(directory);
    }
    // Cargo sets it, and the loader then looks for libraries in a hundred places.
    wrapped.env_remove("LD_LIBRARY_PATH");
    wrapped
}

/// A command line under a debugger or a tracer, which may look into its memory.
///
/// Certctl forbids that to its user, though not to who has the capability, root or in a namespace of his own.
pub fn debugged(name: &str, arguments: &[&str], command: &Command) -> Command {
    if rustix::process::geteuid().is_root() {
        return wrapped(name, arguments, command);
    }
    let namespace = ["--map-current-user", "--keep-caps", name];
    wrapped("unshare", &[&namespace, arguments].concat(), command)
}

/// Runs `openssl` to its end.
pub fn openssl(arguments: &[impl AsRef<OsStr>]) -> Run {
    Run::of(program("openssl").args(arguments))
}
