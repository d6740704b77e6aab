//! A CA is rotated under running servers, while clients and nodes shake hands with all of them without a pause.
//!
//! What is typed, what is copied where and in which order is what `rotate-ca plan` says; every server, and every
//! client, loads the files when they have reached it and no sooner, one after the other.

mod load;
mod pair;
mod redis;
mod trio;

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    Identity,
    process::{Server, free_port},
    support::{Certctl, Run, program},
};
use load::{Endpoint, Load, is_taken};
use pair::Pair;
use redis::Redis;
use trio::Trio;

/// A cluster's PKI, and the machines that its files are copied to: a directory each.
struct Site {
    certctl: Certctl,
    machines: tempfile::TempDir,
}

const NODES: [&str; 3] = ["node1", "node2", "node3"];

/// Who is given files, the client last.
const ALL: [&str; 4] = ["node1", "node2", "node3", "app"];

/// Copies to this machine what should be copied to another.
const SCP: &str = "#!/bin/sh\nshift\nfor to; do :; done\nto=${to#root@*:}\nmkdir -p \"${to%/*}\"\n\
    while [ $# -gt 1 ]; do cp -p \"$1\" \"$to\" || exit; shift; done\n";

impl Site {
    fn new() -> Self {
        let site = Self {
            certctl: Certctl::oddly_named(),
            machines: tempfile::tempdir().expect("a temporary directory can be made"),
        };
        site.run(&["issue", "node1", "node2", "node3", "--init", "--local"]);
        site.run(&["issue", "app", "--profile", "client"]);
        let tools = site.tools();
        fs::create_dir(&tools).expect("it is ours");
        symlink(env!("CARGO_BIN_EXE_certctl"), tools.join("certctl")).expect("it is ours");
        fs::write(tools.join("scp"), SCP).expect("it is ours");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(tools.join("scp"), mode).expect("it is ours");
        site
    }

    fn run(&self, arguments: &[&str]) -> String {
        self.certctl.run(arguments).expect_status(0).stdout
    }

    /// Copies everything to everybody for the first time.
    fn lay_out(&self, words: &[&str]) {
        let copies = |command: &&String| command.starts_with("scp");
        for command in self.plan(words).iter().flatten().filter(copies) {
            self.follow(command);
        }
    }

    fn tools(&self) -> PathBuf {
        self.certctl.home().join("tools")
    }

    fn machine(&self, name: &str) -> PathBuf {
        self.machines.path().join(name)
    }

    fn identity(&self, name: &str) -> Identity {
        let file = |file| self.machine(name).join(file);
        Identity {
            cert: file("cert.pem"),
            key: file("key.pem"),
            trust: file("ca.pem"),
        }
    }

    /// The files as they are now, which nobody replaces.
    fn kept(&self, name: &str) -> Identity {
        let to = self.certctl.home().join("kept").join(name);
        fs::create_dir_all(&to).expect("it is ours");
        let keep = |from: &Path| {
            let kept = to.join(from.file_name().expect("a file"));
            fs::copy(from, &kept).expect("it is there");
            kept
        };
        let now = self.identity(name);
        Identity {
            cert: keep(&now.cert),
            key: keep(&now.key),
            trust: keep(&now.trust),
        }
    }

    /// What has to be typed, step by step.
    fn plan(&self, words: &[&str]) -> Vec<Vec<String>> {
        let directory = self.machine("{name}").display().to_string();
        let own = ["rotate-ca", "plan", "--json", "--target-dir", &directory];
        let text = self.run(&[&own, words].concat());
        let plan: Value = serde_json::from_str(&text).expect("JSON");
        let steps = plan["steps"].as_array().expect("steps");
        let commands = |step: &Value| {
            let commands = step["commands"].as_array().expect("commands");
            let text = |it: &Value| it.as_str().expect("a command").to_owned();
            commands.iter().map(text).collect()
        };
        steps.iter().map(commands).collect()
    }

