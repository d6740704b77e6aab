//! MariaDB: users by certificate, a CRL, and new files without a restart.

use std::path::{Path, PathBuf};

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    support::{Run, program},
};

/// A server with a data directory of its own, and its socket.
struct Database {
    _server: Server,
    socket: PathBuf,
}

/// What `certctl config` writes; `check` finds nothing.
fn written(material: &Material, more: &[&str]) -> String {
    let words = ["mariadb", "node1", "--server-version", "10.11.19"];
    let text = material.config(&[&words[..], &["--client-ca", "root"], more].concat());
    let file = material.file("checked.cnf", &text).display().to_string();
    material.run(&["check", &file, "--server", "mariadb"]);
    text
}

impl Database {
    fn start(material: &Material, name: &str, port: u16, text: &str) -> Self {
        let home = material.home();
        let (data, socket) = (home.join(name), home.join(format!("{name}.sock")));
        let datadir = format!("--datadir={}", data.display());
        // Where root runs the tests, the server would want to be another user.
        let mut install = program("mariadb-install-db");
        install.args(["--no-defaults", "--user=root", "--skip-test-db", &datadir]);
        install.arg("--auth-root-authentication-method=normal");
        drop(Run::of(&mut install).expect_status(0));
        let file = material.file(&format!("{name}.cnf"), text);
        let mut command = program("mariadbd");
        command.arg(format!("--defaults-file={}", file.display()));
        command.args(["--user=root", "--bind-address=127.0.0.1", &datadir]);
        command.arg(format!("--socket={}", socket.display()));
        command.arg(format!("--pid-file={}/pid", data.display()));
        command.arg(format!("--port={port}"));
        Self {
            _server: Server::start(&mut command, port),
            socket,
        }
    }

    /// Has the administrator say this.
    fn tell(&self, sql: &str) -> Run {
        let mut command = program("mariadb");
        command.args([
            "--no-defaults",
            "--user=root",
            "--batch",
            "--skip-column-names",
        ]);
        command.arg(format!("--socket={}", self.socket.display()));
        Run::with_input(&mut command, sql).expect_status(0)
    }
}

fn ask(port: u16, user: &str, trust: &Path, shown: Option<&Identity>) -> Run {
    let mut command = program("mariadb");
    command.args([
        "--no-defaults",
        "--host=localhost",
        "--protocol=tcp",
        "--batch",
    ]);
    command
        .arg(format!("--port={port}"))
        .arg(format!("--user={user}"));
    command
        .arg("--ssl-verify-server-cert")
        .arg("--ssl-ca")
        .arg(trust);
    if let Some(identity) = shown {
        command.arg("--ssl-cert").arg(&identity.cert);
        command.arg("--ssl-key").arg(&identity.key);
    }
    Run::of(command.args(["--skip-column-names", "--execute=SELECT 1"]))
}

fn takes(port: u16, user: &str, identity: &Identity) -> bool {
    ask(port, user, &identity.trust, Some(identity)).stdout == "1\n"
}

/// What `certctl config` writes for these users.
fn users(material: &Material, users: &[&str]) -> String {
    let users: Vec<_> = users.iter().flat_map(|user| ["--set", user]).collect();
    material.config(&[&["mariadb", "node1", "--as", "sql"], &users[..]].concat())
}

#[test]
fn users_need_their_certificate() {
    let material = Material::new();
    let port = free_port();
    let unwelcome = material.unwelcome();
    let database = Database::start(&material, "data", port, &written(&material, &[]));
    let sql = users(
        &material,
        &[
            "user=app:",
            "user=app:boss,o'ne",
            "user=old:",
            "user=stranger:",
        ],
    );
    drop(database.tell(&sql));
    let app = material.identity("app");
    for user in ["app", "boss", "o'ne"] {
        assert!(takes(port, user, &app), "{user}");
        let lost = material.identity("lost");
        assert!(!takes(port, user, &lost), "{user}");
        for (name, identity) in &unwelcome {
            assert!(!takes(port, user, identity), "{name} {user}");
        }
        assert!(
            ask(port, user, &app.trust, None)
                .stderr
                .contains("Access denied"),
            "{user}"
        );
    }
    for (user, (name, identity)) in ["stranger", "old"].iter().zip(&unwelcome) {
        assert!(!takes(port, user, identity), "{name} {user}");
    }
    let run = ask(port, "app", &material.stranger().trust, Some(&app));
    assert_ne!(run.status, Some(0), "{run:?}");
    let mut plain = program("mariadb");
    plain.args([
        "--no-defaults",
        "--host=127.0.0.1",
        "--user=app",
        "--skip-ssl",
    ]);
    plain
        .arg(format!("--port={port}"))
        .arg("--execute=SELECT 1");
    assert_ne!(Run::of(&mut plain).status, Some(0));
}

/// The serial number of the certificate that is shown.
fn serial(port: u16) -> String {
    let mut client = program("openssl");
    client.args(["s_client", "-starttls", "mysql", "-connect"]);
    let shown = Run::with_input(client.arg(format!("127.0.0.1:{port}")), "").stdout;
    let mut x509 = program("openssl");
    Run::with_input(x509.args(["x509", "-noout", "-serial"]), &shown).stdout
}

#[test]
fn revoked_clients_are_refused_and_new_files_read_without_a_restart() {
    let material = Material::new();
    let port = free_port();
    let (app, lost) = (material.identity("app"), material.copy("lost"));
    let both = users(&material, &["user=app:", "user=lost:"]);
    {
        let database = Database::start(&material, "before", port, &written(&material, &[]));
        drop(database.tell(&both));
        assert!(takes(port, "lost", &lost));
    }
    material.revoke("lost");
    let text = written(&material, &[]);
    assert!(text.contains("ssl-crl"), "{text}");
    let database = Database::start(&material, "after", port, &text);
    drop(database.tell(&both));
    assert!(takes(port, "app", &app));
    assert!(!takes(port, "lost", &lost));

    let old = serial(port);
    assert!(old.starts_with("serial="), "{old}");
    material.run(&["renew", "node1", "--force"]);
    drop(database.tell("FLUSH SSL;"));
    until("the new certificate is shown", || {
        let new = serial(port);
        new.starts_with("serial=") && new != old
    });
    assert!(takes(port, "app", &app));
}
