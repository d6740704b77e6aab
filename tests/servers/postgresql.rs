//! PostgreSQL: clients by certificate, roles by map, and a standby.

use std::{fs, path::Path};

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    support::{
        Run,
        postgresql::{as_somebody, hand_over, init, of_postgresql, start, take_back},
        program,
    },
};

const ROLES: &str = "CREATE ROLE app LOGIN; CREATE ROLE lost LOGIN; CREATE ROLE old LOGIN; CREATE ROLE stranger LOGIN; \
     CREATE ROLE boss LOGIN SUPERUSER; CREATE ROLE replicator LOGIN REPLICATION; CREATE TABLE t AS SELECT 1 AS n; \
     GRANT SELECT ON t TO app, lost;";

/// What `certctl config` writes for a node that lets in whom the cluster's root has signed.
struct Written {
    settings: String,
    rules: String,
    map: String,
}

impl Written {
    /// With these users of its map; `check` finds nothing.
    fn new(material: &Material, node: &str, users: &[&str]) -> Self {
        let mutual = ["--client-ca", "root"];
        let users: Vec<_> = users.iter().flat_map(|user| ["--set", user]).collect();
        let config = |format: &str, more: &[&str]| {
            material.config(&[&["postgresql", node, "--as", format], more].concat())
        };
        let written = Self {
            settings: config("conf", &mutual),
            rules: config("hba", &[&mutual, &users[..]].concat()),
            map: match users.is_empty() {
                true => String::new(),
                false => config("ident", &users),
            },
        };
        let files = ["postgresql.conf", "pg_hba.conf", "pg_ident.conf"];
        let texts = [&written.settings, &written.rules, &written.map];
        for (name, text) in files.into_iter().zip(texts) {
            let path = material.file(name, text).display().to_string();
            material.run(&["check", &path]);
        }
        written
    }

    fn start(&self, home: &Path, data: &Path, port: u16) -> Server {
        fs::write(data.join("pg_ident.conf"), &self.map).expect("it is ours");
        start(home, data, port, &self.settings, &self.rules)
    }
}

/// Whether a client gets in as the role that is called like it.
fn takes(port: u16, role: &str, identity: &Identity) -> bool {
    let run = ask(
        port,
        role,
        &identity.trust,
        Some(identity),
        "SELECT n FROM t",
    );
    run.stdout == "1\n"
}

fn ask(port: u16, role: &str, trust: &Path, shown: Option<&Identity>, sql: &str) -> Run {
    let quoted = |path: &Path| {
        let path = path.display().to_string();
        format!("'{}'", path.replace('\\', r"\\").replace('\'', r"\'"))
    };
    let own = shown.map(|identity| {
        let [cert, key] = [&identity.cert, &identity.key].map(|path| quoted(path));
        format!("sslcert={cert} sslkey={key}")
    });
    let words = format!(
        "host=127.0.0.1 port={port} user={role} dbname=postgres sslmode=verify-full sslrootcert={} {}",
        quoted(trust),
        own.unwrap_or_default()
    );
    let mut command = program("psql");
    // What its user has at home is not meant.
    command.env("HOME", "/nowhere");
    command.args(["--no-psqlrc", "--no-password", "-At", "-c", sql, &words]);
    Run::of(as_somebody(&mut command))
}

#[test]
fn clients_need_a_certificate_of_the_cluster() {
    let material = Material::new();
    let (home, port) = (material.home(), free_port());
    let unwelcome = material.unwelcome();
    let written = Written::new(&material, "node1", &[]);
    let _server = written.start(home, &init(home, "data", ROLES), port);
    let app = material.identity("app");
    assert!(takes(port, "app", &app));
    for (name, identity) in unwelcome {
        for role in ["app", "old", "stranger"] {
            let run = ask(port, role, &app.trust, Some(&identity), "SELECT 1");
            assert_eq!(run.status, Some(2), "{name} {role}: {run:?}");
        }
    }
    let stranger = material.stranger();
    for (role, trust, shown, words) in [
        (
            "app",
            &app.trust,
            None,
            "requires a valid client certificate",
        ),
        (
            "boss",
            &app.trust,
            Some(&app),
            "certificate authentication failed",
        ),
        (
            "app",
            &stranger.trust,
            Some(&app),
            "certificate verify failed",
        ),
    ] {
        let run = ask(port, role, trust, shown, "SELECT 1");
        assert!(run.stderr.contains(words), "{role}: {run:?}");
    }
    let plain = format!("postgresql://app@127.0.0.1:{port}/postgres?sslmode=disable");
    let mut psql = program("psql");
    let run = Run::of(as_somebody(psql.args(["-c", "SELECT 1", &plain])));
    assert!(run.stderr.contains("no encryption"), "{run:?}");
}

