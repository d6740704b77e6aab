//! `certctl config` and `certctl client` as a user meets them.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::Value;

mod support;
use support::Certctl;

const NOW: &str = "2030-01-01T00:00:00Z";

/// A PKI directory with two nodes, and clients below a root of their own.
fn certctl() -> Certctl {
    let certctl = Certctl::at(NOW);
    for arguments in [
        "issue node1 node2 --init --local",
        "init-ca clients",
        "issue app --profile client --ca clients",
    ] {
        let _ = run(&certctl, arguments).expect_status(0);
    }
    certctl
}

fn run(certctl: &Certctl, arguments: &str) -> support::Run {
    certctl.run(&arguments.split_whitespace().collect::<Vec<_>>())
}

/// Command lines, how they end, and what stderr says.
const LINES: &[(&str, i32, &str)] = &[
    ("config rethinkdb node1", 0, "note: loopback-only"),
    ("config rethinkdb", 2, "several entries"),
    (
        "config rethinkdb --as ssh-socks --listener http=node1",
        0,
        "",
    ),
    ("config rethikdb node1", 2, "did you mean `rethinkdb`?"),
    ("config mysql node1", 2, "known: "),
    (
        "config rethinkdb node1 --as config",
        2,
        "unknown format `config`",
    ),
    (
        "config rethinkdb node1 --listener drvier",
        2,
        "did you mean `driver`?",
    ),
    (
        "config rethinkdb node1 --set bnid=all",
        2,
        "did you mean `bind`?",
    ),
    (
        "config rethinkdb node1 --set bind=localhost",
        2,
        "a numeric IP address or `all`",
    ),
    (
        "config rethinkdb node1 --set tls-min-protocol=TLSv1.3",
        2,
        "`TLSv1`, `TLSv1.1`, `TLSv1.2`",
    ),
    (
        "config rethinkdb node1 --set bnid=1 --set bind=x",
        2,
        "`x` is not a value of `bind`",
    ),
    (
        "config rethinkdb node1 --set initial-password=x",
        2,
        "--set initial-password=@FILE",
    ),
    (
        "config rethinkdb node1 --server-version 2.3.0 --set tls-min-protocol=TLSv1",
        2,
        "since 2.3.2",
    ),
    (
        "config rethinkdb node1 --server-version two",
        2,
        "write a version number",
    ),
    (
        "config rethinkdb node1 --target-dir tls",
        2,
        "write an absolute path",
    ),
    (
        "config rethinkdb node1 --as htpasswd",
        2,
        "openssl passwd -6",
    ),
    ("config rethinkdb node3", 1, "certctl issue node3"),
    (
        "config rethinkdb node1 --client-ca clients",
        0,
        "warning: drivers-without-certificates",
    ),
    (
        "config rethinkdb node1 --client-ca clients --strict",
        3,
        "Python",
    ),
    ("config rethinkdb node1 --strict", 0, ""),
    (
        "config rethinkdb node1 --client-ca issuing",
        0,
        "warning: shared-root",
    ),
    (
        "config rethinkdb node1 --target-dir /tls",
        0,
        "/pki/certs/node1 to /tls on the node",
    ),
    ("config rethinkdb node1 --templates /nowhere", 1, "/nowhere"),
    ("config --list", 0, ""),
    ("client rethinkdb cobol", 2, "unknown client `cobol`"),
];

#[test]
fn status_and_words() {
    let certctl = certctl();
    for &(arguments, status, words) in LINES {
        let run = run(&certctl, arguments).expect_status(status);
        assert!(run.stderr.contains(words), "{arguments}: {}", run.stderr);
        assert_eq!(
            run.stdout.is_empty(),
            matches!(status, 1 | 2),
            "{arguments}"
        );
    }
}

