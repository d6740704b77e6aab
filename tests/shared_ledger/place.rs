//! A ledger wherever it lies: what one promises, the other does. Both are looked into by the same SQL.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Child, Stdio},
};

use rusqlite::{Connection, types::ValueRef};

use crate::{
    database::{Database, ISSUERS, Machine},
    killing::nothing_blocks,
    support::{Certctl, Run, debugged, openssl, process::until},
};

/// A machine with a PKI that has a root, and where its ledger is if not there.
pub(crate) struct Place {
    pub(crate) machine: Machine,
    pub(crate) database: Option<Database>,
}

/// Holds a promise to a ledger of one's own, and to one that is shared.
pub(crate) fn everywhere(promise: impl Fn(&Place)) {
    promise(&Place::new(None));
    promise(&Place::new(Some(Database::new())));
}

impl Place {
    fn new(database: Option<Database>) -> Self {
        let (url, init) = match &database {
            Some(database) => (database.url(ISSUERS[0]), "init-ca --ledger URL"),
            None => (String::new(), "init-ca"),
        };
        let machine = Machine::new(Certctl::in_memory(), url);
        machine.done(init);
        Self { machine, database }
    }

    /// What is recorded where it is decided what is true, also while a command is at work.
    pub(crate) fn rows(&self, query: &str) -> Vec<String> {
        let Some(database) = &self.database else {
            return own_rows(&self.machine, query);
        };
        let rows = database.sql(&format!("SET search_path = certctl; {query}"));
        rows.lines().map(String::from).collect()
    }

    /// Writes there what certctl does not.
    pub(crate) fn write(&self, sql: &str) {
        match &self.database {
            Some(database) => drop(database.sql(&format!("SET search_path = certctl; {sql}"))),
            None => {
                let db = Connection::open(self.machine.certctl.pki("ledger.db"));
                let db = db.expect("it opens");
                db.execute_batch(sql).expect("it can be written");
            }
        }
    }

    /// Nothing is wrong, and nobody is waited for.
    #[track_caller]
    pub(crate) fn is_well(&self) {
        self.machine.is_well();
        if let Some(database) = &self.database {
            nothing_blocks(database);
        }
    }

    /// Another machine, where there can be one.
    pub(crate) fn second(&self) -> Option<Machine> {
        let database = self.database.as_ref()?;
        Some(database.join(&self.machine, ISSUERS[1]))
    }

    /// A CA `held` whose key signs as long as nobody holds it.
    pub(crate) fn signer(&self) -> Signer<'_> {
        let home = self.machine.certctl.home();
        let program = home.join("bin/certctl-signer-held");
        fs::create_dir(home.join("bin")).expect("there is room");
        fs::write(&program, SIGNER).expect("there is room");
        fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("it is ours");
        let key = home.join("key.pem").display().to_string();
        let curve = "ec_paramgen_curve:P-256";
        let new = [
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            curve,
            "-out",
            &key,
        ];
        let _ = openssl(&new).expect_status(0);
        self.machine
            .done(&format!("init-ca held --key-uri held:{key}"));
        Signer(&self.machine)
    }
}

/// The rows of a copy, as a machine would find them that lost its power now.
fn own_rows(machine: &Machine, query: &str) -> Vec<String> {
    let home = tempfile::tempdir().expect("a temporary directory can be made");
    for name in ["ledger.db", "ledger.db-wal"] {
        let from = machine.certctl.pki(name);
        if from.exists() {
            fs::copy(from, home.path().join(name)).expect("there is room");
        }
    }
    let db = Connection::open(home.path().join("ledger.db")).expect("it opens");
    let mut query = db.prepare(query).expect("it is SQL");
    let rows = query.query_map([], |row| {
        Ok(match row.get_ref(0)? {
            ValueRef::Integer(number) => number.to_string(),
            other => String::from(other.as_str()?),
        })
    });
    rows.expect("it can be read")
        .map(|row| row.expect("a text"))
        .collect()
}

/// How files and directories are published: by another name, or by each other's.
const PUBLICATIONS: &str = "renameat,renameat2";

/// Kills a command before each of its publications in turn, until it comes to its end; `then` looks at what is left.
pub(crate) fn killed_at_each_publication(machine: &Machine, line: &str, mut then: impl FnMut()) {
    let trace = format!("trace={PUBLICATIONS}");
    for position in 1.. {
        let inject = format!("inject={PUBLICATIONS}:signal=KILL:when={position}");
        let arguments = ["-f", "-qq", "-o/dev/null", "-e", &trace, "-e", &inject];
        let run = Run::of(&mut debugged("strace", &arguments, &machine.command(line)));
        then();
        if run.status.is_some() {
            assert!(position > 1, "{line} publishes nothing");
            return;
        }
    }
}

/// The program that has the key of the CA `held`, on this machine.
pub(crate) struct Signer<'a>(&'a Machine);

/// Says what it is to sign, and waits as long as `hold` is there.
const SIGNER: &str = r#"#!/usr/bin/env python3
import base64, json, os, subprocess, sys, time

def openssl(*words, octets=b""):
    done = subprocess.run(["openssl", *words], input=octets, capture_output=True, check=True)
    return base64.b64encode(done.stdout).decode()

for line in sys.stdin:
    asked = json.loads(line)
    answer = {"id": asked["id"]}
    if asked["op"] == "open":
        key = asked["key"].removeprefix("held:")
        answer["public_key"] = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
    else:
        message = base64.b64decode(asked["message"])
        place = os.path.dirname(key)
        if os.path.exists(place + "/hold"):
            with open(place + "/asking", "w") as file:
                file.write(message.hex())
            os.rename(place + "/asking", place + "/asked")
            while os.path.exists(place + "/hold"):
                time.sleep(0.01)
        answer["signature"] = openssl("dgst", "-sha256", "-sign", key, octets=message)
    print(json.dumps(answer), flush=True)
"#;

impl Signer<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.0.certctl.home().join(name)
    }

    /// Starts a command and holds it where it is to have something signed; hands back what, in hexadecimal digits.
    pub(crate) fn hold(&self, line: &str) -> (Child, String) {
        fs::write(self.path("hold"), "").expect("there is room");
        let mut command = self.0.command(line);
        command.env("CERTCTL_SIGNER_TIMEOUT", "600");
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let asked = self.path("asked");
        until("something is to be signed", || {
            let ended = child.try_wait().expect("it is ours");
            assert_eq!(ended, None, "{line}");
            asked.exists()
        });
        let message = fs::read_to_string(&asked).expect("it is there");
        fs::remove_file(asked).expect("it is there");
        (child, message)
    }

    /// Has it sign from now on.
    pub(crate) fn release(&self) {
        fs::remove_file(self.path("hold")).expect("it was held");
    }
}
