//! What `certctl setup` lays, brought to where it says: the server's own file finds everything there.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

mod support;
use support::{Certctl, Run, peers, program};

const NOW: &str = "2030-01-01T00:00:00Z";

/// Servers, with the file of a node that is looked at.
const SERVERS: &[(&str, &str)] = &[
    ("apache", "node1.conf"),
    ("emqx", "emqx.conf"),
    ("etcd", "etcd"),
    ("haproxy", "haproxy.cfg"),
    ("kafka", "server.properties"),
    ("mariadb", "99-tls.cnf"),
    ("memcached", "memcached.conf"),
    ("mongodb", "mongod.conf"),
    ("nats", "nats-server.conf"),
    ("nginx", "node1.conf"),
    ("openbao", "openbao.hcl"),
    ("opensearch", "opensearch.yml"),
    ("patroni", "config.yml"),
    ("pgbouncer", "tls.ini"),
    ("postgresql", "tls.conf"),
    ("rabbitmq", "rabbitmq.conf"),
    ("redis", "redis.conf"),
    ("rethinkdb", "node1.conf"),
    ("rqlite", "rqlite.service"),
    ("stunnel", "node1.conf"),
];

fn set_up(certctl: &Certctl, server: &str, target: &str) -> Run {
    certctl.run(&["setup", "--server", server, "--target-dir", target, "--yes"])
}

#[test]
fn what_is_laid_passes_check_where_it_goes() {
    for (server, file) in SERVERS {
        let certctl = Certctl::at(NOW);
        let home = certctl.home().to_owned();
        let target = home.join("nodes");
        let each = target.join("{name}");
        let each = each.to_str().expect("text");
        let _ = set_up(&certctl, server, each).expect_status(0);
        // As the manual has it, with this machine for the nodes.
        let copied = Command::new("sh")
            .args(["-ec", "for node in node1 node2 node3; do install -d -m 0700 nodes/$node; cp -p out/$node/*.pem nodes/$node/; done"])
            .current_dir(&home)
            .status();
        assert!(copied.expect("sh").success(), "{server}");
        for node in ["node1", "node2", "node3"] {
            let path = home
                .join("out")
                .join(node)
                .join(file.replace("node1", node));
            // What is placed beside the certificates lies in the node's folder still.
            let text = fs::read_to_string(&path).expect("it was laid");
            let users = path.with_file_name("auth.json").display().to_string();
            fs::write(&path, text.replace("/etc/rqlite/auth.json", &users)).expect("it is ours");
            let path = path.to_str().expect("text");
            let _ = certctl
                .run(&["check", path, "--server", server])
                .expect_status(0);
            fs::write(path, text).expect("it is ours");
            let _ = certctl
                .run(&[
                    "check",
                    target.join(node).join("key.pem").to_str().expect("text"),
                ])
                .expect_status(0);
        }
        let again = set_up(&certctl, server, each).expect_status(0);
        assert!(again.stdout.contains(" unchanged"), "{}", again.stdout);
        assert!(again.stdout.contains("nothing to do"), "{}", again.stdout);
        let next = fs::read_to_string(home.join("out/next.md")).expect("it is there");
        assert!(next.contains("root@node3"), "{next}");
    }
}

/// What stands for the programs that reach a node: a folder of its name is its root.
const STAND_INS: &[(&str, &str)] = &[
    (
        "ssh",
        "node=${1#root@}; shift; exec sh -ec \"$(printf %s \"$*\" | sed \"s,/etc/,$NODES/$node/etc/,g\")\"",
    ),
    (
        "scp",
        "to=${!#}; to=${to#root@}; exec cp \"${@:1:$#-1}\" \"$NODES/${to%%:*}${to#*:}\"",
    ),
    (
        "rsync",
        "to=${!#}; to=${to#root@}; PATH=/usr/bin exec rsync \"${@:1:$#-1}\" \"$NODES/${to%%:*}${to#*:}\"",
    ),
    (
        "install",
        "while [ \"$1\" = -o ] || [ \"$1\" = -g ]; do shift 2; done; PATH=/usr/bin exec install \"$@\"",
    ),
    ("a2enmod", "exec true"),
    ("a2ensite", "exec true"),
    ("chown", "exec true"),
    ("nginx", "exec true"),
    ("useradd", "exec true"),
    ("systemctl", "echo \"$*\" >>\"$NODES/restarted\""),
];

