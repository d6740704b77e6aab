//! What `certctl setup` lays, brought to where it says: the server's own file finds everything there.

use std::{
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
    ("haproxy", "haproxy.cfg"),
    ("nginx", "node1.conf"),
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
            let path = path.to_str().expect("text");
            let _ = certctl
                .run(&["check", path, "--server", server])
                .expect_status(0);
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
    ("chown", "exec true"),
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

#[test]
fn the_pages_lines_bring_it_there() {
    for heading in ["BY SCP", "BY RSYNC"] {
        let (certctl, nodes) = scene();
        let stand_ins = certctl.home().join("stand-ins");
        fs::create_dir(&stand_ins).expect("writable");
        for (name, script) in STAND_INS {
            let path = stand_ins.join(name);
            fs::write(&path, format!("#!/bin/bash\n{script}\n")).expect("writable");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("one's own");
        }
        let mut shell = program("sh");
        let path = std::env::var("PATH").expect("there is one");
        let shell = shell
            .env("PATH", format!("{}:{path}", stand_ins.display()))
            .env("NODES", &nodes)
            .current_dir(certctl.home())
            .args(["-euc", &lines_of(heading)]);
        for node in ["node1", "node2", "node3"] {
            let folder = nodes.join(node).join("etc/redis/tls");
            // rsync comes after a renewal, into what is there.
            if heading == "BY RSYNC" {
                fs::create_dir(folder).expect("writable");
            }
        }
        let _ = Run::of(shell).expect_status(0);
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
