//! A PostgreSQL of its own for a test, and machines that share the ledger in it.

use std::{
    collections::BTreeSet,
    env, fs, iter,
    path::{Path, PathBuf},
    process::Command,
};

use certctl::pki::pem;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    Certctl, Run,
    postgresql::{as_somebody, init, of_postgresql, start},
    process::{Server, free_port, until},
    program,
};

/// Whose schema it is, and those who issue, with the grants that `ledger init` prints and no others.
pub(crate) const OWNER: &str = "owner";
pub(crate) const ISSUERS: [&str; 2] = ["ops1", "ops2"];

/// Roles come by client certificate alone; the superuser by the socket, for tests that look behind the scenes.
const RULES: &str = "local all postgres trust\nhostssl all owner,ops1,ops2 all cert\n";
pub(crate) const SETTINGS: &str =
    "ssl = on\nssl_ca_file = 'ca.crt'\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n";

pub(crate) struct Database {
    /// Whose certificates the database and its roles have
    pub(crate) tls: Certctl,
    pub(crate) home: TempDir,
    pub(crate) data: PathBuf,
    pub(crate) port: u16,
    pub(crate) server: Option<Server>,
    settings: String,
}

impl Database {
    /// A server with an empty database, in memory where there is a place for that.
    pub(crate) fn bare() -> Self {
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self::within(
            home.expect("a temporary directory can be made"),
            SETTINGS.into(),
        )
    }

    /// A server with settings of its own, with an empty database.
    pub(crate) fn within(home: TempDir, settings: String) -> Self {
        let tls = Certctl::in_memory();
        for line in [
            "issue db --san DNS:localhost --san IP:127.0.0.1 --init",
            "issue owner ops1 ops2 --profile client",
        ] {
            let _ = tls.run(&words(line)).expect_status(0);
        }
        let sql = "CREATE ROLE owner LOGIN;\n\nCREATE ROLE ops1 LOGIN;\n\nCREATE ROLE ops2 LOGIN;\n\n\
                   CREATE DATABASE pki OWNER owner;";
        let data = init(home.path(), "data", sql);
        let mut database = Self {
            tls,
            home,
            data,
            port: free_port(),
            server: None,
            settings,
        };
        database.put_certificates("db");
        database.start();
        database
    }

    /// The same with a ledger in which nothing is yet.
    pub(crate) fn new() -> Self {
        let database = Self::bare();
        database.init();
        database
    }

    /// Makes the tables as their owner, and grants what is printed.
    pub(crate) fn init(&self) {
        let line = format!("ledger init {} --role ops1 --role ops2", self.url(OWNER));
        let run = self.tls.run(&words(&line)).expect_status(0);
        let _ = self.sql(&run.stdout);
    }

    /// Has the server answer with this entry's certificate from its next start on.
    pub(crate) fn put_certificates(&self, entry: &str) {
        let of = |name: &str| fs::read(self.tls.pki("certs").join(entry).join(name));
        let read = |name: &str| of(name).expect("certctl made it");
        let chain = [read("cert.pem"), read("ca-chain.pem")].concat();
        for (name, octets) in [
            ("server.crt", chain),
            ("server.key", read("key.pem")),
            ("ca.crt", read("ca.pem")),
        ] {
            let path = self.data.join(name);
            fs::write(&path, octets).expect("it is ours");
            let only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(path, only).expect("it is ours");
        }
    }

    pub(crate) fn start(&mut self) {
        let server = start(
            self.home.path(),
            &self.data,
            self.port,
            &self.settings,
            RULES,
        );
        self.server = Some(server);
    }

    /// Ends the server at once and in order: it takes its shared memory away, which outlives a kill.
    pub(crate) fn stop(&mut self) {
        let file = self.data.join("postmaster.pid");
        let pid = fs::read_to_string(&file).unwrap_or_default();
        let pid = pid.lines().next().and_then(|line| line.parse().ok());
        if let (Some(pid), Some(_)) = (pid.and_then(Pid::from_raw), &self.server) {
            let _ = kill_process(pid, Signal::QUIT);
            until("PostgreSQL has ended", || !file.exists());
        }
        drop(self.server.take());
    }

    /// Kills the server as a power cut does, and waits until nothing of it is left.
    pub(crate) fn crash(&mut self) {
        drop(self.server.take());
        // All of its processes work in its directory.
        let works_there = |process: &fs::DirEntry| {
            fs::read_link(process.path().join("cwd")).is_ok_and(|it| it == self.data)
        };
        until("nothing of PostgreSQL is left", || {
            let mut processes = fs::read_dir("/proc").expect("it is there").flatten();
            !processes.any(|process| works_there(&process))
        });
    }

    /// Has the data be those of another directory, which is a copy that was made before.
    pub(crate) fn copy_data(&self, from: &str, to: &str) {
        let path = |name| self.home.path().join(name);
        let _ = fs::remove_dir_all(path(to));
        let mut copy = program("cp");
        drop(Run::of(copy.arg("-a").args([path(from), path(to)])).expect_status(0));
    }

    /// The ledger's URL for a role.
    pub(crate) fn url(&self, role: &str) -> String {
        self.url_by(role, self.port)
    }