/// Lines that a chapter of the manual has to type, or to write into a file.
fn lines_of(heading: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/certctl-deploy.7");
    let page = fs::read_to_string(page).expect("readable");
    let chapter = page
        .split(&format!(".SH \"{heading}\""))
        .nth(1)
        .expect(heading);
    let lines = chapter
        .split(".EX\n")
        .nth(1)
        .and_then(|it| it.split(".EE").next());
    lines.expect(heading).replace("\\-", "-")
}

/// A cluster that was set up, and folders for the roots of its nodes.
fn scene() -> (Certctl, PathBuf) {
    let certctl = Certctl::at(NOW);
    let _ = set_up(&certctl, "redis", "/etc/redis/tls").expect_status(0);
    let nodes = certctl.home().join("nodes");
    for node in ["node1", "node2", "node3"] {
        fs::create_dir_all(nodes.join(node).join("etc/redis")).expect("writable");
    }
    (certctl, nodes)
}

/// Each node has its own files, and all that its configuration names.
fn expect_deployed(certctl: &Certctl, nodes: &Path) {
    for node in ["node1", "node2", "node3"] {
        let there = nodes.join(node).join("etc/redis/tls");
        for file in ["cert.pem", "key.pem", "ca.pem", "client-ca.pem"] {
            let [laid, found] = [certctl.home().join("out").join(node), there.clone()]
                .map(|folder| fs::read(folder.join(file)).expect(file));
            assert_eq!(laid, found, "{node}: {file}");
        }
        let key = fs::metadata(there.join("key.pem")).expect("it is there");
        assert_eq!(key.permissions().mode() & 0o777, 0o600, "{node}");
    }
}

/// Types lines into a shell for which folders are nodes.
fn follow(certctl: &Certctl, nodes: &Path, lines: &str) -> Run {
    let stand_ins = certctl.home().join("stand-ins");
    fs::create_dir_all(&stand_ins).expect("writable");
    for (name, script) in STAND_INS {
        let path = stand_ins.join(name);
        fs::write(&path, format!("#!/bin/bash\n{script}\n")).expect("writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("one's own");
    }
    let path = std::env::var("PATH").expect("there is one");
    let mut shell = program("sh");
    let shell = shell
        .env("PATH", format!("{}:{path}", stand_ins.display()))
        .env("NODES", nodes)
        .current_dir(certctl.home())
        .args(["-euc", lines]);
    Run::of(shell)
}

/// What to type for the nodes, as next.md has it.
fn next(certctl: &Certctl) -> String {
    let text = fs::read_to_string(certctl.home().join("out/next.md")).expect("it is there");
    let chapters = text.split("\n## ").filter(|it| it.starts_with("node"));
    let blocks = chapters.filter_map(|it| it.split("```sh\n").nth(1)?.split("```").next());
    blocks.collect()
}

/// Every file below a folder, with what stands in it.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("restarted") {
                all.insert(path.clone(), fs::read(path).expect("readable"));
            }
        }
    }
    all
}

/// Where a server's package has folders.
const FOLDERS: &[&str] = &[
    "apache2/sites-available",
    "default",
    "emqx",
    "haproxy",
    "mosquitto/conf.d",
    "mysql/mariadb.conf.d",
    "nginx/conf.d",
    "postgresql/17/main/conf.d",
    "redis",
    "rethinkdb/instances.d",
    "rqlite",
    "stunnel",
    "systemd/system",
];

/// What is laid is read back, and all that it names is there: a file of certificate and key, too.
#[test]
fn nothing_that_is_laid_is_said_to_be_missing() {
    let shown = Certctl::at(NOW).run(&["config", "--list", "--json"]);
    let known: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON");
    let names = known["servers"].as_array().expect("a list").iter();
    let names: Vec<_> = names.filter_map(|it| it["name"].as_str()).collect();
    assert!(names.len() > 15, "{names:?}");
    for server in names {
        let run = Certctl::at(NOW).run(&["setup", "--server", server, "--yes"]);
        assert!(!run.stderr.contains("file-missing"), "{server}: {run:?}");
        assert!(run.stderr.contains("next.md"), "{server}: {run:?}");
    }
}

