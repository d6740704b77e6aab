//! What `certctl setup` lays, brought to where it says: the server's own file finds everything there.

use std::{fs, path::Path};

mod support;
use support::Certctl;

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

fn set_up(certctl: &Certctl, server: &str, target: &Path) -> support::Run {
    let target = target.join("{name}");
    let target = target.to_str().expect("text");
    certctl.run(&["setup", "--server", server, "--target-dir", target, "--yes"])
}

#[test]
fn what_is_laid_passes_check_where_it_goes() {
    for (server, file) in SERVERS {
        let certctl = Certctl::at(NOW);
        let home = certctl.home().to_owned();
        let target = home.join("nodes");
        let _ = set_up(&certctl, server, &target).expect_status(0);
        // As the manual has it, with this machine for the nodes.
        let copied = std::process::Command::new("sh")
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
        let again = set_up(&certctl, server, &target).expect_status(0);
        assert!(again.stdout.contains(" unchanged"), "{}", again.stdout);
        assert!(again.stdout.contains("nothing to do"), "{}", again.stdout);
        let next = fs::read_to_string(home.join("out/next.md")).expect("it is there");
        assert!(next.contains("root@node3"), "{next}");
    }
}