    /// Types a command of the plan; whose files it has copied.
    fn follow(&self, command: &str) -> Option<&'static str> {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut typed = program("sh");
        typed.args(["-c", command]).current_dir(self.certctl.home());
        typed.env("PATH", format!("{}:{path}", self.tools().display()));
        typed.env("CERTCTL_DIR", self.certctl.pki(""));
        typed.env_remove("CERTCTL_NOW");
        drop(Run::of(&mut typed).expect_status(0));
        let is_copied =
            |name: &&str| command.contains(&format!(":{}/", self.machine(name).display()));
        ALL.into_iter()
            .find(is_copied)
            .filter(|_| command.starts_with("scp"))
    }

    /// Follows the whole plan; `reload` has a node take what was copied there, and returns when it has.
    fn rotate(&self, words: &[&str], endpoints: &[Endpoint], reload: impl Fn(&str)) {
        let load = Load::default();
        for name in ALL {
            load.reload(name, &self.identity(name));
        }
        let plan = self.plan(words);
        // With a cross certificate nobody needs a bundle before the switch, and chains change once more before the end.
        let is_crossed = words.contains(&"--cross-sign");
        let count = if is_crossed { 9 } else { 8 };
        assert_eq!(plan.len(), count, "{plan:?}");
        // All pairs, and once more.
        let round = 2 * ALL.len() * endpoints.len();
        let count = load.during(endpoints, || {
            load.wait_for(round);
            for command in plan.iter().flatten() {
                if let Some(name) = self.follow(command) {
                    if NODES.contains(&name) {
                        reload(name);
                    }
                    load.reload(name, &self.identity(name));
                }
                load.wait_for(round);
            }
        });
        count.expect_none_failed();
    }

    /// Who has the old certificate is refused by all, and who trusts the old CA alone refuses them.
    fn has_left_the_old_ca(&self, before: &Identity, endpoints: &[Endpoint]) {
        let after = self.identity("app");
        let shows_old = Identity {
            trust: after.trust.clone(),
            ..before.clone()
        };
        let trusts_old = Identity {
            trust: before.trust.clone(),
            ..after.clone()
        };
        for &endpoint in endpoints {
            assert!(is_taken(&after, endpoint), "{endpoint:?}");
            assert!(
                !is_taken(&shows_old, endpoint),
                "{endpoint:?} trusts the old CA"
            );
            assert!(
                !is_taken(&trusts_old, endpoint),
                "{endpoint:?} shows the old CA"
            );
        }
    }
}

#[test]
fn no_handshake_fails_while_the_ca_of_a_redis_cluster_is_rotated() {
    let site = Site::new();
    let words = ["--server", "redis"];
    site.lay_out(&words);
    let redis = Redis::start(&site);
    let (before, endpoints) = (site.kept("app"), redis.endpoints());
    site.rotate(&words, &endpoints, |name| redis.reload(name));
    assert_eq!(redis.refusals(), [""; 0]);
    site.has_left_the_old_ca(&before, &endpoints);
}

/// Nodes and clients switch one after the other, and those that have not know the old CA alone.
#[test]
fn no_handshake_fails_while_the_ca_of_a_redis_cluster_is_rotated_with_a_cross_certificate() {
    let site = Site::new();
    let words = ["--server", "redis", "--cross-sign"];
    site.lay_out(&words);
    let redis = Redis::start(&site);
    let (before, endpoints) = (site.kept("app"), redis.endpoints());
    site.rotate(&words, &endpoints, |name| redis.reload(name));
    assert_eq!(redis.refusals(), [""; 0]);
    site.has_left_the_old_ca(&before, &endpoints);
}

#[test]
fn no_handshake_fails_while_the_ca_of_nats_and_postgresql_is_rotated() {
    let site = Site::new();
    // Who looks at CRLs needs those of the new CAs, too.
    site.run(&["crl", "--all"]);
    let words = ["--client-ca", "root"];
    site.lay_out(&words);
    let pair = Pair::start(&site);
    let (before, endpoints) = (site.kept("app"), pair.endpoints());
    site.rotate(&words, &endpoints, |name| pair.reload(name));
    site.has_left_the_old_ca(&before, &endpoints);
}

/// Of NATS, which is written in Go, and PostgreSQL, which uses OpenSSL: both read what clients send behind their
/// certificates.
#[test]
fn no_handshake_fails_while_the_ca_of_nats_and_postgresql_is_rotated_with_a_cross_certificate() {
    let site = Site::new();
    let words = ["--client-ca", "root", "--cross-sign"];
    site.lay_out(&words);
    let pair = Pair::start(&site);
    let (before, endpoints) = (site.kept("app"), pair.endpoints());
    site.rotate(&words, &endpoints, |name| pair.reload(name));
    site.has_left_the_old_ca(&before, &endpoints);
}