#[test]
fn a_certificate_may_log_in_as_the_roles_of_its_map() {
    let material = Material::new();
    let (home, port) = (material.home(), free_port());
    let written = Written::new(&material, "node1", &["user=app:app,boss"]);
    let _server = written.start(home, &init(home, "data", ROLES), port);
    let app = material.identity("app");
    for role in ["app", "boss"] {
        assert!(takes(port, role, &app), "{role}");
    }
    let lost = material.identity("lost");
    assert!(!takes(port, "lost", &lost));
}

/// The serial number of the certificate that is shown.
fn serial(port: u16) -> String {
    let mut client = program("openssl");
    client.args(["s_client", "-starttls", "postgres", "-connect"]);
    let shown = Run::with_input(client.arg(format!("127.0.0.1:{port}")), "").stdout;
    let mut x509 = program("openssl");
    Run::with_input(x509.args(["x509", "-noout", "-serial"]), &shown).stdout
}

#[test]
fn revoked_clients_are_refused_and_new_files_read_without_a_restart() {
    let material = Material::new();
    let (home, port) = (material.home(), free_port());
    let (app, lost) = (material.identity("app"), material.copy("lost"));
    let before = Written::new(&material, "node1", &[]);
    let data = init(home, "data", ROLES);
    {
        let _server = before.start(home, &data, port);
        assert!(takes(port, "lost", &lost));
    }
    take_back(home);
    material.revoke("lost");
    let after = Written::new(&material, "node1", &[]);
    assert!(
        after.settings.contains("ssl_crl_file"),
        "{}",
        after.settings
    );
    let _server = after.start(home, &data, port);
    assert!(takes(port, "app", &app));
    assert!(!takes(port, "lost", &lost));

    let old = serial(port);
    assert!(old.starts_with("serial="), "{old}");
    take_back(home);
    material.run(&["renew", "node1", "--force"]);
    hand_over(home);
    let mut reload = of_postgresql("pg_ctl");
    let run = Run::of(as_somebody(reload.arg("reload").arg("-D").arg(&data)));
    drop(run.expect_status(0));
    until("the new certificate is shown", || {
        let new = serial(port);
        new.starts_with("serial=") && new != old
    });
    assert!(takes(port, "app", &app));
}

#[test]
fn a_standby_follows_its_primary() {
    let material = Material::new();
    let (home, port, other) = (material.home(), free_port(), free_port());
    let primary = format!("primary=127.0.0.1:{port}");
    let words = ["postgresql", "node2", "--as", "standby", "--set", &primary];
    let standby = material.config(&words);
    let path = material
        .file("standby.conf", &standby)
        .display()
        .to_string();
    material.run(&["check", &path, "--server", "postgresql"]);
    // Its own certificate lets a standby in.
    let users = ["user=node2:replicator", "user=app:app,boss"];
    let [written, own] = ["node1", "node2"].map(|node| Written::new(&material, node, &users));
    let _primary = written.start(home, &init(home, "data", ROLES), port);

    let conninfo = standby
        .lines()
        .find_map(|line| line.strip_prefix("primary_conninfo = '"))
        .and_then(|line| line.strip_suffix('\''))
        .expect("it is written")
        .replace("''", "'")
        .replace(r"\\", r"\");
    let copy = home.join("copy");
    let mut backup = of_postgresql("pg_basebackup");
    backup.env("HOME", "/nowhere");
    backup.args(["--no-sync", "-d", &conninfo, "-D"]).arg(&copy);
    drop(Run::of(as_somebody(&mut backup)).expect_status(0));
    fs::write(copy.join("standby.signal"), "").expect("it is ours");
    let own = Written {
        settings: own.settings + &standby,
        ..own
    };
    let _standby = own.start(home, &copy, other);
    let app = material.identity("app");
    let as_boss = |port, sql: &str| ask(port, "boss", &app.trust, Some(&app), sql).stdout;
    until("the standby answers", || takes(other, "app", &app));
    assert_eq!(as_boss(port, "INSERT INTO t VALUES (2)"), "INSERT 0 1\n");
    until("the standby has the value", || {
        as_boss(other, "SELECT max(n) FROM t") == "2\n"
    });
}
