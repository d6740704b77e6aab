//! PgBouncer before PostgreSQL: clients by certificate, and its own certificate for the server behind it.

use std::{fs, path::Path};

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    support::{
        Run,
        postgresql::{as_somebody, hand_over, init, start, start_at, take_back},
        program,
        walk::Walk,
    },
};

/// Who a client is to PgBouncer, it is to PostgreSQL.
fn ask(port: u16, user: &str, trust: &Path, shown: Option<&Identity>) -> Run {
    let quoted = |path: &Path| {
        let path = path.display().to_string();
        format!("'{}'", path.replace('\\', r"\\").replace('\'', r"\'"))
    };
    let own = shown.map(|it| format!("sslcert={} sslkey={}", quoted(&it.cert), quoted(&it.key)));
    let words = format!(
        "host=localhost port={port} user={user} dbname=postgres sslmode=verify-full sslrootcert={} {}",
        quoted(trust),
        own.unwrap_or_default()
    );
    let mut command = program("psql");
    // What its user has at home is not meant.
    command.env("HOME", "/nowhere");
    let sql = "SELECT current_user";
    command.args(["--no-psqlrc", "--no-password", "-At", "-c", sql, &words]);
    Run::of(as_somebody(&mut command))
}

fn shown(port: u16) -> String {
    let mut client = program("openssl");
    let address = format!("localhost:{port}");
    client.args(["s_client", "-starttls", "postgres", "-connect", &address]);
    let run = Run::with_input(&mut client, "");
    let begin = run.stdout.find("-----BEGIN").expect("it shows one");
    run.stdout[begin..].lines().take(10).collect()
}

/// What `certctl config` writes for it, before a PostgreSQL at this port.
fn written(material: &Material, port: u16, behind: u16) -> String {
    let set = [
        format!("listen_port={port}"),
        "listen_addr=127.0.0.1".to_owned(),
        format!("auth_file={}/users", material.home().display()),
    ];
    let mut words = vec!["pgbouncer", "node1", "--client-ca", "root"];
    words.extend(set.iter().flat_map(|it| ["--set", it]));
    let text = material.config(&words);
    let users = "\"app\" \"\"\n\"old\" \"\"\n\"stranger\" \"\"\n";
    material.file("users", users);
    let file = material.file("tls.ini", &text).display().to_string();
    material.run(&["check", &file, "--server", "pgbouncer"]);
    let home = material.home().display();
    format!(
        "[databases]\n* = host=localhost port={behind}\n{text}unix_socket_dir =\npidfile = {home}/bouncer.pid\n"
    )
}

fn bouncer(material: &Material, text: &str, port: u16) -> Server {
    let file = material.file("pgbouncer.ini", text);
    hand_over(material.home());
    let mut command = program("pgbouncer");
    Server::start(as_somebody(command.arg(file)), port)
}

#[test]
fn both_sides_need_a_certificate_of_the_cluster_and_new_files_are_read_by_a_signal() {
    let material = Material::new();
    let mutual = ["--client-ca", "root"];
    let settings = material.config(&[&["postgresql", "node2"], &mutual[..]].concat());
    // The bouncer may be any of its users.
    let rules = "hostssl all all all cert map=pool\n";
    let users = "CREATE ROLE app LOGIN; CREATE ROLE old LOGIN; CREATE ROLE stranger LOGIN;";
    let [port, behind] = [free_port(), free_port()];
    let text = written(&material, port, behind);
    let data = init(material.home(), "data", users);
    let map = "pool node1 app\npool node1 old\npool node1 stranger\n";
    fs::write(data.join("pg_ident.conf"), map).expect("it is ours");
    let _postgresql = start(material.home(), &data, behind, &settings, rules);
    let server = bouncer(&material, &text, port);

    let app = material.identity("app");
    let run = ask(port, "app", &app.trust, Some(&app));
    assert_eq!(run.stdout, "app\n", "{run:?}");
    take_back(material.home());
    let unwelcome = material.unwelcome();
    hand_over(material.home());
    for (name, identity) in unwelcome {
        let user = match name {
            "another root" => "stranger",
            "expired" => "old",
            _ => "app",
        };
        let run = ask(port, user, &identity.trust, Some(&identity));
        assert_ne!(run.status, Some(0), "{name}: {run:?}");
    }
    for (what, run) in [
        ("no certificate", ask(port, "app", &app.trust, None)),
        ("another's name", ask(port, "old", &app.trust, Some(&app))),
        (
            "another trust",
            ask(port, "app", &material.stranger().trust, Some(&app)),
        ),
    ] {
        assert_ne!(run.status, Some(0), "{what}: {run:?}");
    }

    let old = shown(port);
    take_back(material.home());
    material.run(&["renew", "node1", "--force"]);
    hand_over(material.home());
    assert_eq!(shown(port), old, "nothing has told it");
    let pid = fs::read_to_string(material.home().join("bouncer.pid")).expect("it runs");
    let _ = Run::of(program("kill").args(["-HUP", pid.trim()])).expect_status(0);
    until("the new certificate is shown", || shown(port) != old);
    let run = ask(port, "app", &app.trust, Some(&app));
    assert_eq!(run.stdout, "app\n", "{run:?}");
    drop(server);

    // One that trusts another root does not speak to PostgreSQL.
    let own = format!(
        "server_tls_ca_file = {}",
        material.identity("node1").trust.display()
    );
    let other = format!(
        "server_tls_ca_file = {}",
        material.stranger().trust.display()
    );
    let wrong = text.replace(&own, &other);
    assert_ne!(wrong, text);
    let wrong = format!("{wrong}query_wait_timeout = 2\n");
    let _server = bouncer(&material, &wrong, port);
    let run = ask(port, "app", &app.trust, Some(&app));
    assert_ne!(run.status, Some(0), "{run:?}");
}

#[test]
fn the_walk_ends_at_a_bouncer_that_lets_in_by_certificate() {
    let walk = Walk::of("pgbouncer");
    walk.lay();
    walk.open();
    // The PostgreSQL behind it, as the bouncer's section wants it.
    let [behind, host] = [1, 3].map(|number| walk.numbered(number));
    let folder = behind.join("tls").display().to_string();
    let made = walk.run(&format!(
        "certctl issue node1 --san 10.0.0.1
         cp -Rp pki/certs/node1 {folder}
         cp pki/ca/root/bundle.pem {folder}/client-ca.pem
         certctl config postgresql node1 --client-ca root --target-dir {folder} --out conf
         certctl config postgresql node1 --as hba --client-ca root --set user=bouncer:app --out hba
         certctl config postgresql node1 --as ident --set user=bouncer:app --out ident"
    ));
    drop(made.expect_status(0));
    let read = |name: &str| fs::read_to_string(walk.certctl.home().join(name)).expect("written");
    let data = init(&behind, "data", "CREATE ROLE app LOGIN;");
    fs::write(data.join("pg_ident.conf"), read("ident")).expect("it is ours");
    let at = walk.at(1, 5432);
    let _postgresql = start_at(&behind, &data, at, &read("conf"), &read("hba"));

    let file = host.join("etc/pgbouncer/pgbouncer.ini");
    let laid = fs::read_to_string(&file).expect("it is laid");
    fs::write(&file, format!("{laid}unix_socket_dir =\n")).expect("our own");
    hand_over(&host);
    let mut command = program("pgbouncer");
    let _bouncer = Server::start_at(as_somebody(command.arg(file)), walk.at(3, 6432));
    walk.look();
}