/// Somebody who is not sure whether it was done does it again.
#[test]
fn next_md_may_be_followed_twice() {
    // What these two are told of themselves is no matter of their files.
    let others = ["cassandra", "mosquitto"];
    for server in SERVERS.iter().map(|(server, _)| *server).chain(others) {
        let certctl = Certctl::at(NOW);
        let _ = certctl
            .run(&["setup", "--server", server, "--yes"])
            .expect_status(0);
        let nodes = certctl.home().join("nodes");
        for (node, folder) in ["node1", "node2", "node3"]
            .iter()
            .flat_map(|node| FOLDERS.iter().map(move |folder| (node, folder)))
        {
            fs::create_dir_all(nodes.join(node).join("etc").join(folder)).expect("writable");
        }
        let emqx = nodes.join("node1/etc/emqx/emqx.conf");
        fs::write(&emqx, "node.name = own\n").expect("writable");
        let lines = next(&certctl);
        let _ = follow(&certctl, &nodes, &lines).expect_status(0);
        let once = tree(&nodes);
        assert!(once.len() > 9, "{server}: {lines}");
        let _ = follow(&certctl, &nodes, &lines).expect_status(0);
        assert!(tree(&nodes) == once, "{server}: {lines}");
        assert!(once[&emqx].starts_with(b"node.name = own\n"), "{server}");
    }
}

#[test]
fn the_pages_lines_bring_it_there() {
    for heading in ["BY SCP", "BY RSYNC"] {
        let (certctl, nodes) = scene();
        for node in ["node1", "node2", "node3"] {
            let folder = nodes.join(node).join("etc/redis/tls");
            // rsync comes after a renewal, into what is there.
            if heading == "BY RSYNC" {
                fs::create_dir(folder).expect("writable");
            }
        }
        let _ = follow(&certctl, &nodes, &lines_of(heading)).expect_status(0);
        expect_deployed(&certctl, &nodes);
        let restarted = fs::read_to_string(nodes.join("restarted")).unwrap_or_default();
        let expected = if heading == "BY SCP" { 3 } else { 0 };
        assert_eq!(restarted.lines().count(), expected, "{restarted}");
    }
}

/// The manual's playbook, with folders for nodes: it copies all, and restarts only where something differs.
#[test]
fn the_playbook_restarts_where_something_differs() {
    let (certctl, nodes) = scene();
    let restarts = nodes.join("restarted");
    let playbook = lines_of("BY ANSIBLE")
        .replace(
            "/etc/",
            &format!("{}/{{{{ inventory_hostname }}}}/etc/", nodes.display()),
        )
        .replace("become: true", "become: false\n  gather_facts: false")
        .replace("        owner: redis\n", "")
        .replace(
            "ansible.builtin.service:\n        name: redis-server\n        state: restarted",
            &format!(
                "ansible.builtin.shell: echo {{{{ inventory_hostname }}}} >>{}",
                restarts.display()
            ),
        );
    fs::write(certctl.home().join("deploy.yaml"), playbook).expect("writable");
    let play = || {
        let mut ansible = program("ansible-playbook");
        let ansible = ansible
            .current_dir(certctl.home())
            .env("HOME", certctl.home())
            .env(
                "ANSIBLE_PYTHON_INTERPRETER",
                peers().join("venv/bin/python"),
            )
            .args(["-i", "node1,node2,node3,", "-c", "local", "deploy.yaml"]);
        let _ = Run::of(ansible).expect_status(0);
        fs::read_to_string(&restarts).unwrap_or_default()
    };
    assert_eq!(play(), "node1\nnode2\nnode3\n");
    expect_deployed(&certctl, &nodes);
    assert_eq!(play(), "node1\nnode2\nnode3\n", "nothing differs");
    let _ = certctl.run(&["renew", "node2", "--force"]).expect_status(0);
    let _ = certctl
        .run(&[
            "setup",
            "--server",
            "redis",
            "--target-dir",
            "/etc/redis/tls",
            "--yes",
            "--force",
        ])
        .expect_status(0);
    assert_eq!(play(), "node1\nnode2\nnode3\nnode2\n", "one was renewed");
}