    /// The same by another port, behind which something passes it on.
    pub(crate) fn url_by(&self, role: &str, port: u16) -> String {
        let file = |name| self.file(role, name);
        format!(
            "postgres://{role}@localhost:{port}/pki?sslmode=verify-full&sslrootcert={}&sslcert={}&sslkey={}",
            file("ca.pem"),
            file("cert.pem"),
            file("key.pem")
        )
    }

    pub(crate) fn file(&self, role: &str, name: &str) -> String {
        let path = self.tls.pki("certs").join(role).join(name);
        path.display().to_string()
    }

    /// Runs SQL as the superuser, and hands back what it prints.
    pub(crate) fn sql(&self, sql: &str) -> String {
        self.sql_in("pki", sql)
    }

    pub(crate) fn sql_in(&self, name: &str, sql: &str) -> String {
        let mut psql = of_postgresql("psql");
        psql.args([
            "-X",
            "-A",
            "-t",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "postgres",
        ]);
        psql.arg("-h").arg(self.home.path());
        psql.args(["-p", &self.port.to_string(), "-d", name, "-f", "-"]);
        let run = Run::with_input(as_somebody(&mut psql), sql).expect_status(0);
        run.stdout.trim().to_owned()
    }

    /// A machine whose directory begins the PKI.
    pub(crate) fn first(&self) -> Machine {
        let machine = Machine::new(Certctl::in_memory(), self.url(ISSUERS[0]));
        machine.done("init-ca --ledger URL");
        machine
    }

    /// So many machines that issue by one CA.
    pub(crate) fn machines(&self, count: usize) -> Vec<Machine> {
        let first = self.first();
        first.done("init-intermediate issuing");
        let mut machines = vec![first];
        for index in 1..count {
            let machine = self.join(&machines[0], ISSUERS[index % 2]);
            machines.push(machine);
        }
        machines
    }

    /// Another that joins, with the keys of the first one's CAs.
    pub(crate) fn join(&self, first: &Machine, role: &str) -> Machine {
        let machine = Machine::new(Certctl::in_memory(), self.url(role));
        machine.done("join URL");
        machine.take_keys(first);
        machine
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A PKI directory on a machine of its own.
pub(crate) struct Machine {
    pub(crate) certctl: Certctl,
    pub(crate) url: String,
}

impl Machine {
    pub(crate) fn new(certctl: Certctl, url: String) -> Self {
        Self { certctl, url }
    }

    /// Runs a command line, in which `URL` is the ledger's.
    pub(crate) fn run(&self, line: &str) -> Run {
        Run::of(&mut self.command(line))
    }

    /// The same, ready to run; programs in `bin` are found.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = self.certctl.command(&self.words(line));
        let own = self.certctl.home().join("bin");
        let path = env::var_os("PATH").unwrap_or_default();
        let path = iter::once(own).chain(env::split_paths(&path));
        command.env("PATH", env::join_paths(path).expect("no path has a colon"));
        command
    }

    /// Runs one that goes through, and hands back what it prints.
    #[track_caller]
    pub(crate) fn done(&self, line: &str) -> String {
        self.run(line).expect_status(0).stdout
    }

    pub(crate) fn words<'a>(&'a self, line: &'a str) -> Vec<&'a str> {
        let words = line.split_whitespace();
        words
            .map(|word| if word == "URL" { &*self.url } else { word })
            .collect()
    }

    /// Brings the keys of another machine's CAs here, as its administrator does.
    pub(crate) fn take_keys(&self, from: &Self) {
        for place in fs::read_dir(from.certctl.pki("ca")).expect("it has CAs") {
            let name = place.expect("a directory can be listed").file_name();
            let path = |machine: &Self| machine.certctl.pki("ca").join(&name).join("key.pem");
            if path(from).exists() && path(self).parent().is_some_and(Path::exists) {
                fs::copy(path(from), path(self)).expect("it can be copied");
            }
        }
    }

    /// Certificates in use, as name and serial number.
    pub(crate) fn in_use(&self) -> BTreeSet<(String, String)> {
        let listed: Value = serde_json::from_str(&self.done("list --json")).expect("it is JSON");
        let entries = listed["entries"].as_array().expect("it lists entries");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let both = entries
            .iter()
            .map(|entry| (text(&entry["name"]), text(&entry["serial"])));
        both.collect()
    }

    /// What lies in `certs/`, as name and serial number.
    pub(crate) fn on_disk(&self) -> BTreeSet<(String, String)> {
        let directories = fs::read_dir(self.certctl.pki("certs"))
            .into_iter()
            .flatten();
        let read = |directory: fs::DirEntry| {
            let octets = fs::read(directory.path().join("cert.pem")).expect("it is whole");
            let certificates = pem::decode_certificates(&octets).expect("it is whole");
            let name = directory
                .file_name()
                .into_string()
                .expect("no name is strange");
            (name, certificates[0].serial().to_string())
        };
        directories
            .map(|it| read(it.expect("a directory can be listed")))
            .collect()
    }

    /// Nothing is wrong here: not in the copy, not in the shared ledger, not on disk.
    #[track_caller]
    pub(crate) fn is_well(&self) {
        for line in ["log --verify", "ledger verify", "check"] {
            self.done(line);
        }
    }
}

pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}
