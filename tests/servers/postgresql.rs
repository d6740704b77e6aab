//! PostgreSQL: clients by certificate, roles by map, and a standby.

use std::{fs, path::Path};

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    support::{
        Run,
        postgresql::{as_somebody, hand_over, init, of_postgresql, start, start_at, take_back},
        program,
        walk::Walk,
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

/// A server of a walk, whose data lie where it says.
fn start_node(walk: &Walk, number: u8) -> Server {
    let host = walk.numbered(number);
    let (laid, data) = (host.join("etc/postgresql/15/main"), host.join(DATA));
    let read = |name: &str| fs::read_to_string(laid.join(name)).expect("it is laid");
    fs::write(data.join("pg_ident.conf"), read("pg_ident.conf")).expect("it is ours");
    let standby = fs::read_to_string(laid.join("conf.d/standby.conf")).unwrap_or_default();
    let settings = read("conf.d/tls.conf") + &standby;
    let at = walk.at(number, 5432);
    start_at(&host, &data, at, &settings, &read("pg_hba.conf"))
}

/// Where the data of a server of a walk lie on its host.
const DATA: &str = "var/lib/postgresql/15/main";

#[test]
fn a_standby_follows_its_primary() {
    let walk = Walk::of("postgresql");
    walk.lay();
    walk.open();
    let [home, copy] = [1, 2].map(|number| walk.numbered(number));
    init(&home, DATA, &format!("{ROLES} GRANT INSERT ON t TO app;"));
    let _primary = start_node(&walk, 1);

    let standby = copy.join("etc/postgresql/15/main/conf.d/standby.conf");
    let standby = fs::read_to_string(standby).expect("it is laid");
    let conninfo = standby
        .lines()
        .find_map(|line| line.strip_prefix("primary_conninfo = '"))
        .and_then(|line| line.strip_suffix('\''))
        .expect("it is written");
    hand_over(&copy);
    let mut backup = of_postgresql("pg_basebackup");
    backup.env("HOME", "/nowhere");
    backup.args(["--no-sync", "-d", conninfo, "-D"]);
    drop(Run::of(as_somebody(backup.arg(copy.join(DATA)))).expect_status(0));
    fs::write(copy.join(DATA).join("standby.signal"), "").expect("it is ours");
    let _standby = start_node(&walk, 2);
    let tell = |number: u8, sql: &str| {
        let (host, app) = (walk.address(number), "pki/certs/app");
        walk.run(&format!(
            "psql --no-psqlrc -Atc '{sql}' 'host={host} user=app dbname=postgres sslmode=verify-full \
             sslrootcert={app}/ca.pem sslcert={app}/cert.pem sslkey={app}/key.pem'"
        ))
        .stdout
    };
    assert_eq!(tell(1, "INSERT INTO t VALUES (2)"), "INSERT 0 1\n");
    until("the standby has the value", || {
        tell(2, "SELECT max(n) FROM t") == "2\n"
    });
    walk.look();
}
