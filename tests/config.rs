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
    (
        "config rethinkdb node1 --target-dir /a#b",
        2,
        "`#` has a meaning of its own there",
    ),
    (
        "config rethinkdb node1 --as ssh-tunnel --set ssh=-oProxyCommand=x",
        2,
        "take it for an option",
    ),
    (
        "config redis node1 --as flags --set replicaof=--loadmodule",
        2,
        "take it for an option",
    ),
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
fn what_is_written_is_read_back() {
    let certctl = certctl();
    for (arguments, expected) in [
        (
            "redis node1 --set tls-protocols=TLSv1.1",
            "warning: old-protocol",
        ),
        (
            "redis node1 --set tls-protocols=TLSv1.1 --as flags",
            "warning: old-protocol",
        ),
        ("redis node1 --set port=6378", "warning: plain-port"),
        (
            "rethinkdb node1 --set tls-min-protocol=TLSv1",
            "warning: old-protocol",
        ),
    ] {
        let run = run(&certctl, &format!("config {arguments}")).expect_status(0);
        assert!(run.stderr.contains(expected), "{arguments}: {}", run.stderr);
        let run = self::run(&certctl, &format!("config {arguments} --strict")).expect_status(3);
        assert!(run.stderr.contains(expected), "{arguments}: {}", run.stderr);
    }
    // On the node lies what is copied there.
    let key = certctl.pki("certs/node1/key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("its mode is changed");
    for place in ["", "--target-dir /etc/redis/tls"] {
        let run = run(&certctl, &format!("config redis node1 {place}")).expect_status(0);
        let expected = format!("warning: key-mode: {}: mode 0644", key.display());
        assert!(run.stderr.contains(&expected), "{place}: {}", run.stderr);
    }
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

        let other = format!("{first}# mine\n");
        fs::write(&path, &other).expect("writable");
        let _ = run(&certctl, &arguments).expect_status(4);
        assert_eq!(fs::read_to_string(&path).expect("text"), other);
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

#[test]
fn paths_that_leave_their_line_are_not_written() {
    let certctl = certctl();
    for character in [
        "\n", "\r", "\u{1b}", "\u{7f}", "\u{85}", "\u{2028}", "\u{202e}",
    ] {
        let odd = certctl.home().join(format!("a{character}b"));
        fs::create_dir(&odd).expect("made");
        let pki = odd.join("pki");
        let status = std::process::Command::new("cp")
            .args(["-a".as_ref(), certctl.pki("").as_os_str(), pki.as_os_str()])
            .status();
        assert!(status.is_ok_and(|status| status.success()));
        let (pki, odd) = (pki.to_str().expect("UTF-8"), odd.to_str().expect("UTF-8"));
        let out = format!("{odd}/out");
        for arguments in [
            &["--dir", pki, "config", "rethinkdb", "node1"][..],
            &["--dir", pki, "client", "redis", "python", "app"],
            &["config", "rethinkdb", "node1", "--target-dir", odd],
            &["config", "rethinkdb", "node1", "--out", &out],
            &["client", "redis", "python", "app", "--out", &out],
        ] {
            let run = certctl.run(arguments).expect_status(2);
            assert!(
                run.stderr.contains("control character U+"),
                "{}",
                run.stderr
            );
            assert_eq!(run.stdout, "");
            assert!(!Path::new(&out).exists());
        }
        // What only looks goes on.
        for command in ["list", "check"] {
            let _ = certctl.run(&["--dir", pki, command]).expect_status(0);
        }
    }
}

/// Templates of somebody else: what is in them, whether they may hold secrets, how it ends, and what is said.
const FOREIGN: &[(&str, bool, i32, &str)] = &[
    (
        "{{ contents('certs', 'node1', 'cert.pem') | pem }}",
        false,
        0,
        "",
    ),
    (
        "{{ contents('certs', 'node1', 'key.pem') | pem }}",
        true,
        0,
        "",
    ),
    (
        "{{ contents('certs', 'node1', 'key.pem') | pem }}",
        false,
        1,
        "not declared a secret",
    ),
    (
        "{{ contents('certs', 'node2', 'cert.pem') | pem }}",
        true,
        1,
        "a private key lies there",
    ),
    (
        "{{ contents('certs', 'app', 'cert.pem') | pem }}",
        true,
        1,
        "symlink",
    ),
    (
        "{{ contents('ca', 'root', 'key.pem') | pem }}",
        true,
        1,
        "key of a CA",
    ),
    (
        "{{ contents('ca', 'root', './key.pem') | pem }}",
        true,
        1,
        "there is no file `./key.pem`",
    ),
    (
        "{{ contents('certs', '../ca/root', 'key.pem') | pem }}",
        true,
        1,
        "no entry",
    ),
    (
        "{{ contents('..', '..', '../../../etc/passwd') | string }}",
        true,
        1,
        "no entry",
    ),
    (
        "{{ contents('certs', 'node1', '../../ledger.db') | string }}",
        true,
        1,
        "there is no file",
    ),
    (
        "{{ listener.tls.key }}",
        false,
        1,
        "conf.j2:1:12: invalid operation: a value is written as it is",
    ),
    ("{{ listener.tls.key | safe }}", false, 1, "unknown filter"),
    (
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        false,
        1,
        "conf.j2:1:",
    ),
    (
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        false,
        1,
        "steps",
    ),
    ("{% include 'mine/conf.j2' %}", false, 1, "recursion"),
    (
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        false,
        1,
        "recursion",
    ),
    (
        "{{ ('x' * 99999) | word }}{% for a in range(99) %}{{ ('x' * 99999) | word }}{% endfor %}",
        false,
        1,
        "conf.j2:1:1: it makes more than 1048576 octets",
    ),
];

#[test]
fn foreign_templates_stay_in_their_bounds() {
    let certctl = certctl();
    let folder = certctl.home().join("templates/mine");
    fs::create_dir_all(&folder).expect("made");
    // Whoever can write there; the names do not say what it is.
    fs::copy(
        certctl.pki("ca/root/key.pem"),
        certctl.pki("certs/node2/cert.pem"),
    )
    .expect("copied");
    fs::remove_file(certctl.pki("certs/app/cert.pem")).expect("removed");
    std::os::unix::fs::symlink("/etc/passwd", certctl.pki("certs/app/cert.pem")).expect("linked");
    for &(template, secret, status, words) in FOREIGN {
        let manifest = format!(
            "title = \"Mine\"\nversions = [\"1.0\"]\nreload = \"\"\nproof = \"\"\n\
             [[listener]]\nname = \"tls\"\ntitle = \"all\"\n\
             [[format]]\nname = \"conf\"\ntitle = \"f\"\ntemplate = \"conf.j2\"\nsecret = {secret}\n"
        );
        fs::write(folder.join("server.toml"), manifest).expect("written");
        fs::write(folder.join("conf.j2"), template).expect("written");
        let line = "config mine node1 --templates templates --out snippet";
        let run = run(&certctl, line).expect_status(status);
        assert!(run.stderr.contains(words), "{template}: {}", run.stderr);
        let snippet = certctl.home().join("snippet");
        assert_eq!(snippet.exists(), status == 0, "{template}");
        if status == 0 {
            let mode = fs::metadata(&snippet)
                .expect("written")
                .permissions()
                .mode()
                & 0o777;
            assert_eq!(mode, if secret { 0o600 } else { 0o644 }, "{template}");
            fs::remove_file(&snippet).expect("removed");
        }
    }
}