/// Clients and servers are OpenSSL's own programs; others dial, too.
#[test]
fn no_handshake_fails_while_the_ca_of_three_servers_of_openssl_is_rotated() {
    let site = Site::new();
    site.lay_out(&[]);
    let trio = Trio::start(&site);
    let (before, endpoints) = (site.kept("app"), trio.endpoints());
    site.rotate(&[], &endpoints, |name| trio.reload(name));
    site.has_left_the_old_ca(&before, &endpoints);
}

/// What is noted of a node, and what is told besides.
fn probed(site: &Site, name: &str, server: &str, port: u16) -> (Value, String) {
    let (port, resolved) = (port.to_string(), format!("{name}=127.0.0.1"));
    let words = ["rotate-ca", "ack", name, "--probe", "--server", server];
    let more = ["--port", &port, "--resolve", &resolved, "--json"];
    let run = site.certctl.run(&[&words[..], &more].concat());
    let run = run.expect_status(0);
    let mut document: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let consumers = document["consumers"].as_array_mut().expect("consumers");
    consumers.retain(|it| it["name"] == name);
    (consumers.swap_remove(0), run.stderr)
}

#[test]
fn handshakes_show_who_trusts_the_new_ca() {
    let site = Site::new();
    site.lay_out(&["--server", "redis"]);
    let node = redis::Node::start(&site, "node1");
    let [port, _] = node.ports;
    site.run(&["rotate-ca", "start", "-q"]);
    let bundles = site.plan(&["--server", "redis"])[0].clone();
    let probe = || probed(&site, "node1", "redis.tls", port).0;

    let seen = probe();
    assert_eq!(
        (&seen["trusts"], &seen["seen_by"]),
        (&false.into(), &"probe".into()),
        "{seen}"
    );
    let refused = site.certctl.run(&["rotate-ca", "switch"]).expect_status(4);
    let words = "`node1` has refused a certificate of the new CA";
    assert!(refused.stderr.contains(words), "{refused:?}");

    // What was copied and not loaded does not count.
    for command in &bundles {
        site.follow(command);
    }
    assert_eq!(probe()["trusts"], false);
    node.reload(&site, "node1");
    let seen = probe();
    assert_eq!(
        (&seen["trusts"], &seen["shows"]),
        (&true.into(), &"old".into()),
        "{seen}"
    );

    site.run(&["rotate-ca", "ack", "node2", "node3", "app", "-q"]);
    site.run(&["rotate-ca", "switch", "-q"]);
    let own = site.plan(&["--server", "redis"])[0].clone();
    for command in &own {
        site.follow(command);
    }
    assert_eq!(probe()["shows"], "old");
    node.reload(&site, "node1");
    assert_eq!(probe()["shows"], "new");
}

#[test]
fn who_takes_any_certificate_or_none_shows_nothing() {
    let site = Site::new();
    site.lay_out(&["--server", "redis"]);
    site.run(&["rotate-ca", "start", "-q"]);
    let machine = site.machine("node1");
    for verify in [&["-Verify", "1"][..], &[]] {
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let mut server = program("openssl");
        server
            // It does not end with its own input.
            .args(["s_server", "-www", "-accept", &address])
            .args(verify);
        for (option, file) in [
            ("-cert", "cert.pem"),
            ("-cert_chain", "cert.pem"),
            ("-key", "key.pem"),
        ] {
            server.arg(option).arg(machine.join(file));
        }
        let _server = Server::start(&mut server, port);
        let (seen, told) = probed(&site, "node1", "https", port);
        assert_eq!(
            (&seen["trusts"], &seen["seen_by"]),
            (&Value::Null, &"served".into()),
            "{told}"
        );
        assert!(told.contains("whom it trusts was not seen"), "{told}");
        // It shows its own certificate, and no other's.
        let (seen, told) = probed(&site, "node2", "https", port);
        assert_eq!(seen["seen_by"], Value::Null, "{seen}");
        assert!(told.contains("none of its certificates"), "{told}");
    }
    let (_, told) = probed(&site, "node3", "https", free_port());
    assert!(told.contains("refused"), "{told}");
    // What was shown has left no file, and nobody misses one.
    let found = site.run(&["check", "--fail-on", "info"]);
    assert!(!found.contains("archive"), "{found}");
}
