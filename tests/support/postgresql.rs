//! PostgreSQL, which runs as no root: where the tests do, it gets another user's number, and all files with it.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Run,
    process::{Server, until},
    program,
};

/// Nobody's.
const SOMEBODY: u32 = 65534;

/// One of its programs. Debian keeps those of all versions apart, off the search path.
pub fn of_postgresql(name: &str) -> Command {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut paths = versions.map(|it| it.path().join("bin").join(name));
    match paths.find(|path| path.exists()) {
        Some(path) => program(path),
        None => program(name),
    }
}

/// Gives a directory to the user that programs of PostgreSQL run as.
pub fn hand_over(home: &Path) {
    chown(home, SOMEBODY);
}

/// Takes it back, for certctl.
pub fn take_back(home: &Path) {
    chown(home, 0);
}

fn chown(home: &Path, to: u32) {
    if rustix::process::geteuid().is_root() {
        let mut chown = program("chown");
        let run = Run::of(chown.args(["-hR", &to.to_string()]).arg(home));
        drop(run.expect_status(0));
    }
}

/// Has a program run as that user.
pub fn as_somebody(command: &mut Command) -> &mut Command {
    if rustix::process::geteuid().is_root() {
        command.uid(SOMEBODY);
    }
    command.current_dir("/")
}

/// A program of Python's as that user: Python itself may lie where only root may look, so that the right to is left to it.
pub fn python_as_somebody(name: &str) -> Command {
    if !rustix::process::geteuid().is_root() {
        return program(name);
    }
    let mut command = program("setpriv");
    let to = format!("--reuid={SOMEBODY}");
    let rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
    command.args([&to, "--clear-groups"]).args(rights).arg(name);
    command
}

/// Makes a database below a directory, which is handed over, and runs some SQL in it.
pub fn init(home: &Path, data: &str, sql: &str) -> PathBuf {
    hand_over(home);
    let data = home.join(data);
    let mut init = of_postgresql("initdb");
    init.arg("-D").arg(&data);
    init.args(["-U", "postgres", "-A", "trust", "--no-sync", "--no-locale"]);
    drop(Run::of(as_somebody(&mut init)).expect_status(0));
    let mut single = of_postgresql("postgres");
    single.args(["--single", "-j", "-F", "-D"]).arg(&data);
    let run = Run::with_input(as_somebody(single.arg("postgres")), &format!("{sql}\n\n"));
    assert!(!run.stderr.contains("ERROR"), "{run:?}");
    data
}

/// Starts it with these settings and these rules on who may connect.
pub fn start(home: &Path, data: &Path, port: u16, settings: &str, rules: &str) -> Server {
    let at = (Ipv4Addr::LOCALHOST, port).into();
    start_at(home, data, at, settings, rules)
}

/// The same at another of this machine's addresses.
pub fn start_at(home: &Path, data: &Path, at: SocketAddr, settings: &str, rules: &str) -> Server {
    let (host, port) = (at.ip().to_string(), at.port().to_string());
    let settings = format!(
        "listen_addresses = '{host}'\nport = {port}\nunix_socket_directories = '{}'\nfsync = off\n{settings}",
        home.display()
    );
    fs::write(data.join("postgresql.conf"), settings).expect("it is ours");
    fs::write(data.join("pg_hba.conf"), rules).expect("it is ours");
    hand_over(home);
    let mut command = of_postgresql("postgres");
    let server = Server::start_at(as_somebody(command.arg("-D").arg(data)), at);
    // It answers before it is ready.
    let mut ask = of_postgresql("pg_isready");
    ask.args(["-q", "-h", &host, "-p", &port]);
    until("PostgreSQL is ready", || {
        Run::of(&mut ask).status == Some(0)
    });
    server
}