#[test]
fn an_entry_for_each_listener() {
    let certctl = certctl();
    let arguments = "config rethinkdb node1 --listener cluster=node2,http --target-dir /tls";
    let run = run(&certctl, arguments).expect_status(0);
    assert!(
        run.stdout.contains("cluster-tls-key=/tls/node2/key.pem\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("http-tls-key=/tls/node1/key.pem\n"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("driver-tls-key"), "{}", run.stdout);
}

#[test]
fn a_root_that_has_signed_clients_is_no_cluster_root() {
    let certctl = certctl();
    let _ = run(&certctl, "issue web --profile client --ca issuing").expect_status(0);
    let run = run(&certctl, "config rethinkdb node1 --listener cluster").expect_status(0);
    assert!(
        run.stderr.contains("warning: shared-root"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("`web`"), "{}", run.stderr);
}

#[test]
fn json() {
    let certctl = certctl();
    let arguments = "config rethinkdb node1 --client-ca clients --target-dir /tls --json";
    let run = run(&certctl, arguments).expect_status(0);
    assert_eq!(run.stderr, "");
    let document: Value = serde_json::from_str(&run.stdout).expect("one JSON document");
    assert_eq!(document["schema"], "certctl/config/v1");
    assert_eq!(document["format"], "conf");
    assert_eq!(document["secret"], false);
    assert_eq!(
        document["findings"][0]["code"],
        "drivers-without-certificates"
    );
    assert_eq!(document["copies"][1]["to"], "/tls/client-ca.pem");
    let snippet = document["snippet"].as_str().expect("text");
    assert!(
        snippet.contains("driver-tls-ca=/tls/client-ca.pem\n"),
        "{snippet}"
    );

    for arguments in ["config --list --json", "config rethinkdb --list --json"] {
        let run = self::run(&certctl, arguments).expect_status(0);
        let document: Value = serde_json::from_str(&run.stdout).expect("one JSON document");
        assert_eq!(document["schema"], "certctl/servers/v1");
        let servers = document["servers"].as_array().expect("a list");
        assert!(
            servers.iter().any(|it| it["name"] == "rethinkdb"),
            "{servers:?}"
        );
    }
}

#[test]
fn files_with_secrets_are_private() {
    let certctl = certctl();
    let mode = |path: &Path| fs::metadata(path).expect("written").permissions().mode() & 0o7777;
    for (set, expected) in [("bind=all", 0o644), ("initial-password=random", 0o600)] {
        let path = certctl.home().join(set);
        let arguments = format!(
            "config rethinkdb node1 --set {set} --out {}",
            path.display()
        );
        let _ = run(&certctl, &arguments).expect_status(0);
        assert_eq!(mode(&path), expected, "{set}");
        let first = fs::read_to_string(&path).expect("text");

        let _ = run(&certctl, &arguments).expect_status(4);
        assert_eq!(fs::read_to_string(&path).expect("text"), first);
        let _ = run(&certctl, &format!("{arguments} --force")).expect_status(0);
        let second = fs::read_to_string(&path).expect("text");
        assert_eq!(
            first == second,
            set == "bind=all",
            "secrets are new each time"
        );
    }
}

#[test]
fn a_server_of_the_users_own() {
    let certctl = certctl();
    let folder = certctl.home().join("templates/mine");
    fs::create_dir_all(&folder).expect("made");
    let manifest = "title = \"Mine\"\nversions = [\"1.0\"]\nreload = \"\"\nproof = \"\"\n\
        [[listener]]\nname = \"tls\"\ntitle = \"all\"\n\
        [[format]]\nname = \"conf\"\ntitle = \"its file\"\ntemplate = \"conf.j2\"\n";
    fs::write(folder.join("server.toml"), manifest).expect("written");
    for (template, status, words) in [
        ("key = {{ listener.tls.key | shell }}\n", 0, ""),
        (
            "key = {{ listener.tls.keys }}\n",
            1,
            "templates/mine/conf.j2:1:18: ",
        ),
        ("\n{{ ", 1, "templates/mine/conf.j2:2:"),
    ] {
        fs::write(folder.join("conf.j2"), template).expect("written");
        let run = run(&certctl, "config mine node1 --templates templates").expect_status(status);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        if status == 0 {
            assert!(
                run.stdout.ends_with("pki/certs/node1/key.pem\n"),
                "{}",
                run.stdout
            );
        }
    }
    let list = run(&certctl, "config --list --templates templates");
    assert!(
        list.expect_status(1)
            .stderr
            .contains("templates/mine/conf.j2:2:")
    );
}
